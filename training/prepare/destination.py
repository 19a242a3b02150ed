"""May this folder be written? An output that exists is refused or replaced whole, never added to."""

from pathlib import Path

from ...contract.dataset.image_folders import find_splits
from ...contract.dataset.prepared_dataset import MANIFEST
from ...contract.errors import UsageError


def check_destination(source: Path, destination: Path, overwrite: bool) -> None:
    """Check that a data set may be written to `destination`; an empty folder may be there.

    Raises:
        UsageError: it overlaps with the source, exists and must not be replaced, or holds something else.
    """
    inner, outer = source.resolve(), destination.resolve()
    if inner == outer or inner in outer.parents or outer in inner.parents:
        raise UsageError(
            "data set and images overlap",
            where=destination,
            expected="two folders, neither inside the other",
            fix=f"modelport prepare {source} {source.resolve().name}_dataset",
        )
    if not destination.exists() or (destination.is_dir() and not any(destination.iterdir())):
        return
    if not _is_dataset(destination):
        raise UsageError(
            "output exists and is not a data set, so it is never replaced",
            where=destination,
            expected=f"a new folder, or one with {MANIFEST} or with train, val and test",
            fix="choose another folder",
        )
    if not overwrite:
        raise UsageError("output exists", where=destination, fix="--overwrite replaces the whole folder")


def _is_dataset(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MANIFEST).is_file() or find_splits(folder) is not None)
