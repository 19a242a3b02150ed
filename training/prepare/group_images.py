"""Which images belong together: the frames of a video, the photos of a signer."""

import csv
import re
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

from ...contract.errors import InputError
from .options import PrepareOptions


def group_images(sources: Collection[str], options: PrepareOptions) -> dict[str, str]:
    """Return the group of each image; nothing where no grouping was asked for.

    Args:
        sources: paths relative to the searched folder, with forward slashes.
        options: `group_by` or `groups` say how.

    Raises:
        InputError: a path without a group, or a CSV file that cannot be used.
    """
    if options.groups is not None:
        return _groups_from_csv(sources, options.groups)
    if options.group_by is not None:
        return _groups_from_paths(sources, options.group_by)
    return {}


def _groups_from_paths(sources: Collection[str], pattern: str) -> dict[str, str]:
    groups, unmatched = {}, []
    for source in sources:
        match = re.search(pattern, source)
        group = (match[1] if match.re.groups else match[0]) if match else None
        if group:
            groups[source] = group
        else:
            unmatched.append(source)
    if unmatched:
        raise InputError(
            "a path has no group",
            where="--group-by",
            expected=f"a match of {pattern} in every path",
            received=_some_of(unmatched),
        )
    return groups


def _groups_from_csv(sources: Collection[str], path: Path) -> dict[str, str]:
    groups = _read_csv(path)
    missing, unlisted = sorted(groups.keys() - set(sources)), sorted(set(sources) - groups.keys())
    if missing:
        raise InputError(
            "a listed image does not exist",
            where=path,
            expected="paths relative to IMAGES, such as " + min(sources),
            received=_some_of(missing),
        )
    if unlisted:
        raise InputError("an image is not listed", where=path, expected="every image", received=_some_of(unlisted))
    return groups


def _read_csv(path: Path) -> dict[str, str]:
    """Read the columns path and group; a byte order mark, CRLF line ends and backslashes in paths are accepted."""
    groups: dict[str, str] = {}
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            if not {"path", "group"} <= set(reader.fieldnames or ()):
                raise InputError("not a list of groups", where=path, expected="path,group", received=reader.fieldnames)
            for row in reader:
                source = PurePosixPath((row["path"] or "").strip().replace("\\", "/")).as_posix()
                group = (row["group"] or "").strip()
                if not group or groups.setdefault(source, group) != group:
                    what = "image has two groups" if group else "image has no group"
                    raise InputError(what, where=f"{path}, line {reader.line_num}", received=source)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError("list of groups cannot be read", where=path, expected="path,group", received=error) from error
    return groups


def _some_of(names: Iterable[str]) -> str:
    names = list(names)
    return "\n".join(names[:5] + ([f"and {len(names) - 5} more"] if len(names) > 5 else []))
