"""What an undecided drop counts as where something must be chosen all the same: its point value decides. Numpy-free."""

from collections.abc import Iterable

from ..budgets.budgets import Budget
from ..budgets.head_budgets import split_key
from ..scores.head_scores import HeadScores, RegressionScores
from .verdict import Finding, Verdict


def verdict_by_point(finding: Finding, scores: Iterable[HeadScores], budgets: dict[str, Budget]) -> Verdict:
    """Return PASS or FAIL for a drop, or an increase of an error, that the images do not settle; else the verdict.

    Args:
        finding: its key is that of the budget: of one that is for a head alone, heads.NAME.KEY.
        scores: of every head at its door.
        budgets: key to budget.

    Returns:
        UNDECIDED for what else is undecided: a floor that so few images cannot prove, or a time.
    """
    if finding.verdict is not Verdict.UNDECIDED:
        return finding.verdict
    key = split_key(finding.key)[1]
    points = [value for one in scores if one.head == finding.head for value in _points(one, key)]
    if not points:
        return Verdict.UNDECIDED
    limit = budgets[finding.key].limit
    return Verdict.PASS if all(value <= limit for value in points) else Verdict.FAIL  # a NaN is within no budget


def _points(scores: HeadScores, key: str) -> list[float]:
    """Return the point values, in points or in the head's unit, that an interval may leave undecided."""
    if isinstance(scores, RegressionScores):
        increase = scores.mae_increase if key == "max_mae_increase" else None
        return [] if increase is None else [increase]
    drop, classes = (scores.parity.drop, scores.parity.class_drops) if scores.parity else (None, ())
    drops = {"max_drop_points": (drop,), "max_class_recall_drop_points": classes}.get(key, ())
    return [one.points for one in drops if one is not None]
