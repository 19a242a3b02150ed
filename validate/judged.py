"""A verdict on one budget with its sentence: what was measured, on how much, the limit, and who set it."""

import math

from .budgets import Budget
from .head_scores import HeadScores
from .verdict import Verdict

Judged = tuple[Verdict, str]
PASS, FAIL, UNDECIDED, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED, Verdict.NOT_JUDGED


def at_least(value: float, budget: Budget, measured: str) -> Judged:
    """Judge a floor, which a NaN is never above."""
    return PASS if value >= budget.limit else FAIL, f"{measured}; budget at least {limit(budget)}"


def at_most(value: float, budget: Budget, measured: str) -> Judged:
    """Judge a limit, within which a NaN never is."""
    within = not math.isnan(value) and value <= budget.limit
    return PASS if within else FAIL, f"{measured}; budget at most {limit(budget)}"


def limit(budget: Budget) -> str:
    """Return the value and who set it."""
    return f"{budget.value} ({budget.source})"


def no_reference(scores: HeadScores, budget: Budget) -> Judged:
    """Say that there is nothing to compare with."""
    return NOT_JUDGED, f"{budget.key} not judged: no reference for any of {scores.n} images"


def no_truth(scores: HeadScores, budget: Budget) -> Judged:
    """Say that nobody knows what is right."""
    return NOT_JUDGED, f"{budget.key} not judged: nothing says what is right for head {scores.head!r}"
