"""Find the images of a folder of class folders, or of a folder that holds train, val and test already."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...contract.dataset.image_folders import (
    SPLIT_NAMES,
    class_root,
    find_splits,
    is_image,
    list_files,
    list_folders,
    no_images_error,
    splits_without_classes,
)
from ...contract.errors import InputError
from ...contract.labels.class_names import check_class_names
from .quarantine import Quarantined


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundImage:
    """A file whose name ends like an image's; nobody has looked into it yet.

    Attributes:
        path: to open it.
        source: relative to the folder that was searched, with forward slashes.
        label: name of its class folder.
        split: that it lies in; None where the source is not split.
    """

    path: Path
    source: str
    label: str
    split: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundImages:
    """What a source holds.

    Attributes:
        root: the folder that was searched.
        labels: sorted by name.
        images: sorted by `source`.
        quarantine: files whose names tell that they are no images of a class.
        is_split: whether the source has train, val and test.
        ignored: folders beside train, val and test.
    """

    root: Path
    labels: tuple[str, ...]
    images: tuple[FoundImage, ...]
    quarantine: tuple[Quarantined, ...]
    is_split: bool
    ignored: tuple[str, ...] = ()


def find_images(root: Path) -> FoundImages:
    """List the images of `root`, which holds class folders (nested once, maybe), or train, val and test with such.

    Raises:
        InputError: no such folder, no images, fewer than two classes, a class that is not in every split, a split that
            is missing beside the others, or a label that a labels file cannot hold.
    """
    if not root.is_dir():
        fix = "unpack it first" if root.is_file() else None
        raise InputError("images cannot be found", where=root, expected="a folder of class folders", fix=fix)
    top = root if find_splits(root) else class_root(root)
    splits = find_splits(top)
    parents: dict[str | None, Path] = dict(splits.items()) if splits else {None: top}
    if not any(map(is_image, list_files(top))):
        raise no_images_error(root)
    if not splits:
        _check_not_half_split(top)
    labels = _labels(root, parents)
    files = list(_files(root, parents))
    outside = {root, top, *parents.values()}
    loose = [path for folder in outside for path in folder.iterdir() if path.is_file() and is_image(path)]
    quarantine = [Quarantined(_printable(_relative(root, path)), "not in a class folder") for path in loose]
    quarantine += [Quarantined(_printable(file.source), reason) for file in files if (reason := _unfit_name(file))]
    return FoundImages(
        root=root,
        labels=labels,
        images=tuple(sorted((file for file in files if not _unfit_name(file)), key=lambda file: file.source)),
        quarantine=tuple(quarantine),
        is_split=splits is not None,
        ignored=tuple(p.name for p in list_folders(top) if splits and p not in splits.values()),
    )


def _files(root: Path, parents: dict[str | None, Path]) -> Iterator[FoundImage]:
    for split, parent in parents.items():
        for folder in list_folders(parent):
            for path in list_files(folder):
                yield FoundImage(path=path, source=_relative(root, path), label=folder.name, split=split)


def _labels(root: Path, parents: dict[str | None, Path]) -> tuple[str, ...]:
    """Return the names of the class folders, which must be the same in every split."""
    by_split = {split: tuple(p.name for p in list_folders(parent)) for split, parent in parents.items()}
    labels = next(iter(by_split.values()))
    if not labels and None not in parents:
        raise splits_without_classes(root)
    if len(labels) < 2:
        raise InputError(
            "one class only" if labels else "no class folders",
            where=root,
            expected="at least two class folders",
            received=", ".join(labels) or "images that lie directly in the folder",
        )
    for split, found in by_split.items():
        if found != labels:
            difference = ", ".join(sorted(set(found) ^ set(labels)))
            raise InputError(f"classes of {split} differ from those of train", where=root, received=difference)
    check_class_names(labels, root)
    return labels


def _check_not_half_split(top: Path) -> None:
    """Refuse train and test without val, and folders that are all named like splits: they would become classes."""
    every = list_folders(top)
    names = {p.name for p in every if list_folders(p)}
    spellings = {name for others in SPLIT_NAMES.values() for name in others}
    if not names and len(every) > 1 and {p.name.lower() for p in every} <= spellings:
        raise splits_without_classes(top)
    found = {split for split, others in SPLIT_NAMES.items() for name in names if name.lower() in others}
    if len(found) > 1:
        raise InputError(
            "a split is missing",
            where=top,
            expected="train, val and test, or class folders",
            received=" and ".join(sorted(names)),
            fix="add the missing one, or prepare one folder that holds all images of each class",
        )


def _unfit_name(file: FoundImage) -> str | None:
    if _printable(file.source) != file.source:
        return "name is not UTF-8"
    return None if is_image(file.path) else f"not an image: {file.path.suffix.lower() or 'no suffix'}"


def _relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()
