"""The files of TensorFlow.js that a page brings along: from npm, or from a folder, and always these very bytes."""

import base64
import hashlib
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ...contract.errors import InputError, MissingExtraError, ModelportError
from ...contract.narration import Narrator
from ...runtimes.tfjs.tfjs_packages import PACKAGES, VERSION, find_packages

#: npm's integrity of each tarball, as registry.npmjs.org told it on 2026-11-21 (tests/node/package-lock.json).
INTEGRITY = {
    "tfjs-core": "sha512-LEkOyzbknKFoWUwfkr59vSB68DMJ4cjwwHgicXN0DUi3a0Vh1Er3JQqCI1Hl86GGZQvY8ezVrtDIvqR1ZFW55A==",
    "tfjs-converter": "sha512-PT43MGlnzIo+YfbsjM79Lxk9lOq6uUwZuCc8rrp0hfpLjF6Jv8jS84u2jFb+WpUeuF4K33ZDNx8CjiYrGQ2trQ==",
    "tfjs-backend-cpu": (
        "sha512-1u0FmuLGuRAi8D2c3cocHTASGXOmHc/4OvoVDENJayjYkS119fcTcQf4iHrtLthWyDIPy3JiPhRrZQC9EwnhLw=="
    ),
    "tfjs-backend-wasm": (
        "sha512-/IYhReRIp4jg/wYW0OwbbJZG8ON87mbz0PgkiP3CdcACRSvUN0h8rvC0O3YcDtkTQtFWF/tcXq/KlVDyV49wmA=="
    ),
}


@dataclass(frozen=True, slots=True)
class VendoredFile:
    """One file of a package: its name in dist/, which it keeps, and the sha256 that it has in the tarball above."""

    package: str
    name: str
    sha256: str

    @property
    def is_script(self) -> bool:
        """Whether the page names it in a <script>; the others are fetched by those."""
        return self.name.endswith(".js")


#: In the order in which a page loads them. The multi-threaded wasm is left out: it needs headers that isolate the page.
FILES = (
    VendoredFile("tfjs-core", "tf-core.min.js", "0924438788ff7da57b14d0f7c45a05d81611a5a4b52653da6d065e86d348757c"),
    VendoredFile(
        "tfjs-converter", "tf-converter.min.js", "0cf35a2982b637997e8cae097c991c0123b7d5393b3d45730aa732b907c6cd1b"
    ),
    VendoredFile(
        "tfjs-backend-cpu", "tf-backend-cpu.min.js", "4f232e90455e04cc5f69a691295d07a881a4ad93d7f229598459b9b533259d83"
    ),
    VendoredFile(
        "tfjs-backend-wasm",
        "tf-backend-wasm.min.js",
        "691bbec0ef8b5a7f17f212e9c5d85832030f90d030b46e99acb4dea1fb16f009",
    ),
    VendoredFile(
        "tfjs-backend-wasm",
        "tfjs-backend-wasm-simd.wasm",
        "77ebb28a6d34f371dbbf2086b7f2de8994acd8ea5a3cf1fa24d2c26c840cac7b",
    ),
    VendoredFile(
        "tfjs-backend-wasm",
        "tfjs-backend-wasm.wasm",
        "70a5d516060464e5269f01c74bac1772d6b8ab6cb612acf16b5cdaf61f78d892",
    ),
)

#: Seconds that npm may take for 15 MB.
NPM_SECONDS = 300.0


def vendored_files(given: Path | None, narrator: Narrator) -> dict[str, bytes]:
    """Return name to content of FILES.

    They come from `given`; else from the node_modules folder that `modelport validate` runs models with; else from npm.

    Args:
        given: a node_modules folder, or one that holds the tarballs of `npm pack`.
        narrator: told where they come from.

    Raises:
        InputError: a file is missing or has other bytes, a tarball another integrity, or npm failed.
        MissingExtraError: npm is needed and not installed.
    """
    if given is not None:
        return _from_folder(given)
    try:
        folder, version = find_packages()
    except ModelportError:
        folder, version = None, ""
    if folder is not None and version == VERSION:
        narrator.say(f"TensorFlow.js {VERSION} from {folder}")
        return _from_folder(folder)
    with TemporaryDirectory() as downloads:
        narrator.say(f"TensorFlow.js {VERSION} from npm: 15 MB, of which 1.7 MB are kept")
        _npm_pack(Path(downloads))
        return _from_tarballs(Path(downloads))


def npm_command() -> list[str]:
    """Return the command that puts the tarballs into the current folder."""
    return ["npm", "pack", "--silent", *(f"@tensorflow/{name}@{VERSION}" for name in PACKAGES)]


def _from_folder(folder: Path) -> dict[str, bytes]:
    if any(folder.glob("tensorflow-tfjs-*.tgz")):
        return _from_tarballs(folder)
    root = folder / "node_modules" if (folder / "node_modules").is_dir() else folder
    return {file.name: _read(root / "@tensorflow" / file.package / "dist" / file.name, file) for file in FILES}


def _read(path: Path, file: VendoredFile) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused(path, f"file of {file.package} is missing", error.strerror or error) from error
    return _checked(data, file, path)


def _checked(data: bytes, file: VendoredFile, where: Path) -> bytes:
    if (found := hashlib.sha256(data).hexdigest()) != file.sha256:
        raise _refused(where, f"not the {file.name} of TensorFlow.js {VERSION}", f"sha256 {found}", file.sha256)
    return data


def _refused(where: Path, what: str, received: object, expected: str | None = None) -> InputError:
    fix = f"in an empty folder: {' '.join(npm_command())}; then --tfjs THAT_FOLDER"
    return InputError(what, where=where, expected=expected and f"sha256 {expected}", received=received, fix=fix)


def _from_tarballs(folder: Path) -> dict[str, bytes]:
    found = {}
    for package in PACKAGES:
        path = folder / f"tensorflow-{package}-{VERSION}.tgz"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise _refused(path, "tarball of npm is missing", error.strerror or error) from error
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
        if integrity != INTEGRITY[package]:
            raise InputError(
                "tarball is not the one that npm published", where=path, expected=INTEGRITY[package], received=integrity
            )
        with tarfile.open(path) as archive:  # its bytes are known: nothing in it is hostile
            for file in (file for file in FILES if file.package == package):
                member = archive.extractfile(f"package/dist/{file.name}")
                assert member is not None
                found[file.name] = _checked(member.read(), file, path)
    return {file.name: found[file.name] for file in FILES}


def _npm_pack(folder: Path) -> None:
    """Let npm put the tarballs into `folder`; no script of a package is run."""
    name, *arguments = npm_command()
    command = [str(_find_npm(name)), *arguments, "--ignore-scripts"]
    try:  # in that folder, so that no .npmrc of where one stands counts
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=NPM_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _npm_failed(str(error)) from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise _npm_failed("\n".join(lines[:3]) or f"exit code {done.returncode}")


def _npm_failed(received: str) -> InputError:
    return InputError(
        "TensorFlow.js cannot be fetched from npm",
        received=received,
        fix=f"where there is a network: {' '.join(npm_command())}; then --tfjs with the folder of the four files",
    )


def _find_npm(name: str) -> Path:
    """Return the npm that PATH names, never one of the current folder."""
    file = f"{name}.cmd" if sys.platform == "win32" else name
    for folder in (folder for folder in map(Path, os.get_exec_path()) if folder.is_absolute()):
        if (folder / file).is_file() and os.access(folder / file, os.X_OK):
            return folder / file
    raise MissingExtraError(
        "npm", needed_for="fetching TensorFlow.js", fix="install Node.js from https://nodejs.org, or give --tfjs FOLDER"
    )
