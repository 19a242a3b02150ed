"""Closed forms: accuracies written down by hand, and what must follow from them."""

import pytest
from modelport.training.run.history import (
    CURVES,
    History,
    best_epoch,
    epochs_of_phase,
    learning_rate_for_next_epoch,
    new_history,
    phase_is_over,
    stale_epochs,
)


def history(*accuracies: float, losses: tuple[float, ...] = (), phases: tuple[int, ...] = ()) -> History:
    return new_history() | {
        "val_accuracy": list(accuracies),
        "val_loss": list(losses or [1.0] * len(accuracies)),
        "phase": list(phases or [1] * len(accuracies)),
    }


def test_a_new_history_has_every_curve_and_no_epoch() -> None:
    assert {curve: [] for curve in CURVES} == new_history()


@pytest.mark.parametrize(
    ("given", "best"),
    [
        pytest.param(history(0.1, 0.9, 0.5), 1, id="highest-accuracy"),
        pytest.param(history(0.5, 0.9, 0.9, losses=(1, 0.4, 0.3)), 2, id="of-equal-ones-the-lower-loss"),
        pytest.param(history(0.9, 0.9, losses=(0.3, 0.3)), 0, id="of-the-same-the-first"),
        pytest.param(history(0.9, 0.2, 0.8, phases=(1, 2, 2)), 0, id="over-both-phases"),
    ],
)
def test_best_epoch(given: History, best: int) -> None:
    assert best == best_epoch(given)


def test_best_epoch_of_a_phase() -> None:
    given = history(0.9, 0.2, 0.8, phases=(1, 2, 2))
    assert [1, 2] == epochs_of_phase(given, 2)
    assert 2 == best_epoch(given, epochs_of_phase(given, 2))


@pytest.mark.parametrize(
    ("accuracies", "rate"),
    [
        pytest.param((), 0.08, id="start"),
        pytest.param((0.5,), 0.08, id="first"),
        pytest.param((0.5, 0.4), 0.08, id="one-stale"),
        pytest.param((0.5, 0.4, 0.4), 0.04, id="two-stale-halve"),
        pytest.param((0.5, 0.4, 0.4, 0.4), 0.04, id="three"),
        pytest.param((0.5, 0.4, 0.4, 0.4, 0.4), 0.02, id="four-halve-again"),
        pytest.param((0.5, 0.4, 0.6, 0.4), 0.08, id="a-better-one-starts-the-wait-anew"),
        pytest.param((0.5, 0.4, 0.4, 0.9, 0.9, 0.9), 0.02, id="a-halved-rate-stays-halved"),
    ],
)
def test_the_rate_halves_each_time_half_the_patience_is_used(accuracies: tuple[float, ...], rate: float) -> None:
    assert rate == learning_rate_for_next_epoch(history(*accuracies), 1, 0.08, patience=4)


def test_a_phase_does_not_wait_for_the_other() -> None:
    given = history(0.9, 0.8, 0.8, 0.1, 0.2, phases=(1, 1, 1, 2, 2))
    assert 0.01 == learning_rate_for_next_epoch(given, 2, 0.01, patience=4)
    assert 2 == stale_epochs(given, 1)
    assert 0 == stale_epochs(given, 2)


def test_the_smallest_patience_halves_every_stale_epoch() -> None:
    assert 0.02 == learning_rate_for_next_epoch(history(0.5, 0.4, 0.4), 1, 0.08, patience=1)


@pytest.mark.parametrize(
    ("accuracies", "over"),
    [
        pytest.param((), False, id="no-epoch"),
        pytest.param((0.5, 0.6, 0.7), False, id="rising"),
        pytest.param((0.5, 0.6, 0.7, 0.8), True, id="all-epochs"),
        pytest.param((0.9, 0.6), False, id="one-stale"),
        pytest.param((0.9, 0.6, 0.7), True, id="as-many-stale-as-patience"),
    ],
)
def test_a_phase_ends_with_its_epochs_or_its_patience(accuracies: tuple[float, ...], over: bool) -> None:
    assert over == phase_is_over(history(*accuracies), 1, epochs=4, patience=2)
