"""Several files, or a folder, replaced by one step: the paths are links into a folder whose own link is flipped.

BACKEND/trained_model_graph.pb -> .modelport/backend/live/TARGET/trained_model_graph.pb
BACKEND/.modelport/backend/live/TARGET -> ../generations/ID, a folder of copies
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ....contract.errors import InputError
from ....contract.files import disk
from ....contract.files.atomic_write import atomic_folder, staged
from ....contract.files.hashing import sha256_of
from ....contract.files.journal import ABSENT
from .backend_record import STORE
from .kept_files import copy_whole, kept


def is_linked(backend: Path, path: str, target: str) -> bool:
    """Whether a path is the link into the generations of `target`."""
    return (backend / path).is_symlink() and str((backend / path).readlink()) == _link_text(backend, path, target)


def foreign_links(backend: Path, paths: Iterable[str], target: str) -> dict[str, str]:
    """Return the text of each link that is not ours."""
    links = [path for path in paths if (backend / path).is_symlink() and not is_linked(backend, path, target)]
    return {path: str((backend / path).readlink()) for path in links}


def restore_links(backend: Path, target: str, links: dict[str, str], files: dict[str, str]) -> None:
    """Let the owner's own links be there again that still lead to the content that lies there."""
    for path, text in links.items():
        leads_to = (backend / path).parent / text
        is_ours = (backend / STORE).resolve() in leads_to.resolve().parents  # it would lead to itself
        if not is_linked(backend, path, target) or is_ours or not leads_to.exists():
            continue
        if sha256_of(leads_to) == files[path]:
            _make_link(backend / path, text)


def check_can_link(backend: Path, paths: list[str]) -> None:
    """Make sure, before anything is changed, that each path can become a link.

    Raises:
        InputError: one is a folder, or the system makes no links here.
    """
    folders = [path for path in paths if (backend / path).is_dir() and not (backend / path).is_symlink()]
    if folders:
        raise InputError(
            "a folder cannot be replaced in one step",
            where=backend / folders[0],
            expected="a link to a folder, which is flipped",
            fix=f"stop the service, then: mv {folders[0]} {folders[0]}.first && ln -s {Path(folders[0]).name}.first "
            f"{folders[0]}; or deliver a frozen graph, which is one file",
        )
    probe = backend / STORE / "probe"
    try:
        with staged(probe) as part:
            part.symlink_to("nowhere")
    except (OSError, NotImplementedError) as error:
        raise InputError(
            "links cannot be made here",
            where=backend,
            expected="a file system with symbolic links, and the right to make them",
            received=error,
            fix="stop the service, and replace the files by hand; or deliver what keeps the labels: one file",
        ) from error


def flip_generation(
    backend: Path, target: str, before: dict[str, str], after: dict[str, str], linked: list[str]
) -> None:
    """Replace the content of `linked` paths from `before` to `after`, all at once.

    Args:
        backend: its folder.
        target: whose generations these are.
        before, after: path to sha256 of what is kept.
        linked: paths of them that are, or become, links.
    """
    missing = [path for path in linked if not is_linked(backend, path, target)]
    if missing:  # first the same content by way of links, one path after the other; each step leaves the pair as it was
        _flip(_live(backend, target), _generation(backend, before))
        for path in missing:
            _make_link(backend / path, _link_text(backend, path, target))
    _flip(_live(backend, target), _generation(backend, after))


def _generation(backend: Path, files: dict[str, str]) -> Path:
    """Return the folder of copies, made if it is not there; one that somebody wrote into is made anew."""
    digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    folder = backend / STORE / "generations" / digest[:12]
    held = {path: digest for path, digest in files.items() if digest != ABSENT}
    if folder.is_dir() and held == {path: sha256_of(folder / path) for path in held if (folder / path).exists()}:
        return folder
    with atomic_folder(folder) as part:
        for path, digest in held.items():
            source, inner = kept(backend, digest, Path(path).name), part / path
            disk.make_folder(inner if source.is_dir() else inner.parent)
            copy_whole(source, inner)
    return folder


def _live(backend: Path, target: str) -> Path:
    return backend / STORE / "live" / target.replace("/", "__")


def _link_text(backend: Path, path: str, target: str) -> str:
    return os.path.relpath(_live(backend, target) / path, (backend / path).parent)


def _flip(link: Path, folder: Path) -> None:
    text = os.path.relpath(folder, link.parent)
    if link.is_dir() and not link.is_symlink():  # a copy of the backend that followed the links; nothing leads here
        disk.make_folder(link.parents[1] / "aside")
        disk.rename(link, Path(tempfile.mkdtemp(dir=link.parents[1] / "aside"), link.name))
    if not link.is_symlink() or str(link.readlink()) != text:
        _make_link(link, text)


def _make_link(path: Path, text: str) -> None:
    """Let `path` become a link, in one step whatever file or link has the name."""
    with staged(path) as part:
        part.symlink_to(text)
        disk.reached("link", part)
        disk.rename(part, path)
        disk.sync_folder(path.parent)
