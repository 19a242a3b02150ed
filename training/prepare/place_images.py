"""Give every image its name in the data set, and put it there: linked, copied or moved."""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ...contract.files import disk
from ...contract.files.inner_path import as_compared
from .inspect_image import InspectedImage


def name_images(images: Iterable[InspectedImage], splits: Iterable[str]) -> list[str]:
    """Return the path of each image in the data set, with forward slashes: split/label/name.

    Names are kept, with the suffix .png where the file was re-encoded. Where a folder would hold two names that differ
    in nothing but case, the later one gets a number.
    """
    taken: dict[str, int] = {}
    return [_free_name(image, split, taken) for image, split in zip(images, splits, strict=True)]


def place_image(image: InspectedImage, target: Path, copy: bool) -> None:
    """Put one image at `target`: a re-encoded file is moved, any other linked, or copied where links cannot be made."""
    disk.make_folder(target.parent)
    if image.staged is not None:
        disk.rename(image.staged, target)
    elif copy:
        disk.copy_file(image.found.path, target)
    else:
        disk.link_or_copy(image.found.path, target)


def _free_name(image: InspectedImage, split: str, taken: dict[str, int]) -> str:
    """Return a path that is not in `taken`, which maps each path in use to how often it was wanted."""
    name = PurePosixPath(image.found.path.name)
    suffix = name.suffix if image.reencoded is None else ".png"
    wanted = path = f"{split}/{image.found.label}/{name.stem}{suffix}"
    while as_compared(path) in taken:
        taken[as_compared(wanted)] += 1
        path = f"{split}/{image.found.label}/{name.stem}-{taken[as_compared(wanted)]}{suffix}"
    taken[as_compared(path)] = 1
    return path
