"""Budgets that are judged by an interval: pass, fail, or undecided with the number of images that would decide."""

import math
from statistics import NormalDist

from ...contract.statistics.drop_decision import LEVEL, Side, decide_drop, p_if_above, p_if_within
from ...contract.statistics.images_to_decide import CHANCE, MOST_IMAGES, images_to_decide
from ...contract.statistics.intervals import Z95
from ..budgets.budgets import Budget
from ..findings.judged import FAIL, NOT_JUDGED, PASS, UNDECIDED, Judged, images, limit, no_reference, no_truth
from ..scores.head_scores import Drop, RegressionScores


def judge_drop(drop: Drop, budget: Budget) -> Judged:
    """Pass if the upper bound is within the budget, fail if the lower bound is outside, else say what decides it.

    Where few images flip, both also ask for the exact probability (contract/statistics/drop_decision.py).
    """
    sentence = f"{measured_drop(drop)}; budget at most {limit(budget)}"
    side = decide_drop(drop.lost, drop.won, drop.n, budget.limit / 100)
    if side is not Side.UNDECIDED:
        return PASS if side is Side.WITHIN else FAIL, sentence
    return UNDECIDED, f"{sentence}; {_doubt(drop, budget.limit)}{_settles(drop, budget.limit)}"


def measured_drop(drop: Drop) -> str:
    """Say what was measured, without a budget."""
    low, high = drop.interval_points
    what = f"recall drop of {drop.label!r}" if drop.label else "top-1 drop"
    return (
        f"{what} {drop.points:+.1f} points [{low:+.1f}, {high:+.1f}] on {images(drop.n)} (lost {drop.lost}, "
        f"won {drop.won})"
    )


def _doubt(drop: Drop, points: float) -> str:
    """Say why an interval that lies on one side of the budget is not enough."""
    low, high = drop.interval_points
    if low <= points < high:
        return ""
    chance = (p_if_above if high <= points else p_if_within)(drop.lost, drop.won, drop.n, points / 100)
    return f"so few flips are no proof: {100 * chance:.1f} % chance at the budget, above {100 * LEVEL:.1f} %; "


def _settles(drop: Drop, points: float) -> str:
    if math.isclose(drop.points, points, abs_tol=1e-9):
        return "the drop is at the budget itself"
    what = "images of that class" if drop.label else "images"
    return _needed(images_to_decide(drop.lost, drop.won, drop.n, points / 100), what)


def _needed(number: int | None, what: str = "images") -> str:
    """Say how many would do, and how surely: a number at which it is as likely as not would send people out in vain."""
    if number is None or number > MOST_IMAGES:
        return f"more than {MOST_IMAGES:,} {what} would be needed"
    return f"about {number:,} {what} would settle it in four of five cases"


def judge_mae_increase(scores: RegressionScores, budget: Budget) -> Judged:
    """Judge how much larger the absolute errors are than the reference's, by the interval of the paired difference."""
    if scores.max_value_difference is None:
        return no_reference(scores, budget)
    if scores.mae_increase is None:
        return no_truth(scores, budget)
    if scores.mae_increase_interval is None:
        return NOT_JUDGED, f"{budget.key} not judged: one image has no interval"
    low, high = scores.mae_increase_interval
    sentence = (
        f"mean absolute error {scores.mae_increase:+.4g} {scores.unit} [{low:+.4g}, {high:+.4g}] from the reference's "
        f"on {images(scores.paired_n)}; budget at most {limit(budget)}"
    )
    if high <= budget.limit:
        return PASS, sentence
    if not low <= budget.limit:  # so that a NaN fails
        return FAIL, sentence
    distance = abs(budget.limit - scores.mae_increase)
    if not distance:
        return UNDECIDED, f"{sentence}; the increase is at the budget itself"
    spread = (high - low) / 2 * (1 + NormalDist().inv_cdf(CHANCE) / Z95)
    return UNDECIDED, f"{sentence}; {_needed(math.ceil(scores.paired_n * (spread / distance) ** 2))}"
