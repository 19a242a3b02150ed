"""Finding images: folders of class folders, and the spellings of train, val and test."""

import os
from collections import Counter
from pathlib import Path

from ..errors import InputError
from ..image.image_formats import IMAGE_SUFFIXES

#: The splits, and what other tools call them.
SPLIT_NAMES = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation"),
    "test": ("test", "testing"),
}


def is_image(path: Path) -> bool:
    """Whether the name ends like an image's, in any case."""
    return path.suffix.lower() in IMAGE_SUFFIXES


def list_folders(folder: Path) -> list[Path]:
    """Return the visible folders in `folder`, sorted by name."""
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith((".", "__MACOSX")))


def list_files(folder: Path) -> list[Path]:
    """Return the visible files below `folder`, each once, sorted by path.

    Raises InputError for a folder that cannot be read: a walk that goes on without it loses images silently.

    Files come from the directory entries, never from patterns: `*.jpg` and `*.JPG` would find each file twice where
    names ignore case.
    """
    found = []
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith((".", "__MACOSX"))]
        found += [Path(parent, name) for name in names if not name.startswith(".")]
    return sorted(found)


def _refuse(error: OSError) -> None:
    raise InputError("folder cannot be read", where=error.filename, received=error.strerror) from error


def find_splits(root: Path) -> dict[str, Path] | None:
    """Return the folders of train, val and test where `root` holds all three, whatever their spelling; else None.

    Raises:
        InputError: it holds two spellings of one split, so that images of one of them would be lost.
    """
    found = {split: [p for p in list_folders(root) if p.name.lower() in SPLIT_NAMES[split]] for split in SPLIT_NAMES}
    if not all(found.values()):
        return None
    for split, folders in found.items():
        if len(folders) > 1:
            received = " and ".join(p.name for p in folders)
            raise InputError(f"two folders for the split {split}", where=root, received=received, fix="merge them")
    return {split: folders[0] for split, folders in found.items()}


def splits_without_classes(root: Path) -> InputError:
    """Return the error for folders that are named like splits and hold images directly: nobody knows what they are."""
    return InputError(
        "folders are named like splits and hold no class folders",
        where=root,
        expected="train, val and test with class folders in them; together they are always taken for the splits",
        received=", ".join(p.name for p in list_folders(root)),
        fix="if they are classes, rename one (train_, say), or split them yourself: train/train, train/val, ...",
    )


def class_root(root: Path) -> Path:
    """Return the folder that holds the class folders: `root`, or its only folder where archives unpack nested."""
    inner = list_folders(root)
    if len(inner) == 1 and list_folders(inner[0]) and not any(map(is_image, inner[0].iterdir())):
        return inner[0]
    return root


def no_images_error(root: Path) -> InputError:
    """Return the error for a folder without images; it lists the extensions that were seen."""
    seen = Counter(path.suffix.lower() or "(none)" for path in list_files(root))
    return InputError(
        "no images found",
        where=root,
        expected=f"class folders with {' '.join(IMAGE_SUFFIXES)} files",
        received=", ".join(f"{suffix} ({count})" for suffix, count in sorted(seen.items())) or "an empty folder",
    )
