"""What the files of a run say about its model and its data. What they do not say is None, never a guess."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...contract.dataset.prepared_dataset import MANIFEST, SPLITS
from ...contract.errors import InputError
from ...contract.files.json_file import read_json
from ...contract.model_contract.model_contract import ModelContract
from ...contract.run.run_folder import RunFolder
from ...training.run.image_hashes import ImageHashes


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """evaluation_report.json.

    Attributes:
        labels: of rows and columns.
        confusion: row = true label, column = predicted label, images.
        top3_fraction: in [0, 1].
        leaked: test images that are in train or val, too; None: it was not counted.
        adopted: file name and sha256 of the model from elsewhere; None: trained by modelport.
    """

    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    top3_fraction: float | None
    leaked: int | None
    adopted: tuple[str, str] | None

    @property
    def is_apart(self) -> bool:
        """Whether it is known which of the images are in train or val, too: of a model from elsewhere it never is."""
        return self.leaked is not None and self.adopted is None

    @property
    def images(self) -> str:
        """How many images, which are called test images only where that is known."""
        return f"{self.n:,} {'test ' * self.is_apart}image{'s' * (self.n != 1)}"

    @property
    def n(self) -> int:
        """Images that it was tested on."""
        return sum(map(sum, self.confusion))

    @property
    def right(self) -> int:
        """Test images whose most probable label is the true one."""
        return sum(row[at] for at, row in enumerate(self.confusion))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What is known of a run.

    Attributes:
        contract: what the model promises.
        evaluation: on the test images; None: the file is not there.
        options: of the training, as training_history.json has them; empty: it was elsewhere.
        epochs: that were trained.
        data_sha256: of images, labels and splits; None: not known.
        counts: split to label to images; None: the data set's list is gone, or is of other images.
        grouped: whether images were kept together in a split by group; None where `counts` is.
    """

    contract: ModelContract
    evaluation: Evaluation | None
    options: Mapping[str, Any]
    epochs: int | None
    data_sha256: str | None
    counts: Mapping[str, Mapping[str, int]] | None
    grouped: bool | None


def read_facts(run: RunFolder) -> RunFacts:
    """Read what a model card is written from.

    Raises:
        InputError: no run, one that mixes two, or files that are not what modelport writes.
    """
    contract = run.read_contract()
    history = read_json(run.history) if run.history.is_file() else {}
    options, epochs, data_sha256 = history.get("options"), history.get("phase"), history.get("data_sha256")
    counts, grouped = _dataset(contract.provenance.dataset, data_sha256)
    return RunFacts(
        contract=contract,
        evaluation=_evaluation(run, contract) if run.evaluation.is_file() else None,
        options=options if isinstance(options, dict) else {},
        epochs=len(epochs) if isinstance(epochs, list) else None,
        data_sha256=data_sha256 if isinstance(data_sha256, str) else None,
        counts=counts,
        grouped=grouped,
    )


def _evaluation(run: RunFolder, contract: ModelContract) -> Evaluation:
    value, labels = read_json(run.evaluation), contract.first_classification.labels
    try:
        confusion = tuple(tuple(_count(cell) for cell in row) for row in value["confusion_matrix"])
        adopted = value.get("adopted")
        found = Evaluation(
            labels=labels,
            confusion=confusion,
            top3_fraction=float(value["top3_accuracy"]),
            leaked=value.get("test_images_also_in_train_or_val"),
            adopted=None if adopted is None else (Path(adopted["source"]).name, str(adopted["source_sha256"])),
        )
        whole = len(confusion) == len(labels) and all(len(row) == len(labels) for row in confusion)
        if not whole or tuple(value["class_names"]) != labels or found.n != value["test_images"] or found.n < 1:
            raise ValueError("confusion matrix, labels and number of images do not fit")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("evaluation is not modelport's", where=run.evaluation, received=repr(error)) from error
    return found


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no number of images")
    return value


def _dataset(folder: str | None, data_sha256: object) -> tuple[Mapping[str, Mapping[str, int]] | None, bool | None]:
    """Return the counts of the data set that the run was trained on, by its own list, if that is still there."""
    if folder is None or not Path(folder, MANIFEST).is_file():
        return None, None
    try:
        listed = read_json(Path(folder, MANIFEST))
        lines = [(*item["path"].split("/")[:2], item["path"], item["sha256"]) for item in listed["images"]]
        options = listed["options"]
        grouped = any(options.get(name) for name in ("group_by", "groups_sha256"))
        counts = {
            split: {label: sum(line[:2] == (split, label) for line in lines) for label in listed["labels"]}
            for split in SPLITS
        }
        known = ImageHashes(tuple(lines)).data_sha256 == data_sha256
    except (InputError, KeyError, TypeError, AttributeError, ValueError):
        return None, None
    return (counts, grouped) if known else (None, None)
