"""A prepared data set: DATASET/{train,val,test}/LABEL/IMAGE, with or without dataset.json beside it."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..labels.labels_file import check_unique
from .image_folders import (
    class_root,
    find_splits,
    is_image,
    list_files,
    list_folders,
    no_images_error,
    splits_without_classes,
)

SPLITS = ("train", "val", "test")
MANIFEST = "dataset.json"


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One image file and the index of its label."""

    path: Path
    label: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Images of each split.

    Attributes:
        root: the folder.
        labels: in output order, sorted by name.
        splits: "train", "val" and "test" to their images, sorted by label and path.
    """

    root: Path
    labels: tuple[str, ...]
    splits: dict[str, tuple[LabelledImage, ...]]

    @property
    def is_prepared(self) -> bool:
        """Whether `modelport prepare` made it: every file was decoded, and no image is in two splits."""
        return (self.root / MANIFEST).is_file()

    def counts(self, split: str) -> tuple[int, ...]:
        """Return the number of images of each label."""
        found = [image.label for image in self.splits[split]]
        return tuple(found.count(label) for label in range(len(self.labels)))


def open_dataset(root: str | Path) -> Dataset:
    """List the images of a folder with train, val and test in it.

    Raises:
        InputError: no such folder, a split, its images or those of a label missing, one class only, or other classes in
            another split.
    """
    root = Path(root)
    if not root.is_dir():
        raise InputError("data set does not exist", where=root, fix=f"modelport prepare IMAGES {root}")
    folders = find_splits(root) or find_splits(class_root(root))
    if folders is None:
        raise InputError(
            "data set is not split",
            where=root,
            expected="folders train, val and test",
            received=", ".join(p.name for p in list_folders(root)[:8]) or "no folders",
            fix=f"modelport prepare {root} DATASET",
        )
    by_split = {split: {p.name: p for p in list_folders(folder)} for split, folder in folders.items()}
    labels = tuple(sorted(by_split["train"]))
    _check_classes(root, labels, by_split)
    check_unique(labels, root)
    splits = {
        split: tuple(
            LabelledImage(path, index)
            for index, label in enumerate(labels)
            for path in list_files(classes[label])
            if is_image(path)
        )
        for split, classes in by_split.items()
    }
    for split, images in splits.items():
        if not images:
            raise no_images_error(folders[split])
    dataset = Dataset(root=root, labels=labels, splits=splits)
    _check_no_empty_class(dataset)
    return dataset


def _check_no_empty_class(dataset: Dataset) -> None:
    empty = [
        f"{split}/{label}"
        for split in dataset.splits
        for label, count in zip(dataset.labels, dataset.counts(split), strict=True)
        if not count
    ]
    if empty:
        raise InputError(
            "classes without images",
            where=dataset.root,
            expected="an image of every label in train, val and test",
            received=", ".join(empty),
            fix="add images, or remove the class from every split",
        )


def _check_classes(root: Path, labels: tuple[str, ...], by_split: dict[str, dict[str, Path]]) -> None:
    if not any(by_split.values()):
        raise splits_without_classes(root)
    if len(labels) < 2:
        raise InputError(
            "one class only", where=root, expected="at least two class folders", received=", ".join(labels) or "none"
        )
    for split, classes in by_split.items():
        if set(classes) != set(labels):
            raise InputError(
                f"classes of {split} differ from those of train",
                where=root,
                expected=" ".join(labels),
                received=" ".join(sorted(classes)) or "none",
            )
