"""Names of class folders that survive a move to another system, since a data set is copied, zipped and shared."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from ..errors import InputError
from .labels_file import check_unique

#: Device names of Windows, with or without a suffix; forbidden characters; a blank or dot at the end.
#: https://learn.microsoft.com/windows/win32/fileio/naming-a-file, read 2026-11-21.
_DEVICES = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])(\..*)?", re.IGNORECASE | re.DOTALL)
_FORBIDDEN = '<>:"/\\|?*'


def check_class_names(names: Iterable[str], where: object) -> None:
    """Check the names of all class folders.

    Raises:
        InputError: two that are one folder on Windows and macOS, one that Windows cannot have, or one that a labels
            file cannot hold. All such names are listed.

    Example:
        >>> check_class_names(["cat", "\N{BIRD}", "train", "Constance"], "photos")
    """
    names = tuple(names)
    _check_no_two_alike(names, where)
    unfit = {name: reason for name in names if (reason := why_unfit(name))}
    if unfit:
        raise InputError(
            "class folders have names that not every system can hold",
            where=where,
            expected="names that Windows, macOS and a labels file keep as they are",
            received="\n".join(f"{name!r}: {reason}" for name, reason in unfit.items()),
            fix="rename these folders; the label is the folder's name",
        )
    check_unique(names, where)


def why_unfit(name: str) -> str | None:
    """Return why a class folder should not be called so; None: nothing is against it."""
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in name):
        return "holds a line break or another control character"
    if name != name.strip() or name.endswith("."):
        return "begins or ends with a blank, or ends with a dot, which Windows drops"
    if _DEVICES.fullmatch(name):
        return "is a device on Windows"
    if found := [letter for letter in _FORBIDDEN if letter in name]:
        return f"holds {' '.join(found)}, which Windows forbids"
    return None


def _check_no_two_alike(names: tuple[str, ...], where: object) -> None:
    alike = defaultdict(list)
    for name in names:
        alike[unicodedata.normalize("NFC", name).casefold()].append(name)
    found = [same for same in alike.values() if len(same) > 1]
    if found:
        raise InputError(
            "class folders differ in nothing but case or the spelling of an accent",
            where=where,
            expected="names that stay apart on Windows and macOS, where these are one folder",
            received="\n".join(_side_by_side(same) for same in found),
            fix="rename one of them, or merge them if they are one class",
        )


def _side_by_side(names: list[str]) -> str:
    """Return the names, spelled out where they look the same."""
    look_alike = len({unicodedata.normalize("NFC", name) for name in names}) < len(names)
    return " and ".join(map(ascii if look_alike else repr, names))
