"""Hold the numbers of one head against its budgets."""

import math
from collections.abc import Callable

from ..contract.intervals import images_to_settle
from .budgets import Budget
from .head_scores import ClassificationScores, Drop, HeadScores, RegressionScores
from .verdict import Finding, Verdict

Judged = tuple[Verdict, str]
PASS, FAIL = Verdict.PASS, Verdict.FAIL


def judge_scores(scores: HeadScores, budgets: dict[str, Budget], door: str) -> list[Finding]:
    """Return what was found about one head: NaN first, then one finding for each budget that can apply to its kind."""
    found = [("finite", *_judge_finite(scores))]
    if isinstance(scores, ClassificationScores):
        found += [(key, *rule(scores, budgets[key])) for key, rule in _CLASSIFICATION.items() if key in budgets]
    else:
        found += [(key, *rule(scores, budgets[key])) for key, rule in _REGRESSION.items() if key in budgets]
    return [
        Finding(key=key, verdict=verdict, sentence=sentence, door=door, head=scores.head)
        for key, verdict, sentence in found
    ]


def _judge_finite(scores: HeadScores) -> Judged:
    if not scores.not_finite:
        return PASS, f"all {scores.n} answers are finite"
    return FAIL, f"NaN or infinity for {len(scores.not_finite)} of {scores.n} images, first {scores.not_finite[0]}"


def _judge_top1(scores: ClassificationScores, budget: Budget) -> Judged:
    accuracy = scores.accuracy
    if accuracy is None:
        return _no_truth(scores, budget)
    low, high = (100 * bound for bound in accuracy.top1_interval)
    measured = f"top-1 {100 * accuracy.top1_fraction:.1f} % [{low:.1f}, {high:.1f}] of {accuracy.n} images"
    return _at_least(accuracy.top1_fraction, budget, measured)


def _judge_top3(scores: ClassificationScores, budget: Budget) -> Judged:
    accuracy = scores.accuracy
    if accuracy is None:
        return _no_truth(scores, budget)
    return _at_least(
        accuracy.top3_fraction, budget, f"top-3 {100 * accuracy.top3_fraction:.1f} % of {accuracy.n} images"
    )


def _judge_agreement(scores: ClassificationScores, budget: Budget) -> Judged:
    parity = scores.parity
    if parity is None:
        return _no_reference(scores, budget)
    measured = f"same top-1 as the reference for {100 * parity.agreement_fraction:.1f} % of {parity.n} images"
    return _at_least(parity.agreement_fraction, budget, measured)


def _judge_difference(scores: ClassificationScores, budget: Budget) -> Judged:
    parity = scores.parity
    if parity is None:
        return _no_reference(scores, budget)
    value = parity.max_probability_difference
    measured = f"largest probability difference {value:.3g} ({parity.max_difference_image}, of {parity.n} images)"
    return _at_most(value, budget, measured)


def _judge_drop(scores: ClassificationScores, budget: Budget) -> Judged:
    if scores.parity is None:
        return _no_reference(scores, budget)
    if scores.parity.drop is None:
        return _no_truth(scores, budget)
    return _judge_by_interval(scores.parity.drop, budget)


def _judge_class_drops(scores: ClassificationScores, budget: Budget) -> Judged:
    if scores.parity is None:
        return _no_reference(scores, budget)
    judged = [_judge_by_interval(drop, budget) for drop in scores.parity.class_drops]
    if not judged:
        return _no_truth(scores, budget)
    for wanted in (FAIL, Verdict.UNDECIDED):
        hit = [
            (drop.points, sentence)
            for drop, (verdict, sentence) in zip(scores.parity.class_drops, judged, strict=True)
            if verdict is wanted
        ]
        if hit:
            return wanted, max(hit)[1] + (f", and {len(hit) - 1} more classes" if len(hit) > 1 else "")
    return PASS, f"no class of {len(judged)} lost more recall; budget {_limit(budget)} points"


def _judge_by_interval(drop: Drop, budget: Budget) -> Judged:
    """Pass if the upper bound is within the budget, fail if the lower bound is outside, else say what settles it."""
    low, high = drop.interval_points
    what = f"recall drop of {drop.label!r}" if drop.label else "top-1 drop"
    sentence = (
        f"{what} {drop.points:+.1f} points [{low:+.1f}, {high:+.1f}] on {drop.n} images (lost {drop.lost}, "
        f"won {drop.won}); budget at most {_limit(budget)}"
    )
    if high <= budget.limit:
        return PASS, sentence
    if low > budget.limit:
        return FAIL, sentence
    needed = images_to_settle(drop.lost, drop.won, drop.n, budget.limit / 100)
    settle = f"about {needed:,} images would settle it" if needed else "the drop is at the budget itself"
    return Verdict.UNDECIDED, f"{sentence}; {settle}"


def _judge_mae(scores: RegressionScores, budget: Budget) -> Judged:
    if scores.mae is None:
        return _no_truth(scores, budget)
    return _at_most(scores.mae, budget, f"mean absolute error {scores.mae:.4g} {scores.unit} of {scores.n} images")


def _judge_value_difference(scores: RegressionScores, budget: Budget) -> Judged:
    value = scores.max_value_difference
    if value is None:
        return _no_reference(scores, budget)
    return _at_most(value, budget, f"largest difference from the reference {value:.4g} {scores.unit}")


def _at_least(value: float, budget: Budget, measured: str) -> Judged:
    return PASS if value >= budget.limit else FAIL, f"{measured}; budget at least {_limit(budget)}"


def _at_most(value: float, budget: Budget, measured: str) -> Judged:
    """A NaN is never within a budget."""
    within = not math.isnan(value) and value <= budget.limit
    return PASS if within else FAIL, f"{measured}; budget at most {_limit(budget)}"


def _limit(budget: Budget) -> str:
    return f"{budget.value} ({budget.source})"


def _no_reference(scores: HeadScores, budget: Budget) -> Judged:
    return Verdict.NOT_JUDGED, f"{budget.key} not judged: no reference for any of {scores.n} images"


def _no_truth(scores: HeadScores, budget: Budget) -> Judged:
    return Verdict.NOT_JUDGED, f"{budget.key} not judged: nothing says what is right for head {scores.head!r}"


_CLASSIFICATION: dict[str, Callable[[ClassificationScores, Budget], Judged]] = {
    "max_drop_points": _judge_drop,
    "min_agreement": _judge_agreement,
    "max_probability_difference": _judge_difference,
    "max_class_recall_drop_points": _judge_class_drops,
    "min_top1": _judge_top1,
    "min_top3": _judge_top3,
}
_REGRESSION: dict[str, Callable[[RegressionScores, Budget], Judged]] = {
    "max_mae": _judge_mae,
    "max_value_difference": _judge_value_difference,
}
