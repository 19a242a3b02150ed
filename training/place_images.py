"""Give every image its name in the data set, and put it there: linked, copied or moved."""

import os
import shutil
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from .inspect_image import InspectedImage


def name_images(images: Iterable[InspectedImage], splits: Iterable[str]) -> list[str]:
    """Return the path of each image in the data set, with forward slashes: split/label/name.

    Names are kept, with the suffix .png where the file was re-encoded. Where a folder would hold two names that differ
    in nothing but case, the later one gets a number.
    """
    taken: set[str] = set()
    return [_free_name(image, split, taken) for image, split in zip(images, splits, strict=True)]


def place_image(image: InspectedImage, target: Path, copy: bool) -> None:
    """Put one image at `target`: a re-encoded file is moved, any other linked, or copied where links cannot be made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if image.staged is not None:
        os.replace(image.staged, target)
    elif copy or not _link(image.found.path, target):
        shutil.copyfile(image.found.path, target)


def _free_name(image: InspectedImage, split: str, taken: set[str]) -> str:
    name = PurePosixPath(image.found.path.name)
    suffix = name.suffix if image.reencoded is None else ".png"
    folder, number = PurePosixPath(split, image.found.label), 1
    path = folder / f"{name.stem}{suffix}"
    while (key := _as_compared(path)) in taken:
        number += 1
        path = folder / f"{name.stem}-{number}{suffix}"
    taken.add(key)
    return path.as_posix()


def _as_compared(path: PurePosixPath) -> str:
    """Return what file systems that ignore case, or the two spellings of an umlaut, compare."""
    return unicodedata.normalize("NFC", path.as_posix()).casefold()


def _link(source: Path, target: Path) -> bool:
    try:
        os.link(source.resolve() if source.is_symlink() else source, target)
    except OSError:  # another file system, too many links, or no right to link
        return False
    return True
