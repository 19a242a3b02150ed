"""Which value range a model was trained on: decided from its answers on labelled images alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.errors import UsageError
from ...contract.statistics.intervals import binomial_tail, wilson_interval
from .options import Range, range_name

#: Two-sided level of the paired tests that call one range clearly better than another.
PAIRED_LEVEL = 0.01
#: The 0.995 quantile of the standard normal distribution, for the same level.
Z99 = 2.5758293035489004
#: Images from which a mean is taken to be normally distributed, as textbooks have it.
ENOUGH_FOR_Z = 30
#: One-sided level of the exact binomial test against the most frequent class's share, for all candidates together.
CHANCE_LEVEL = 0.05
#: Why a model may be at chance, beside its range; the labels are the more frequent reason.
OTHER_ORDER = "the labels file is in another order than the model's outputs"
OTHER_PREPROCESSING = "the model wants other preprocessing, such as BGR, inverted colours or the mean subtracted"
#: A wider range makes a network surer, right or wrong; with so many errors, being surer is no longer better.
ERRORS_THAT_PUNISH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeScore:
    """What the model answered under one range.

    Attributes:
        value_range: the values that black and white became.
        right: (n,) whether the true label was the most probable.
        log_probability: (n,) natural logarithm of the true label's probability.
    """

    value_range: Range
    right: NDArray[np.bool_]
    log_probability: NDArray[np.float64]

    @property
    def span(self) -> float:
        """White minus black."""
        return self.value_range[1] - self.value_range[0]

    @property
    def order(self) -> tuple[int, float]:
        """Better scores are greater."""
        return int(self.right.sum()), float(self.log_probability.mean())

    def p_of_luck(self, chance: float) -> float:
        """Return the exact probability that naming labels with success `chance` gets as many right."""
        return binomial_tail(int(self.right.sum()), len(self.right), chance)

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        right, log_probability = self.order
        return {
            "value_range": list(self.value_range),
            "top1": right / len(self.right),
            "mean_log_probability": log_probability,
        }

    def __str__(self) -> str:
        right, n = int(self.right.sum()), len(self.right)
        low, high = wilson_interval(right, n)
        return (
            f"{range_name(self.value_range):>7}  top-1 {right / n:.3f} [{low:.3f}, {high:.3f}]"
            f"  mean log-probability of the truth {self.log_probability.mean():.2f}"
        )


def is_clearly_better(one: RangeScore, other: RangeScore) -> bool:
    """Whether the same images tell that `one` suits the model better than `other`.

    By top-1, McNemar's exact test on the images that flip. Where that leaves it open, by the probability of the truth:
    its logarithm must be higher on average (paired z test), and a wider range must have erred. How many images have a
    higher one says nothing: under too wide a range most are surer, and the few errors cost the more.
    """
    by_top1 = top1_tells(one, other)
    if by_top1 is not None:
        return by_top1
    if one.right.sum() < other.right.sum() or (one.span > other.span and int((~one.right).sum()) < ERRORS_THAT_PUNISH):
        return False
    gains = one.log_probability - other.log_probability
    return len(gains) >= ENOUGH_FOR_Z and bool(gains.mean() > Z99 * gains.std(ddof=1) / math.sqrt(len(gains)))


def top1_tells(one: RangeScore, other: RangeScore) -> bool | None:
    """Whether `one` gets clearly more images right than `other`; None: McNemar's exact test leaves it open."""
    won, lost = int((one.right & ~other.right).sum()), int((other.right & ~one.right).sum())
    return won > lost if _p_of_split(won, lost) <= PAIRED_LEVEL else None


def choose_range(scores: Sequence[RangeScore], chance: float) -> Range:
    """Return the range that the model was clearly trained on.

    Args:
        scores: one for each candidate, on the same images.
        chance: the most frequent class's share of them.

    Raises:
        UsageError: none is above chance, or none is clearly better than every other.
    """
    best = max(scores, key=lambda score: score.order)
    level = CHANCE_LEVEL / len(scores)
    if best.p_of_luck(chance) > level:
        raise _undecided(
            "the model is at chance under every value range",
            scores,
            f"top-1 above {chance:.3f}, the most frequent class's share (exact binomial, p <= {level:.2g})",
            "likely causes, most frequent first:\n"
            f"- {OTHER_ORDER}\n"
            f"- {OTHER_PREPROCESSING}\n"
            "- too few images for a bad model\n"
            "if you know the range, pass --source-range LOW..HIGH",
        )
    unclear = [other for other in scores if other is not best and not is_clearly_better(best, other)]
    if unclear:
        raise _undecided(
            f"value range cannot be measured: {range_name(best.value_range)} and "
            f"{' and '.join(range_name(other.value_range) for other in unclear)} answer alike",
            scores,
            f"one range that is clearly better (paired tests, p <= {PAIRED_LEVEL})",
            "pass --source-range LOW..HIGH, the range that the model was trained on, or --data with more images",
        )
    return best.value_range


def doubts(scores: Sequence[RangeScore], given: Range, chance: float) -> list[str]:
    """Return sentences that contradict a range that the user gave; none where the images do not speak against it.

    Another range is only named if the model is above chance under it: with labels in another order, it is nowhere.
    """
    own = next(score for score in scores if score.value_range == given)
    found = [
        f"value range {range_name(given)} was given, but the model answers clearly better under"
        f" {range_name(other.value_range)}"
        for other in scores
        if is_clearly_better(other, own) and other.p_of_luck(chance) <= CHANCE_LEVEL / len(scores)
    ]
    if (p := own.p_of_luck(chance)) > CHANCE_LEVEL:
        found.append(
            f"the model is not above chance under {range_name(given)}: {int(own.right.sum())} of {len(own.right)}"
            f" right, p = {p:.2g}; likely {OTHER_ORDER}, or {OTHER_PREPROCESSING}"
        )
    return found


def _p_of_split(one: int, other: int) -> float:
    """Return the two-sided exact probability of so uneven a split of fair coins."""
    return min(1.0, 2 * binomial_tail(max(one, other), one + other, 0.5)) if one != other else 1.0


def _undecided(what: str, scores: Sequence[RangeScore], expected: str, fix: str) -> UsageError:
    where, received = f"{len(scores[0].right)} labelled images", "\n".join(map(str, scores))
    return UsageError(what, where=where, expected=expected, received=received, fix=fix)
