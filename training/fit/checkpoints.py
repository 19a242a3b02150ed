"""RUN/checkpoint: the model after the last epoch and after the best one, so that an interrupted training goes on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from ...contract.errors import InputError
from ...contract.files import disk
from ...contract.files.atomic_write import atomic_file
from ..network.classifier import dtype_policy
from ..run.history import History, best_epoch


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Model files named by epoch. Which is the last and which the best is derived from the history.

    Attributes:
        folder: holds the files.
        policy: the dtype policy that the models were built under.
    """

    folder: Path
    policy: str

    def save(self, model: Any, history: History) -> None:
        """Save the model, with its optimizer, as the last epoch of `history`, and drop those that are no longer needed.

        Called before the history is written: a stop in between leaves a model too many, never one too few.
        """
        last = len(history["phase"]) - 1
        with atomic_file(self._file(last)) as part:
            model.save(part)
        needed = {self._file(last), self._file(last - 1), self._file(best_epoch(history))}
        needed |= {self._file(best_epoch(history, range(last)))} if last else set()
        for file in self.folder.glob("epoch-*.keras"):
            if file not in needed:
                disk.remove(file)

    def load(self, epoch: int, *, with_optimizer: bool) -> Any:
        """Load the model as it was after `epoch`, counted from 0.

        A model takes the policy that is set while it is loaded, its layers keep their own. Under float32 a model of
        mixed_float16 layers would get an optimizer without loss scaling, and lose the state of the one it had.

        Raises:
            InputError: it is missing or damaged.
        """
        try:
            with dtype_policy(self.policy):
                return keras.models.load_model(self._file(epoch), compile=with_optimizer)
        except (OSError, ValueError) as error:
            raise InputError(
                "checkpoint cannot be read",
                where=self._file(epoch),
                received=str(error).splitlines()[0],
                fix="train again with --overwrite",
            ) from error

    def remove(self) -> None:
        """Delete the folder: training is finished."""
        disk.remove_if_possible(self.folder)

    def _file(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch:04d}.keras"
