"""What a training has done so far: training_history.json and the checkpoints beside it."""

import shutil
from dataclasses import dataclass
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
FIXED_ON_RESUME = ("image_size", "backbone", "weights", "augment", "horizontal_flip", "learning_rate", "seed")


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """One training, saved after every epoch.

    Attributes:
        folder: the run folder.
        run_id: of this run.
        options: as given.
        history: grows by one value an epoch and curve.
    """

    folder: RunFolder
    run_id: str
    options: TrainOptions
    history: History

    @property
    def checkpoints(self) -> Checkpoints:
        """The models after the last and the best epoch."""
        return Checkpoints(self.folder.root / "checkpoint")

    def save_epoch(self, model: Any) -> None:
        """Save the model as the last epoch of the history, then the history, which users poll."""
        self.checkpoints.save(model, self.history)
        self.save_history()

    def save_history(self, **more: Any) -> None:
        """Write training_history.json: flat lists, and which run and options they belong to."""
        facts = {"run_id": self.run_id, "options": self.options.to_json()}
        write_json(self.folder.history, facts | more | self.history)


def start_record(folder: RunFolder, options: TrainOptions) -> TrainingRecord:
    """Begin a new run in `folder`; an old one that `check_destination` let pass is deleted."""
    shutil.rmtree(folder.root, ignore_errors=True)
    folder.root.mkdir(parents=True)
    record = TrainingRecord(folder, new_run_id(), options, new_history())
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
        history, before = {curve: saved[curve] for curve in CURVES}, saved["options"]
        changed = [name for name in FIXED_ON_RESUME if before[name] != options.to_json()[name]]
    except (KeyError, TypeError) as error:
        raise InputError("training history is not modelport's", where=folder.history, received=repr(error)) from error
    if changed:
        raise UsageError(
            "a resumed training cannot change these options",
            where=folder.root,
            expected=", ".join(f"{name}={before[name]}" for name in changed),
            received=", ".join(f"{name}={options.to_json()[name]}" for name in changed),
            fix="give the options of the first call again, or train into another folder",
        )
    return TrainingRecord(folder, saved["run_id"], options, history)


def check_destination(root: Path, *, overwrite: bool) -> None:
    """Refuse a folder that a new run would damage.

    Raises:
        UsageError: it holds a run and `overwrite` was not given, or it holds something else.
    """
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return
    folder = RunFolder(root)
    is_run = folder.history.is_file() or folder.contract.is_file()
    if not is_run:
        raise UsageError("output exists and is not a run folder", where=root, fix="choose another folder")
    if not overwrite:
        finished = folder.contract.is_file()
        raise UsageError(
            "output exists",
            where=root,
            received="a finished run" if finished else "a training that was interrupted",
            fix="choose another folder, or pass --overwrite" + ("" if finished else ", or go on with --resume"),
        )
