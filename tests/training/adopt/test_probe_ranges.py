"""Made-up answers whose right decision is known; the temperature's oracle is scipy's minimizer."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from modelport.contract.errors import UsageError
from modelport.training.adopt.measure_range import Answers, score_ranges
from modelport.training.adopt.options import CANDIDATES, Range
from modelport.training.adopt.probe_ranges import PROBES, SCREEN, at_best_temperature, check_probes
from scipy.optimize import minimize_scalar

N, LABELS = 200, 5
TRUTH = np.arange(N) % LABELS
HALF, CENTERED, PER_CHANNEL = PROBES


def _softmax(logits: np.ndarray) -> Answers:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Answers = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities


def _logits(noise: float) -> np.ndarray:
    """The truth is ahead by 3, but for noise."""
    return 3 * np.eye(LABELS)[TRUTH] + np.random.default_rng(0).normal(scale=noise, size=(N, LABELS))


def _check(candidate: Answers, probes: Mapping[Range, Answers]) -> tuple[list[Range], list[tuple[slice, list[Range]]]]:
    """Return what is alike, and which runs were made; the best candidate is -1..1."""
    asked = []

    def run(which: slice, ranges: Sequence[Range]) -> dict[Range, Answers]:
        asked.append((which, list(ranges)))
        return {probe: probes.get(probe, uniform)[which] for probe in ranges}

    uniform = np.full((N, LABELS), 1 / LABELS, dtype=np.float32)
    scores = score_ranges(dict.fromkeys(CANDIDATES, uniform) | {(-1.0, 1.0): candidate}, TRUTH)
    return check_probes(run, candidate, scores, (-1.0, 1.0), TRUTH), asked


def test_a_probe_that_gets_clearly_more_right_is_named_with_what_to_pass() -> None:
    with pytest.raises(
        UsageError, match=r"none of 0\.\.1, 0\.\.255, -1\.\.1.*better under -127\.5\.\.127\.5"
    ) as caught:
        _check(_softmax(_logits(2.5)), {CENTERED: _softmax(_logits(0.5))})
    assert "--source-range -127.5..127.5" in str(caught.value.fix)
    assert 4 == str(caught.value.received).count("top-1"), "the probe's figures are shown beside the candidates'"


def test_a_network_that_hardly_answers_is_fed_the_wrong_range_however_right_it_is() -> None:
    """Pixels of -1..1 hardly move a network of -127.5..127.5: the right label is ahead of the others by a trace."""
    with pytest.raises(UsageError, match=r"under -127\.5\.\.127\.5"):
        _check(_softmax(_logits(1.0) / 50), {CENTERED: _softmax(_logits(1.0))})


def test_normalization_by_channel_is_told_from_a_range() -> None:
    with pytest.raises(UsageError) as caught:
        _check(_softmax(_logits(2.5)), {PER_CHANNEL: _softmax(_logits(0.5))})
    assert "keras.layers.Normalization" in str(caught.value.fix)
    assert "--source-range -2..2.4" in str(caught.value.fix)


@pytest.mark.parametrize("factor", [0.3, 3.0])
def test_the_same_answers_more_or_less_surely_are_alike(factor: float) -> None:
    """So a network without biases answers any multiple of its range: no reason to refuse its own."""
    logits = _logits(2.0)
    alike, _ = _check(_softmax(logits), {HALF: _softmax(factor * logits)})
    assert [HALF] == alike


def test_probes_that_are_not_ahead_on_a_few_images_cost_no_more() -> None:
    alike, asked = _check(_softmax(_logits(1.0)), {})
    assert ([], [(slice(0, SCREEN), list(PROBES))]) == (alike, asked)


@pytest.mark.parametrize("scale", [0.2, 1.0, 5.0])
def test_the_best_temperature_is_that_of_scipy(scale: float) -> None:
    answers = _softmax(scale * _logits(2.0))

    def loss(factor: float) -> float:
        powers = answers.astype(np.float64) ** factor
        return -float(np.log(powers[np.arange(N), TRUTH] / powers.sum(axis=1)).mean())

    best = minimize_scalar(loss, bounds=(1 / 32, 4.0), method="bounded")
    assert best.fun == pytest.approx(-at_best_temperature(answers, TRUTH).mean(), abs=1e-6)
