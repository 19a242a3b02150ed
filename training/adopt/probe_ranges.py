"""Ranges that are never chosen: a model that answers clearly better under one of them takes none of the candidates."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...contract.errors import UsageError
from .measure_range import Answers, score_ranges
from .options import CANDIDATES, Range, range_name
from .value_ranges import ENOUGH_FOR_Z, PAIRED_LEVEL, Z99, RangeScore, top1_tells

#: What else image classifiers are trained on, and how that came about.
PROBES: dict[Range, str] = {
    (-0.5, 0.5): "pixels / 255 - 0.5",
    (-127.5, 127.5): "pixels with a mean near 127.5 subtracted",
    # (0 - mean) / deviation and (1 - mean) / deviation for ImageNet's usual (0.485, 0.456, 0.406) and (0.229, 0.224,
    # 0.225), https://docs.pytorch.org/vision/stable/models.html, are -2.0 and 2.4 on the average of the channels.
    (-2.0, 2.4): "each channel with ImageNet's mean subtracted and divided by its deviation",
}
_PER_CHANNEL = (-2.0, 2.4)
#: Images that a probe is dropped on, unless it is ahead there.
SCREEN = 60
#: Nats by which the mean log-probability must be higher, each range at its best temperature. Measured on 2026-11-21 on
#: classifiers of 8 x 8 digits: of 120 that were fed their true range, none gained more than 0.026 under a probe; one of
#: -127.5..127.5 that was fed -1..1 gained 1.4.
LEAST_GAIN = 0.1
#: A probe that loses no more than this could be the true range as well.
ALIKE = 0.01
#: How far from 1 the factor may be that makes a trained network's logits most honest. It was 0.1 to 3.3 for classifiers
#: like those; one that must be 50 times as sure is fed the wrong range.
FACTORS = (1 / 32, 4.0)


def check_probes(
    run: Callable[[slice, Sequence[Range]], Mapping[Range, Answers]],
    best: Answers,
    scores: Sequence[RangeScore],
    chosen: Range,
    truth: NDArray[np.int64],
) -> list[Range]:
    """Refuse the candidate that was measured if the model answers clearly better under a range that is none.

    Args:
        run: the images and the ranges to run to the answers under each range.
        best: (n, labels), the answers under `chosen`.
        scores: of the candidates.
        chosen: the best of them.
        truth: (n,) true label indices.

    Returns:
        The probes under which it answers about as well, which the images therefore cannot rule out.

    Raises:
        UsageError: names that range.
    """
    own = next(score for score in scores if score.value_range == chosen)
    few = slice(0, SCREEN)
    answers = dict(run(few, tuple(PROBES)))
    gains = {probe: float(_gain(got, best[few], truth[few]).mean()) for probe, got in answers.items()}
    ahead = [probe for probe, gain in gains.items() if gain > LEAST_GAIN / 3]
    if len(truth) > SCREEN and ahead:
        rest = run(slice(SCREEN, None), ahead)
        answers = {probe: np.concatenate([answers[probe], rest[probe]]) for probe in ahead}
    found = score_ranges({probe: answers[probe] for probe in ahead}, truth)
    better = [score for score in found if _is_better(score, own, _gain(answers[score.value_range], best, truth))]
    if better:
        better.sort(key=lambda score: -at_best_temperature(answers[score.value_range], truth).mean())
        raise _refusal(better, scores)
    return [probe for probe, gain in gains.items() if gain >= -ALIKE]


def _is_better(probe: RangeScore, own: RangeScore, gains: NDArray[np.float64]) -> bool:
    """Whether the probe suits the model better by top-1, or by probabilities that are no surer, only better."""
    by_top1 = top1_tells(probe, own)
    if by_top1 is not None:
        return by_top1
    if probe.log_probability.mean() <= own.log_probability.mean() or len(gains) < ENOUGH_FOR_Z:
        return False
    return bool(gains.mean() > max(LEAST_GAIN, Z99 * gains.std(ddof=1) / math.sqrt(len(gains))))


def _gain(probe: Answers, own: Answers, truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n,) by how much the probe's log-probability of the truth is higher, each at its best temperature."""
    return at_best_temperature(probe, truth) - at_best_temperature(own, truth)


def at_best_temperature(answers: Answers, truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n,) log-probabilities of the truth once the logits were multiplied to make their mean highest.

    The factor is the same for all images, and within FACTORS.

    Most networks answer a wider range more surely: that alone makes none of them better.

    Args:
        answers: (n, labels) probabilities.
        truth: (n,) true label indices.

    References:
        Guo et al. (2017), On calibration of modern neural networks, section 4.2 (temperature scaling).
    """
    logits = np.log(np.fmax(answers.astype(np.float64), np.finfo(np.float32).tiny))
    rows = np.arange(len(truth))

    def scaled(exponent: float) -> NDArray[np.float64]:
        by = math.exp(exponent) * (logits - logits.max(axis=1, keepdims=True))
        found: NDArray[np.float64] = by[rows, truth] - np.log(np.exp(by).sum(axis=1))
        return found

    low, high = map(math.log, FACTORS)
    for _ in range(30):  # the mean has one maximum: it is concave in the factor
        one, other = (2 * low + high) / 3, (low + 2 * high) / 3
        low, high = (one, high) if scaled(one).mean() < scaled(other).mean() else (low, other)
    return scaled((low + high) / 2)


def _refusal(better: Sequence[RangeScore], scores: Sequence[RangeScore]) -> UsageError:
    """Say it of the first of `better`, the best, and show all."""
    best = better[0].value_range
    name, how = range_name(best), PROBES[best]
    if best == _PER_CHANNEL:
        fix = (
            "it seems that each channel had ImageNet's mean subtracted and was divided by its deviation, which no\n"
            "one range can say: put keras.layers.Normalization(mean=, variance=) before the model's first layer,\n"
            f"and adopt that with --source-range 0..1; the nearest range is --source-range {name}"
        )
    else:
        fix = (
            f"if it was trained on {how}, pass --source-range {name};\n"
            "else pass the LOW..HIGH that it was trained on (numbers of their own for each channel cannot be said so)"
        )
    return UsageError(
        f"the model takes none of {', '.join(map(range_name, CANDIDATES))}: it answers clearly better under {name}",
        where=f"{len(better[0].right)} labelled images",
        expected=f"one of the {len(CANDIDATES)} that no other range beats (paired tests, p <= {PAIRED_LEVEL})",
        received="\n".join(map(str, (*scores, *better))),
        fix=fix,
    )
