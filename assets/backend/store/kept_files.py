"""What was delivered to a backend, and what lay there before, kept by content: STORE/<first 12 of sha256>/NAME."""

import shutil
from pathlib import Path

from ....contract.errors import InputError
from ....contract.files import disk
from ....contract.files.atomic_write import atomic_folder, place, staged
from ....contract.files.hashing import files_below, sha256_of
from ....contract.files.journal import lies_there
from .backend_record import STORE


def kept_path(backend: Path, digest: str, name: str) -> Path:
    """Return where content is kept."""
    return backend / STORE / digest[:12] / name


def keep(backend: Path, source: Path, digest: str, name: str) -> Path:
    """Keep a copy of a file or folder with that sha256, as `name`; one that is kept already, whole, is left as it is.

    Raises:
        InputError: it is another one by now, or the disk is full.
    """
    path = kept_path(backend, digest, name)
    if lies_there(path, digest):
        return path
    if source.is_dir():
        with atomic_folder(path) as part:
            copy_whole(source, part)
            _check(part, digest, source)
    else:
        with staged(path) as part:
            copy_whole(source, part)
            _check(part, digest, source)
            place(part, path)
    return path


def kept(backend: Path, digest: str, name: str) -> Path:
    """Return what is kept, whole.

    Raises:
        InputError: it is gone, or damaged.
    """
    path = kept_path(backend, digest, name)
    found = sha256_of(path) if path.exists() else "nothing"
    if found != digest:
        raise InputError(
            "what was kept is not there any more",
            where=path,
            expected=f"sha256 {digest}",
            received=found,
            fix="put a copy of it there; or deliver again from its run",
        )
    return path


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file with its rights, or what is in a folder into an empty one."""
    if not source.is_dir():
        disk.copy_file(source, target)
        shutil.copymode(source, target)
        return
    for file in files_below(source):
        inner = target / file.relative_to(source)
        disk.make_folder(inner.parent)
        disk.copy_file(file, inner)


def _check(part: Path, digest: str, source: Path) -> None:
    found = sha256_of(part)
    if found != digest:
        raise InputError(
            "file changed while it was read",
            where=source,
            expected=f"sha256 {digest}",
            received=found,
            fix="wait until nobody writes it, and run the same command again",
        )
