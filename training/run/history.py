"""Early stopping, learning rate and best epoch, derived from the history: nothing else is saved to resume."""

from collections.abc import Sequence
from typing import Any

#: What training_history.json lists, one value an epoch.
CURVES = ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "phase", "seconds")

History = dict[str, list[Any]]

#: Learning rate of phase 2 as a share of phase 1's: fine-tuning must not destroy what the backbone knows.
FINE_TUNING_SHARE = 0.1


def new_history() -> History:
    """Return a history of no epochs."""
    return {curve: [] for curve in CURVES}


def epochs_of_phase(history: History, phase: int) -> list[int]:
    """Return the indices of the epochs of one phase (counted from 1)."""
    return [index for index, value in enumerate(history["phase"]) if value == phase]


def phases_to_run(history: History, phases: Sequence[int]) -> list[tuple[int, int]]:
    """Return (phase, epochs) of the phases that are not behind the last epoch; one that was left is not taken up again.

    Example:
        >>> phases_to_run(new_history(), (2, 6)), phases_to_run({"phase": [1, 2]}, (2, 6))
        ([(1, 2), (2, 6)], [(2, 6)])
    """
    current = history["phase"][-1] if history["phase"] else 1
    return [(phase, epochs) for phase, epochs in enumerate(phases, start=1) if phase >= current]


def best_epoch(history: History, epochs: Sequence[int] | None = None) -> int:
    """Return the index of the epoch with the highest validation accuracy; of equal ones, the lowest validation loss."""
    among = range(len(history["phase"])) if epochs is None else epochs
    return max(among, key=lambda i: (history["val_accuracy"][i], -history["val_loss"][i]))


def stale_epochs(history: History, phase: int) -> int:
    """Return how many epochs of the phase have passed since its best one."""
    epochs = epochs_of_phase(history, phase)
    return epochs[-1] - best_epoch(history, epochs) if epochs else 0


def start_rate(phase: int, learning_rate: float) -> float:
    """Return the learning rate that a phase begins with, given phase 1's."""
    return learning_rate * (FINE_TUNING_SHARE if phase > 1 else 1.0)


def learning_rate_for_next_epoch(history: History, phase: int, start: float, patience: int) -> float:
    """Return `start`, halved each time that half of `patience` went by without a better epoch.

    Args:
        history: so far.
        phase: whose epochs count.
        start: learning rate of the phase's first epoch.
        patience: as in TrainOptions.

    Example:
        >>> history = new_history() | {"phase": [1, 1, 1], "val_accuracy": [0.5, 0.4, 0.3], "val_loss": [1, 2, 3]}
        >>> learning_rate_for_next_epoch(history, 1, 0.01, patience=4)
        0.005
    """
    wait, rate = max(1, patience // 2), start
    epochs = epochs_of_phase(history, phase)
    best, since = None, 0
    for epoch in epochs:
        score = (history["val_accuracy"][epoch], -history["val_loss"][epoch])
        if best is None or score > best:
            best, since = score, 0
            continue
        since += 1
        if since == wait:
            rate, since = rate / 2, 0
    return rate


def phase_is_over(history: History, phase: int, epochs: int, patience: int) -> bool:
    """Whether the phase has run its epochs, or `patience` of them without a better one."""
    return len(epochs_of_phase(history, phase)) >= epochs or stale_epochs(history, phase) >= patience
