"""What a training has done so far: training_history.json and the checkpoints beside it."""

from dataclasses import dataclass
from typing import Any

from ...contract.errors import InputError, UsageError
from ...contract.files.atomic_write import write_json
from ...contract.files.json_file import read_json
from ...contract.model_contract.model_contract import read_contract
from ...contract.model_contract.provenance import new_run_id
from ...contract.run.run_folder import RunFolder
from ..run.history import CURVES, History, new_history
from ..run.run_destination import empty_run
from ..train_options import TrainOptions
from .checkpoints import Checkpoints

#: Folder of the checkpoints, in the run folder.
CHECKPOINTS = "checkpoint"

#: Options that a resumed training may not change: its weights would not fit, or would mean something else.
FIXED_ON_RESUME = (
    "image_size",
    "backbone",
    "weights",
    "augment",
    "horizontal_flip",
    "learning_rate",
    "seed",
    "precision",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRecord:
    """One training, saved after every epoch.

    Attributes:
        folder: the run folder.
        run_id: of this run.
        options: as given.
        policy: Keras dtype policy, "float32" or "mixed_float16".
        data_sha256: of the images, their labels and splits.
        history: grows by one value an epoch and curve.
    """

    folder: RunFolder
    run_id: str
    options: TrainOptions
    policy: str
    data_sha256: str
    history: History

    @property
    def checkpoints(self) -> Checkpoints:
        """The models after the last and the best epoch."""
        return Checkpoints(self.folder.root / CHECKPOINTS, self.policy)

    def save_epoch(self, model: Any) -> None:
        """Save the model as the last epoch of the history, then the history, which users poll."""
        self.checkpoints.save(model, self.history)
        self.save_history()

    def save_history(self, **more: Any) -> None:
        """Write training_history.json: flat lists, and which run, options and data they belong to."""
        facts = {"run_id": self.run_id, "policy": self.policy, "data_sha256": self.data_sha256}
        write_json(self.folder.history, facts | {"options": self.options.to_json()} | more | self.history)

    def check_same_data(self, data_sha256: str) -> None:
        """Raise InputError unless the images, labels and splits are those that the training began with."""
        if data_sha256 != self.data_sha256:
            raise InputError(
                "data set changed since the training began",
                where=self.folder.root,
                expected=f"images, labels and splits with the hash {self.data_sha256[:12]}",
                received=data_sha256[:12],
                fix="restore the data set, or train into another folder without --resume",
            )


def start_record(folder: RunFolder, options: TrainOptions, *, policy: str, data_sha256: str) -> TrainingRecord:
    """Begin a new run in `folder`, which is emptied; `check_destination` has let it pass.

    The history comes first: stopped after it, the folder holds two runs, which every command refuses, and the new one
    can be resumed, for `resume_record` goes on with the emptying.
    """
    record = TrainingRecord(
        folder=folder,
        run_id=new_run_id(),
        options=options,
        policy=policy,
        data_sha256=data_sha256,
        history=new_history(),
    )
    record.save_history()
    empty_run(folder)
    return record


def resume_record(folder: RunFolder, options: TrainOptions) -> TrainingRecord:
    """Read the record of an interrupted training.

    Raises:
        InputError: there is nothing to resume.
        UsageError: the training is finished, or the options would change what was trained so far.
    """
    if folder.contract.is_file() and not _is_of_older_run(folder):
        Checkpoints(folder.root / CHECKPOINTS, "").remove()  # where the training stopped just before it did so
        raise UsageError("training is finished", where=folder.root, fix="drop --resume, or train into another folder")
    if not folder.history.is_file():
        raise InputError("nothing to resume", where=folder.root, expected=folder.history.name, fix="drop --resume")
    saved = read_json(folder.history)
    try:
        record = TrainingRecord(
            folder=folder,
            run_id=saved["run_id"],
            options=options,
            policy=saved["policy"],
            data_sha256=saved["data_sha256"],
            history={curve: list(saved[curve]) for curve in CURVES},
        )
        before = {name: saved["options"][name] for name in FIXED_ON_RESUME}
    except (KeyError, TypeError) as error:
        raise InputError("training history is not modelport's", where=folder.history, received=repr(error)) from error
    now = options.to_json()
    changed = [name for name in FIXED_ON_RESUME if before[name] != now[name]]
    if changed:
        raise UsageError(
            "a resumed training cannot change these options",
            where=folder.root,
            expected=", ".join(f"{name}={before[name]}" for name in changed),
            received=", ".join(f"{name}={now[name]}" for name in changed),
            fix="give the options of the first call again, or train into another folder",
        )
    if not record.history["phase"]:  # stopped before the first epoch, maybe while an older run was overwritten
        empty_run(folder)
    return record


def _is_of_older_run(folder: RunFolder) -> bool:
    """Whether contract.json is that of the run that was to be overwritten when the process stopped."""
    try:
        run_id: str = read_json(folder.history)["run_id"]
        return read_contract(folder.contract).provenance.run_id != run_id
    except (InputError, KeyError, TypeError):
        return False
