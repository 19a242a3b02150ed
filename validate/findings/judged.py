"""A verdict on one budget with its sentence: what was measured, on how much, the limit, and who set it."""

import math

from ...contract.statistics.intervals import Z95
from ..budgets.budgets import Budget
from ..scores.head_scores import HeadScores
from .verdict import Verdict

Judged = tuple[Verdict, str]
PASS, FAIL, UNDECIDED, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED, Verdict.NOT_JUDGED


def at_least(value: float, budget: Budget, measured: str) -> Judged:
    """Judge a floor, which a NaN is never above."""
    return PASS if value >= budget.limit else FAIL, f"{measured}; budget at least {limit(budget)}"


def counted_floor(value: float, n: int, budget: Budget, measured: str) -> Judged:
    """Judge a floor of a share of `n` images as it was counted, but take no pass from so few that none could prove it.

    A single image that is right would pass any floor. Where even a perfect score leaves the floor within its 95 %
    interval (Wilson), what was counted says nothing. A floor of 1 asks that all of these images are right.
    """
    verdict, sentence = at_least(value, budget, measured)
    needed = 0 if budget.limit >= 1 else math.ceil(Z95**2 * budget.limit / (1 - budget.limit))
    if verdict is FAIL or n >= needed:
        return verdict, sentence
    return UNDECIDED, f"{sentence}; {images(n)} cannot prove that: {needed:,} can, if all are right"


def at_most(value: float, budget: Budget, measured: str) -> Judged:
    """Judge a limit, within which a NaN never is."""
    within = not math.isnan(value) and value <= budget.limit
    return PASS if within else FAIL, f"{measured}; budget at most {limit(budget)}"


def images(n: int) -> str:
    """Return how many, in words.

    Example:
        >>> images(1), images(75)
        ('1 image', '75 images')

    """
    return f"{n} image{'s' * (n != 1)}"


def limit(budget: Budget) -> str:
    """Return the value and who set it."""
    return f"{budget.value} ({budget.source})"


def no_reference(scores: HeadScores, budget: Budget) -> Judged:
    """Say that there is nothing to compare with."""
    return NOT_JUDGED, f"{budget.key} not judged: no reference for any of {images(scores.n)}"


def no_truth(scores: HeadScores, budget: Budget) -> Judged:
    """Say that nobody knows what is right."""
    return NOT_JUDGED, f"{budget.key} not judged: nothing says what is right for head {scores.head!r}"
