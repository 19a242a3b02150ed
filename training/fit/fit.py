"""Fit a classifier phase by phase, from wherever its record ends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from ...contract.narration import Narrator
from ..network.classifier import set_trainable
from ..run.history import best_epoch, epochs_of_phase, phase_is_over, phases_to_run, start_rate
from ..train_options import TrainOptions
from .epoch_recorder import EpochRecorder
from .training_record import TrainingRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """What `fit` is given: tf.data.Datasets of ((batch, height, width, channel), (batch,)), and a weight per label."""

    train: Any
    val: Any
    class_weights: dict[int, float]


def fit_phases(
    model: Any, batches: Batches, record: TrainingRecord, after_phase_1: Callable[[float], None], narrator: Narrator
) -> None:
    """Run the phases that the record does not hold yet; each epoch is saved in the record.

    Args:
        model: the model of the record's last epoch, or a new one where the record is empty.
        batches: training and validation data.
        record: says the options, and what is done already.
        after_phase_1: given phase 1's best validation accuracy, in [0, 1], once it is over; may raise.
        narrator: told about each epoch.
    """
    history, options = record.history, record.options
    for phase, epochs in phases_to_run(history, options.phases):
        if not epochs_of_phase(history, phase):
            model = model if phase == 1 else record.checkpoints.load(best_epoch(history), with_optimizer=False)
            start_phase(model, phase, options)
        if not phase_is_over(history, phase, epochs, options.patience):
            _fit_phase(model, phase, epochs, batches, record, narrator)
        if phase == 1:
            after_phase_1(history["val_accuracy"][best_epoch(history, epochs_of_phase(history, 1))])


def start_phase(model: Any, phase: int, options: TrainOptions) -> None:
    """Say what learns in the phase, and compile with a new optimizer.

    Phase 1 trains the head on a frozen backbone; phase 2 the backbone too, except its BatchNorm layers. From scratch
    there is one phase, in which everything learns.
    """
    set_trainable(model, backbone=phase > 1 or options.from_scratch, batch_norm=options.from_scratch)
    model.compile(
        optimizer=keras.optimizers.Adam(start_rate(phase, options.learning_rate)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def _fit_phase(
    model: Any, phase: int, epochs: int, batches: Batches, record: TrainingRecord, narrator: Narrator
) -> None:
    done = len(record.history["phase"])
    model.fit(
        batches.train,
        validation_data=batches.val,
        class_weight=batches.class_weights,
        initial_epoch=done,
        epochs=done + epochs - len(epochs_of_phase(record.history, phase)),
        shuffle=False,  # the data set shuffles itself
        verbose=0,
        callbacks=[
            keras.callbacks.TensorBoard(str(record.folder.logs), write_graph=False),
            EpochRecorder(record, phase, narrator),
        ],
    )
