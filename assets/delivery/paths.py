"""Paths inside somebody's folder: a list of names, from us or from a file there, never leads out of it."""

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ...contract.errors import InputError

#: What Windows takes for a device, with any ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def check_names(names: Iterable[str], where: object) -> None:
    """Refuse names that are absolute, lead upwards, or mean something else on Windows; and two that are one there.

    Raises:
        InputError: naming the first five.
    """
    names = list(names)
    wrong = [name for name in names if not _is_plain(name)]
    seen: dict[str, str] = {}
    wrong += [name for name in names if seen.setdefault(name.casefold(), name) != name]
    if wrong:
        raise InputError(
            "path does not stay in its folder",
            where=where,
            expected="relative paths with forward slashes, such as assets/model/labels.txt, each once",
            received="\n".join(repr(name[:120]) for name in wrong[:5]),
        )


def place_in(target: Path, name: str) -> Path:
    """Return where `name` lies below `target`.

    Raises:
        InputError: a link in between leads out of it, or a file is where a folder should be.
    """
    path = target / name
    root = target.resolve()
    for folder in path.relative_to(target).parents[:-1]:
        inner = target / folder
        if inner.exists() and not inner.is_dir():
            raise InputError("a file is where a folder should be", where=inner, fix="move it away")
        if not inner.resolve().is_relative_to(root):
            raise InputError(
                "path leads out of the folder by a link", where=inner, received=inner.resolve(), fix="remove the link"
            )
    if path.is_dir() and not path.is_symlink():
        raise InputError("a folder is where a file should be", where=path, fix="move it away")
    return path


def _is_plain(name: str) -> bool:
    parts = name.split("/")
    return (
        0 < len(name) <= 500
        and name.isprintable()
        and not set(name) & set('\\:*?"<>|')
        and all(part not in ("", ".", "..") and not part.endswith((" ", ".")) for part in parts)
        and not any(_DEVICES.fullmatch(part) for part in parts)
        and PurePosixPath(name).as_posix() == name
    )
