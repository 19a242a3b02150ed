"""Budgets of every class: how much recall it may lose, and how much it must have."""

from statistics import NormalDist

from ...contract.statistics.drop_decision import LEVEL, Side, decide_drop, p_if_within
from ...contract.statistics.holm import holm_levels, holm_rejected
from ...contract.statistics.intervals import paired_drop_interval
from ..budgets.budgets import Budget
from ..findings.judged import (
    FAIL,
    NOT_JUDGED,
    PASS,
    UNDECIDED,
    Judged,
    counted_floor,
    images,
    limit,
    no_reference,
    no_truth,
)
from ..findings.verdict import Verdict
from ..scores.head_scores import ClassificationScores, ClassRecall, Drop
from .interval_rules import judge_drop, measured_drop


def judge_class_drops(scores: ClassificationScores, budget: Budget) -> Judged:
    """Fail the classes whose recall dropped too far, corrected for how many classes were looked at (Holm).

    Twenty healthy classes are twenty chances of a false alarm: at 2.5 % each, two in five judgements would have one.
    A pass needs no correction: it asks every class for its upper bound, so that more classes only make it harder.
    """
    if scores.parity is None:
        return no_reference(scores, budget)
    drops = scores.parity.class_drops
    if not drops:
        return no_truth(scores, budget)
    budgeted = budget.limit / 100
    p_values = [p_if_within(drop.lost, drop.won, drop.n, budgeted) for drop in drops]
    levels, rejected = holm_levels(p_values, LEVEL), holm_rejected(p_values, LEVEL)
    failed = [
        (drop, level)
        for drop, level, is_rejected in zip(drops, levels, rejected, strict=True)
        if is_rejected and _adjusted_low(drop, level) > budget.limit
    ]
    if failed:
        drop, level = max(failed, key=lambda pair: pair[0].points)
        return FAIL, f"{_corrected(drop, level, len(drops))}; budget at most {limit(budget)}{_more(len(failed))}"
    open_ = [drop for drop in drops if decide_drop(drop.lost, drop.won, drop.n, budgeted) is not Side.WITHIN]
    if open_:
        return UNDECIDED, _undecided(max(open_, key=lambda drop: drop.points), len(drops), budget) + _more(len(open_))
    return _unless_absent(
        scores, budget, PASS, f"no class of {len(drops)} lost more recall; budget {limit(budget)} points"
    )


def _undecided(drop: Drop, classes: int, budget: Budget) -> str:
    """Say what would settle it; alone, a class may be above the budget and yet be no more than chance among many."""
    verdict, sentence = judge_drop(drop, budget)
    if verdict is FAIL:
        return f"{sentence}; alone it would fail, of {classes} classes one so far off is likely enough (Holm)"
    return sentence


def _adjusted_low(drop: Drop, level: float) -> float:
    low, _ = paired_drop_interval(drop.lost, drop.won, drop.n, NormalDist().inv_cdf(1 - level))
    return 100 * low


def _corrected(drop: Drop, level: float, classes: int) -> str:
    low = _adjusted_low(drop, level)
    return (
        f"{measured_drop(drop)}, at least {low:+.1f} at the level of {100 * level:.3g} % that Holm's correction for "
        f"{classes} classes leaves of {100 * LEVEL:.1f} %"
    )


def judge_class_recalls(scores: ClassificationScores, budget: Budget) -> Judged:
    """Fail if a class has less recall than the floor; not judged if one has no images."""
    present = [recall for recall in scores.class_recalls if recall.n]
    if not present:
        return no_truth(scores, budget)
    worst = min(present, key=lambda recall: recall.right / recall.n)
    fewest = min(present, key=lambda recall: recall.n)
    low = [recall for recall in present if recall.right / recall.n < budget.limit]
    if low:
        verdict, sentence = _judge_recall(worst, f"the least of {len(present)} classes", budget)
        return verdict, sentence + (f"; {len(low)} classes are below it" if len(low) > 1 else "")
    verdict, sentence = _judge_recall(fewest, f"the fewest of {len(present)} classes", budget)
    if verdict is PASS:
        verdict, sentence = _judge_recall(worst, f"the least of {len(present)} classes", budget)
    return _unless_absent(scores, budget, verdict, sentence)


def _judge_recall(recall: ClassRecall, which: str, budget: Budget) -> Judged:
    share = recall.right / recall.n
    measured = f"recall of {recall.label!r} {100 * share:.1f} % of {images(recall.n)}, {which}"
    return counted_floor(share, recall.n, budget, measured)


def _unless_absent(scores: ClassificationScores, budget: Budget, verdict: Verdict, sentence: str) -> Judged:
    """Return the verdict, unless there are classes of which nothing is known."""
    absent = [recall.label for recall in scores.class_recalls if not recall.n]
    if not absent:
        return verdict, sentence
    named = ", ".join(map(repr, absent[:5])) + (f" and {len(absent) - 5} more" if len(absent) > 5 else "")
    return NOT_JUDGED, f"{budget.key} not judged for {named}: no images of it; {sentence}"


def _more(count: int) -> str:
    return f", and {count - 1} more class{'es' * (count > 2)}" if count > 1 else ""
