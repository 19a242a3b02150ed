"""Paths inside a folder: a list of names, from us or from a file that may come from anywhere, never leads out of it.

Two rules. A name that modelport gave is one place on every system: `check_inner_paths`. A name that the owner of a
folder gave, whose Linux may hold `aux`, `a:b` and `x.`, is only kept from leading out: `stays_inside`.
"""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PureWindowsPath

from ..errors import InputError

#: What Windows takes for a device, with any ending.
#: https://learn.microsoft.com/windows/win32/fileio/naming-a-file, read 2026-11-21; ntpath.isreserved of CPython 3.13.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)
_FORBIDDEN = '<>:"/\\|?*'
_LONGEST = 500


def check_inner_paths(names: Iterable[str], where: object) -> None:
    """Refuse names that lead out of their folder or mean something else on some system; and two that are one there.

    Args:
        names: with forward slashes, as modelport gives them.
        where: the file or place that holds them, for the message.

    Raises:
        InputError: naming the first five.
    """
    names = list(names)
    counts = Counter(map(as_compared, names))
    wrong = [name for name in names if not _is_portable(name) or counts[as_compared(name)] > 1]
    if wrong:
        raise InputError(
            "path does not stay in its folder",
            where=where,
            expected="relative paths with forward slashes, such as assets/model/labels.txt, each once",
            received="\n".join(repr(name[:120]) for name in wrong[:5]),
        )


def stays_inside(name: str, *, windows: bool = os.name == "nt") -> bool:
    r"""Say whether a name that the owner of a folder gave leads to a place in it, and on no system out of it.

    Args:
        name: with forward slashes.
        windows: whether it is opened on Windows, which has devices in every folder, and cannot hold all names.

    Example:
        >>> [stays_inside(name, windows=False) for name in ("models/aux/graph.pb", "a:b.", "C:x", "a/../../x", "\\x")]
        [True, False, False, False, False]
    """
    path = PureWindowsPath(name)  # takes both slashes, and knows drives: "C:x" is relative, and lies elsewhere
    leaves = not path.parts or bool(path.anchor) or ".." in path.parts or "\0" in name
    return not leaves and not (windows and any(map(why_unfit, path.parts)))


def place_in(folder: Path, name: str) -> Path:
    """Return where `name` lies below `folder`, for a file that is to be written there.

    Raises:
        InputError: a link in between leads out of it, or a file is where a folder should be.
    """
    path, root = folder / name, folder.resolve()
    for parent in path.relative_to(folder).parents[:-1]:
        inner = folder / parent
        if inner.exists() and not inner.is_dir():
            raise InputError("a file is where a folder should be", where=inner, fix="move it away")
        if not inner.resolve().is_relative_to(root):
            raise InputError(
                "path leads out of the folder by a link", where=inner, received=inner.resolve(), fix="remove the link"
            )
    if path.is_dir() and not path.is_symlink():
        raise InputError("a folder is where a file should be", where=path, fix="move it away")
    return path


def why_unfit(part: str) -> str | None:
    """Return why the name of one file or folder is another, or none, on Windows; None: it is the same everywhere."""
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in part):
        return "holds a line break or another control character"
    if part.endswith((" ", ".")):
        return "ends with a blank or a dot, which Windows drops"
    if _DEVICES.fullmatch(part):
        return "is a device on Windows"
    if found := [letter for letter in _FORBIDDEN if letter in part]:
        return f"holds {' '.join(found)}, which Windows forbids"
    return None


def as_compared(name: str) -> str:
    """Return what file systems compare that ignore case, or take the two spellings of an accent for one."""
    return unicodedata.normalize("NFC", name).casefold()


def _is_portable(name: str) -> bool:
    parts = name.split("/")
    return 0 < len(name) <= _LONGEST and name.isprintable() and all(parts) and not any(map(why_unfit, parts))
