"""The representative data set: real images on which full_int8 measures ranges, none of which it is judged on."""

from pathlib import Path

from ..contract.dataset.even_choice import choose_evenly
from ..contract.dataset.image_folders import class_root, find_splits
from ..contract.dataset.labelled_images import find_labelled_images
from ..contract.dataset.prepared_dataset import Dataset, LabelledImage, open_dataset
from ..contract.errors import InputError, UsageError
from ..contract.files.hashing import sha256_of_file
from ..contract.model_contract.model_contract import ModelContract
from ..contract.run.reference import read_reference
from ..contract.run.run_folder import RunFolder
from .representative_options import RepresentativeOptions


def find_representative(
    run: RunFolder, contract: ModelContract, options: RepresentativeOptions
) -> tuple[Path, tuple[LabelledImage, ...]]:
    """Return the folder that the images lie in, and the images, evenly of all labels.

    Raises:
        UsageError: both folders are given.
        InputError: no such images, or only ones that artifacts are judged on.
    """
    if options.representative_data is not None and options.data is not None:
        raise UsageError("--data and --representative-data cannot be combined", fix="drop one of them")
    if options.representative_data is not None:
        return options.representative_data, _from_folder(run, contract, options.representative_data, options)
    root = options.data or contract.provenance.dataset
    if root is None or not Path(root).is_dir():
        raise InputError(
            "representative images cannot be found",
            where=root or "the run does not know its data set",
            fix=f"modelport quantize {run.root} --data DATASET, or --recipes float16,dynamic_int8",
        )
    if find_splits(Path(root)) is None and find_splits(class_root(Path(root))) is None:
        raise InputError(
            "representative images cannot be told from those that artifacts are judged on",
            where=root,
            expected="a train split, or a folder of other images",
            received="labelled images without a split, of which all are judged on",
            fix=f"modelport quantize {run.root} --representative-data DIR, or --recipes float16,dynamic_int8",
        )
    dataset = _of_the_model(open_dataset(root), contract)
    return Path(root), choose_representative(dataset, options.representative_images, options.seed)


def choose_representative(dataset: Dataset, count: int, seed: int) -> tuple[LabelledImage, ...]:
    """Choose at most `count` images of the train split, as `choose_evenly` does."""
    return choose_evenly(dataset.splits["train"], len(dataset.labels), count, seed)


def _of_the_model(dataset: Dataset, contract: ModelContract) -> Dataset:
    expected = contract.first_classification.labels
    if set(dataset.labels) != set(expected):
        raise InputError(
            "data set has other classes than the model",
            where=dataset.root,
            expected=" ".join(expected),
            received=" ".join(dataset.labels),
        )
    return dataset


def _from_folder(
    run: RunFolder, contract: ModelContract, folder: Path, options: RepresentativeOptions
) -> tuple[LabelledImage, ...]:
    found = find_labelled_images(contract, folder).images
    judged = set(read_reference(run.reference).file_sha256)
    apart = [image for image in found if sha256_of_file(image.path) not in judged]
    if len(apart) < len(found):
        raise InputError(
            "representative images are judged on, too",
            where=folder,
            expected="images that the reference does not hold: their ranges would flatter the artifact",
            received=f"{len(found) - len(apart)} of {len(found)} images are in {run.reference.name}",
            fix="pass --representative-data with other images of the same kind; a few of each label are enough",
        )
    classes = len(contract.first_classification.labels)
    return choose_evenly(apart, classes, options.representative_images, options.seed)
