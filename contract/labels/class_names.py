"""Names of class folders that survive a move to another system, since a data set is copied, zipped and shared."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from ..errors import InputError
from ..files.inner_path import as_compared, why_unfit
from .labels_file import check_unique


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
    unfit = {name: reason for name in names if (reason := _why_unfit(name))}
    if unfit:
        raise InputError(
            "class folders have names that not every system can hold",
            where=where,
            expected="names that Windows, macOS and a labels file keep as they are",
            received="\n".join(f"{name!r}: {reason}" for name, reason in unfit.items()),
            fix="rename these folders; the label is the folder's name",
        )
    check_unique(names, where)


def _why_unfit(name: str) -> str | None:
    return why_unfit(name) or ("begins or ends with a blank" if name != name.strip() else None)


def _check_no_two_alike(names: tuple[str, ...], where: object) -> None:
    alike = defaultdict(list)
    for name in names:
        alike[as_compared(name)].append(name)
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
