"""What a training has done so far: training_history.json and the checkpoints beside it."""

import shutil
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from ..contract.atomic_write import write_json
from ..contract.errors import InputError, UsageError
from ..contract.json_file import read_json
from ..contract.provenance import new_run_id
from ..contract.run_folder import RunFolder
from .checkpoints import Checkpoints
from .options import TrainOptions
from .schedule import CURVES, History, new_history

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

#: What a run folder may hold; --overwrite deletes a folder that holds nothing else.
RUN_NAMES = (
    "model*.keras",
    "model*.tflite",
    "model*.onnx",
    "model*.h5",
    "trained_model_graph*.pb",
    "saved_model*",
    "tfjs*",
    "contract.json",
    "training_set_labels.txt",
    "training_history.json",
    "training_history.png",
    "evaluation_report.json",
    "confusion_matrix.png",
    "sample_predictions.png",
    "reference.npz",
    "artifacts.json",
    "logs",
    "checkpoint",
    "validation",
    ".part-*",
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
        return Checkpoints(self.folder.root / "checkpoint", self.policy)

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
    """Begin a new run in `folder`, which is emptied; `check_destination` has let it pass."""
    folder.root.mkdir(parents=True, exist_ok=True)
    for path in folder.root.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    record = TrainingRecord(
        folder=folder,
        run_id=new_run_id(),
        options=options,
        policy=policy,
        data_sha256=data_sha256,
        history=new_history(),
    )
    record.save_history()
    return record


def resume_record(folder: RunFolder, options: TrainOptions) -> TrainingRecord:
    """Read the record of an interrupted training.

    Raises:
        InputError: there is nothing to resume.
        UsageError: the training is finished, or the options would change what was trained so far.
    """
    if folder.contract.is_file():
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
    return record


def check_destination(root: Path, dataset: Path, *, overwrite: bool) -> None:
    """Refuse a folder that a new run would damage.

    Raises:
        UsageError: it holds a run and `overwrite` was not given, or it holds something else, the data set maybe.
    """
    run, data = root.resolve(), dataset.resolve()
    if run == data or run in data.parents:
        raise UsageError("the data set lies in the run folder", where=root, fix="choose another folder for the run")
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return
    folder = RunFolder(root)
    if not (folder.history.is_file() or folder.contract.is_file()):
        raise UsageError("output exists and is not a run folder", where=root, fix="choose another folder")
    if not overwrite:
        finished = folder.contract.is_file()
        raise UsageError(
            "output exists",
            where=root,
            received="a finished run" if finished else "a training that was interrupted",
            fix="choose another folder, or pass --overwrite" + ("" if finished else ", or go on with --resume"),
        )
    foreign = [path.name for path in root.iterdir() if not any(fnmatch(path.name, name) for name in RUN_NAMES)]
    if foreign:
        raise UsageError(
            "output holds more than a run, so it is not replaced",
            where=root,
            received=", ".join(sorted(foreign)[:8]),
            fix="move these away, or choose another folder",
        )
