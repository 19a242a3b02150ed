"""The files of a site, by name: the page, the model, the contract, TensorFlow.js, and what holds them together."""

import base64
import hashlib
import html
import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ...contract.files.hashing import files_below
from ...contract.model_contract.model_contract import ModelContract
from ...runtimes.tfjs.tfjs_packages import VERSION
from ..assembly.text_assembler import AssemblyOptions
from .vendored_tfjs import FILES

#: What the page is made of: everything in this folder.
PAGE = Path(__file__).with_name("page")

#: Written last, in this order, so that a page that is replaced while somebody loads it is the old one or the new one.
_FILLED = ("page.json", "manifest.webmanifest", "index.html", "service_worker.js")

#: The sign of the page on a tab and on a phone: three bars.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="12" fill="#1f5fa8"/>'
    '<path d="M14 20h36M14 32h24M14 44h12" stroke="#fff" stroke-width="7" stroke-linecap="round"/></svg>'
)

Content = bytes | Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a site is made from.

    Attributes:
        title: of the page; any text.
        contract: of the artifact that is delivered.
        model: the artifact's folder, with model.json in it.
        about: one line for the foot of the page: which model, and its verdict.
        assembly: how frames become text.
        vendored: name to content, from `vendored_files`.
    """

    title: str
    contract: ModelContract
    model: Path
    about: str
    assembly: AssemblyOptions
    vendored: dict[str, bytes]

    @property
    def kind(self) -> str:
        """Whether one draws ("doodle") or shows ("photo")."""
        return "photo" if self.contract.drawing is None else "doodle"


def site_files(site: Site) -> dict[str, Content]:
    """Return path to content of all files, in the order in which they are to be written."""
    public = replace(site.contract, provenance=replace(site.contract.provenance, dataset=None))  # no path of a machine
    labels = site.contract.first_classification.labels
    files: dict[str, Content] = {f"vendor/{name}": data for name, data in site.vendored.items()}
    files |= {f"model/{path.relative_to(site.model).as_posix()}": path for path in files_below(site.model)}
    files["contract.json"] = _json(public.to_json())
    files["labels.txt"] = "".join(f"{label}\n" for label in labels).encode()
    files |= {path.name: _text(path) for path in sorted(PAGE.iterdir()) if path.name not in _FILLED}
    files["icon.svg"] = ICON.encode()
    files["page.json"] = _json(_page(site, files))
    files["manifest.webmanifest"] = _json(_manifest(site))
    files["index.html"] = _index(site, files)
    files["service_worker.js"] = _service_worker(files)
    return files


def version_of(files: dict[str, Content]) -> str:
    """Return the version of a site: a hash of the names and bytes of all its files but the service worker."""
    hashed = {name: integrity(content) for name, content in files.items() if name != "service_worker.js"}
    return hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()[:16]


def integrity(content: Content) -> str:
    """Return "sha256-..." as browsers compare it."""
    data = content if isinstance(content, bytes) else content.read_bytes()
    return "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode()


def _page(site: Site, files: dict[str, Content]) -> dict[str, Any]:
    options = site.assembly
    return {
        "kind": site.kind,
        "model": "model/model.json",
        "tfjs": VERSION,
        "about": site.about,
        "assembly": asdict(options),
        "integrity": {name: integrity(content) for name, content in files.items() if name.startswith("model/")},
    }


def _manifest(site: Site) -> dict[str, Any]:
    return {
        "name": site.title,
        "short_name": site.title[:24],
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "icons": [{"src": "icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }


def _index(site: Site, files: dict[str, Content]) -> bytes:
    """Fill index.html in one pass, so that nothing in a title is taken for a place to fill."""
    other = "doodle" if site.kind == "photo" else "photo"
    text = _text(PAGE / "index.html").decode()
    text = re.sub(rf"\[\[{other}\]\]\n.*?\[\[/{other}\]\]\n", "", text, flags=re.DOTALL)
    text = re.sub(rf"\[\[/?{site.kind}\]\]\n", "", text)
    names = [f"vendor/{file.name}" for file in FILES if file.is_script]
    script = '<script defer src="{}" integrity="{}"></script>'
    filled = {
        "title": html.escape(site.title),
        "scripts": "\n".join(script.format(name, integrity(files[name])) for name in names),
        **{f"integrity:{name}": integrity(files[name]) for name in ("style.css", "main.js")},
    }
    return re.sub(r"\[\[([a-z:._]+)\]\]", lambda found: filled[found[1]], text).encode()


def _service_worker(files: dict[str, Content]) -> bytes:
    kept = {name: integrity(content) for name, content in files.items()}
    text = _text(PAGE / "service_worker.js").decode()
    return text.replace("[[version]]", version_of(files)).replace("[[files]]", json.dumps(kept, indent=2)).encode()


def _text(path: Path) -> bytes:
    r"""Return a file of ours with `\n` line ends, whatever a checkout made of them."""
    return path.read_bytes().replace(b"\r\n", b"\n")


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
