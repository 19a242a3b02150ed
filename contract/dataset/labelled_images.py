"""Where labelled images come from: the test split of the run or of a data set, class folders, or flat files."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..model_contract.model_contract import ModelContract
from .image_folders import (
    class_root,
    find_splits,
    is_image,
    list_files,
    list_folders,
    no_images_error,
)
from .prepared_dataset import LabelledImage, open_dataset

_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledImages:
    """Images and what is on them.

    Attributes:
        origin: the folder, and how it was read.
        root: the folder that names of images are relative to.
        images: label = index into the labels of the model's first classification head.
        absent: labels of that head of which there is no image.

    """

    origin: str
    root: Path
    images: tuple[LabelledImage, ...]
    absent: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Path of each image, relative to `root`, with forward slashes."""
        return tuple(image.path.relative_to(self.root).as_posix() for image in self.images)


def find_labelled_images(contract: ModelContract, data: str | Path | None = None) -> LabelledImages:
    """Find the images to judge on.

    Args:
        contract: says which labels there are, and where the data set of the training run was.
        data: a folder with train, val and test (its test split is taken), with class folders (nested once), or with
            flat files `Label_anything.jpg`; None: the data set of the training run.

    Raises:
        InputError: no such folder, no images in it, or labels that the model does not have.

    """
    labels = contract.first_classification.labels
    root = Path(data) if data is not None else _recorded(contract)
    if not root.is_dir():
        raise InputError(
            "folder of images does not exist", where=root, fix="pass --data DIR, a folder of labelled images"
        )
    if find_splits(root) or find_splits(class_root(root)):
        dataset = open_dataset(root)
        _check_classes(dataset.labels, labels, root)
        pairs = [(image.path, dataset.labels[image.label]) for image in dataset.splits["test"]]
        origin = "test split"
    else:
        pairs, origin = _unsplit(root, labels)
    if not pairs:
        raise no_images_error(root)
    images = tuple(LabelledImage(path, labels.index(label)) for path, label in pairs)
    seen = {label for _, label in pairs}
    absent = tuple(label for label in labels if label not in seen)
    return LabelledImages(origin=f"{root} ({origin})", root=root, images=images, absent=absent)


def _recorded(contract: ModelContract) -> Path:
    recorded = contract.provenance.dataset
    if recorded is None or not Path(recorded).is_dir():
        raise InputError(
            "the data set of the training run is not here",
            where=recorded or "not recorded in contract.json",
            expected="the folder with its test split",
            fix="pass --data DIR, a folder of labelled images",
        )
    return Path(recorded)


def _unsplit(root: Path, labels: tuple[str, ...]) -> tuple[list[tuple[Path, str]], str]:
    """List images with their labels' names, from class folders or from flat files; either may be nested once."""
    inner = class_root(root)
    classes = list_folders(inner)
    if len(classes) == 1 and classes[0].name not in labels and not list_folders(classes[0]):
        inner, classes = classes[0], []  # a single folder of flat files, as archives unpack
    loose = [path for path in sorted(inner.iterdir()) if path.is_file() and is_image(path)]
    if not classes:
        return _flat(inner, loose, labels), "flat files"
    if loose:
        raise InputError(
            "images beside class folders",
            where=inner,
            expected="class folders, or files Label_anything.jpg",
            received=_listed([path.name for path in loose]),
        )
    _check_classes(tuple(folder.name for folder in classes), labels, inner)
    pairs = [(path, folder.name) for folder in classes for path in list_files(folder) if is_image(path)]
    return pairs, "class folders"


def _flat(root: Path, files: list[Path], labels: tuple[str, ...]) -> list[tuple[Path, str]]:
    longest_first = sorted(labels, key=len, reverse=True)
    found = {path: next((x for x in longest_first if path.name.startswith(f"{x}_")), None) for path in files}
    unknown = [path.name for path, label in found.items() if label is None]
    if unknown:
        raise InputError(
            f"{len(unknown)} of {len(files)} images have no label that the model knows",
            where=root,
            expected=f"Label_anything.jpg with one of {_listed(labels)}",
            received=_listed(unknown),
        )
    return [(path, label) for path, label in found.items() if label is not None]


def _check_classes(classes: tuple[str, ...], labels: tuple[str, ...], where: Path) -> None:
    if set(classes) - set(labels):
        raise InputError(
            "classes do not match the head",
            where=where,
            expected=f"{len(labels)} labels: {_listed(labels)}",
            received=f"{len(classes)} classes: {_listed(classes)}",
            fix="rename the folders to the model's labels, or give --data the data set of this model",
        )


def _listed(names: tuple[str, ...] | list[str]) -> str:
    """Name a few, and say how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
