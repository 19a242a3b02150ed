"""The Keras callback that records every epoch, narrates it, and stops on a loss that is no number."""

import math
import time
from collections.abc import Iterator

import keras

from ...contract.errors import JudgedAndFailed
from ...contract.narration import Narrator
from ..run.history import CURVES, learning_rate_for_next_epoch, stale_epochs, start_rate
from .training_record import TrainingRecord


class EpochRecorder(keras.callbacks.Callback):  # type: ignore[misc]  # keras ships no types
    """Appends each epoch to a record, sets the learning rate of the next one, and stops when none gets better."""

    def __init__(self, record: TrainingRecord, phase: int, narrator: Narrator) -> None:
        super().__init__()
        self._record, self._phase, self._narrator = record, phase, narrator
        self._bar: Iterator[int] = iter(())
        self._start = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Set the learning rate that follows from the history, and open the progress bar."""
        history, options = self._record.history, self._record.options
        start = start_rate(self._phase, options.learning_rate)
        rate = learning_rate_for_next_epoch(history, self._phase, start, options.patience)
        self.model.optimizer.learning_rate = rate
        steps = self.params.get("steps") or 1
        self._bar = self._narrator.track(range(steps + 1), steps, f"phase {self._phase}, epoch {epoch + 1}")
        next(self._bar, None)
        self._start = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Move the bar, and stop on NaN or infinity.

        Raises:
            JudgedAndFailed: the loss is no number.
        """
        next(self._bar, None)
        self._check_finite("loss", (logs or {}).get("loss", 0.0), f", batch {batch + 1}")

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Record, save and tell one epoch.

        Raises:
            JudgedAndFailed: the validation loss is no number.
        """
        list(self._bar)
        self._check_finite("validation loss", (logs or {})["val_loss"], "")
        measured = (logs or {}) | {
            "learning_rate": float(self.model.optimizer.learning_rate),
            "phase": self._phase,
            "seconds": round(time.perf_counter() - self._start, 2),
        }
        for curve in CURVES:
            self._record.history[curve].append(measured[curve])
        self._record.save_epoch(self.model)
        self.model.stop_training = stale_epochs(self._record.history, self._phase) >= self._record.options.patience
        self._narrator.say(
            f"phase {self._phase}  epoch {epoch + 1:<3}  "
            f"loss {measured['loss']:.4f}  accuracy {measured['accuracy']:.3f}  "
            f"val_loss {measured['val_loss']:.4f}  val_accuracy {measured['val_accuracy']:.3f}  "
            f"lr {measured['learning_rate']:.1e}  {measured['seconds']:.0f} s"
        )

    def _check_finite(self, what: str, value: float, batch: str) -> None:
        if math.isfinite(value):
            return
        raise JudgedAndFailed(
            f"{what} became {value} in phase {self._phase}",
            where=f"epoch {len(self._record.history['phase']) + 1}{batch}",
            fix="likely causes:\n"
            "- the learning rate: try a tenth of --learning-rate\n"
            "- mixed precision: try --precision float32\n"
            "- images that are not numbers: modelport prepare checks every file\n"
            "either in another folder, or with --overwrite",
        )
