"""The run folder: its file names, and the check that all of it comes from one run."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files.atomic_write import place
from ..files.hashing import sha256_of_file
from ..files.journal import promised
from ..files.json_file import read_json
from ..labels.heads import ClassificationHead
from ..labels.labels_file import read_labels
from ..model_contract.model_contract import ModelContract, read_contract
from .artifacts import SHIPPED, Artifact
from .lock import Lock, read_lock, write_lock


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths of one run. Nothing is read or written until a property's path is used."""

    root: Path

    @property
    def model(self) -> Path:
        """The Keras model, float32."""
        return self.root / "model.keras"

    @property
    def contract(self) -> Path:
        """What the model promises."""
        return self.root / "contract.json"

    @property
    def labels(self) -> Path:
        """One label a line, in output order."""
        return self.root / "training_set_labels.txt"

    @property
    def history(self) -> Path:
        """Loss, accuracy and learning rate of every epoch."""
        return self.root / "training_history.json"

    @property
    def evaluation(self) -> Path:
        """Test accuracy, per-class metrics, confusion matrix."""
        return self.root / "evaluation_report.json"

    @property
    def reference(self) -> Path:
        """Predictions of model.keras for the test split."""
        return self.root / "reference.npz"

    @property
    def lock(self) -> Path:
        """Every artifact, its recipe, bytes and hashes."""
        return self.root / "artifacts.json"

    @property
    def shipped(self) -> Path:
        """The TFLite file that ships: a copy of the artifact that was chosen."""
        return self.root / SHIPPED

    @property
    def logs(self) -> Path:
        """TensorBoard events, and what foreign libraries printed."""
        return self.root / "logs"

    @property
    def validation(self) -> Path:
        """Reports of `modelport validate`."""
        return self.root / "validation"

    def read_contract(self) -> ModelContract:
        """Read the contract, and refuse a folder that mixes two runs.

        Raises:
            InputError: no run folder, labels that are missing or do not match the head, or files of two runs.
        """
        if not self.contract.is_file():
            raise InputError(
                "not a run folder",
                where=self.root,
                expected="a folder with contract.json",
                fix="name a folder that modelport train or modelport adopt wrote",
            )
        contract = read_contract(self.contract)
        self._check_one_run(contract)
        return contract

    def read_lock(self) -> Lock:
        """Read artifacts.json; an empty lock of this run where nothing was exported yet."""
        if self.lock.is_file():
            return read_lock(self.lock)
        provenance = read_contract(self.contract).provenance
        return Lock(run_id=provenance.run_id, model_sha256=provenance.model_sha256)

    def record(self, artifact: Artifact) -> None:
        """Put `artifact` into artifacts.json, in the place of the one with the same key."""
        write_lock(self.lock, self.read_lock().with_artifact(artifact))

    def place(self, part: Path, artifact: Artifact) -> None:
        """Put a finished file or folder, from `staged`, where `artifact` says, and record it.

        The lock promises it first: see contract/files/journal.py.
        """
        promise = replace(self.read_lock(), pending=artifact)
        with promised(partial(write_lock, self.lock), promise, lambda: self.read_lock().with_artifact(artifact)):
            place(part, self.root / artifact.path)

    def _check_one_run(self, contract: ModelContract) -> None:
        run_id, model = contract.provenance.run_id, contract.provenance.model_sha256
        files = [path for path in (self.history, self.evaluation, self.lock) if path.is_file()]
        values = {path.name: _read_object(path) for path in files}
        found = {name: value.get("run_id") for name, value in values.items()}
        lock = values.get(self.lock.name, {"model_sha256": model})
        if lock.get("model_sha256") != model:
            found[self.lock.name] = "another model than contract.json's"
        if self.model.is_file() and sha256_of_file(self.model) != model:
            found[self.model.name] = "not the file that contract.json names: damaged, edited, or of another run"
        foreign = {name: value for name, value in found.items() if value != run_id}
        if foreign:
            raise InputError(
                "run folder mixes two runs",
                where=self.root,
                expected=f"run {run_id} in every file, as in contract.json",
                received="\n".join(f"{name}: {value}" for name, value in foreign.items()),
                fix="take all files from one run, or train again into a new folder",
            )
        self._check_labels(contract)

    def _check_labels(self, contract: ModelContract) -> None:
        if not any(isinstance(head, ClassificationHead) for head in contract.heads):
            return
        expected = contract.first_classification.labels
        if not self.labels.is_file():
            raise InputError(
                "labels file is missing",
                where=self.labels,
                expected=_abbreviated(expected),
                fix=f"restore it: the labels of {self.contract.name}, one a line, in this order",
            )
        received = read_labels(self.labels)
        if received != expected:
            raise InputError(
                "labels do not match the head",
                where=self.labels,
                expected=_abbreviated(expected),
                received=_abbreviated(received),
                fix=f"restore the order of {self.contract.name}",
            )


def _read_object(path: Path) -> dict[str, Any]:
    value = read_json(path)
    if not isinstance(value, dict):
        raise InputError("file is no JSON object", where=path, received=type(value).__name__)
    return value


def _abbreviated(labels: tuple[str, ...]) -> str:
    shown = " ".join(labels[:12]) + (" ..." if len(labels) > 12 else "")
    return f"{len(labels)} labels: {shown}"
