"""Hold the numbers of one head against its budgets."""

from collections.abc import Callable

from ..budgets.budgets import Budget
from ..budgets.head_budgets import join_key
from ..findings.judged import FAIL, PASS, Judged, at_least, at_most, counted_floor, images, no_reference, no_truth
from ..findings.verdict import Finding
from ..scores.head_scores import ClassificationScores, HeadScores, RegressionScores, Span
from .class_rules import judge_class_drops, judge_class_recalls
from .interval_rules import judge_drop, judge_mae_increase


def judge_scores(scores: HeadScores, budgets: dict[str, Budget], door: str) -> list[Finding]:
    """Return what was found about one head: NaN, no probabilities, then a finding for each budget that fits its kind.

    The key of a finding is that of the budget: of one that is for this head alone, heads.NAME.KEY.
    """
    found = [("finite", *_judge_finite(scores))]
    if isinstance(scores, ClassificationScores):
        found += [("probabilities", *_judge_probabilities(scores.span, scores.labels))] if scores.span else []
        chosen = [(rule, budget_of(key, scores.head, budgets)) for key, rule in _CLASSIFICATION.items()]
        found += [(budget.key, *rule(scores, budget)) for rule, budget in chosen if budget]
    else:
        limits = [(rule, budget_of(key, scores.head, budgets)) for key, rule in _REGRESSION.items()]
        found += [(budget.key, *rule(scores, budget)) for rule, budget in limits if budget]
    return [
        Finding(key=key, verdict=verdict, sentence=sentence, door=door, head=scores.head)
        for key, verdict, sentence in found
    ]


def budget_of(key: str, head: str, budgets: dict[str, Budget]) -> Budget | None:
    """Return the head's own budget, else the one for all heads, else None."""
    return budgets.get(join_key(head, key)) or budgets.get(key)


def _judge_finite(scores: HeadScores) -> Judged:
    if not scores.not_finite:
        return PASS, f"all {scores.n} answers are finite"
    return FAIL, f"NaN or infinity for {len(scores.not_finite)} of {images(scores.n)}, first {scores.not_finite[0]}"


def _judge_probabilities(span: Span, labels: int) -> Judged:
    """Hold the values against what every contract promises; drop and agreement look at their order only.

    8 bits round each value by up to 1/512, so that the sum over many labels says less and less.
    """
    slack = 0.05 + labels / 512
    told = f"values in [{span.low:.4g}, {span.high:.4g}], each image's sum in [{span.sum_low:.4g}, {span.sum_high:.4g}]"
    if -0.02 <= span.low and span.high <= 1.02 and 1 - slack <= span.sum_low and span.sum_high <= 1 + slack:
        return PASS, f"answers are probabilities: {told}"
    return FAIL, f"answers are no probabilities: {told}; expected [0, 1] and 1"


def _judge_top1(scores: ClassificationScores, budget: Budget) -> Judged:
    accuracy = scores.accuracy
    if accuracy is None:
        return no_truth(scores, budget)
    low, high = (100 * bound for bound in accuracy.top1_interval)
    measured = f"top-1 {100 * accuracy.top1_fraction:.1f} % [{low:.1f}, {high:.1f}] of {images(accuracy.n)}"
    return counted_floor(accuracy.top1_fraction, accuracy.n, budget, measured)


def _judge_top3(scores: ClassificationScores, budget: Budget) -> Judged:
    accuracy = scores.accuracy
    if accuracy is None:
        return no_truth(scores, budget)
    measured = f"top-3 {100 * accuracy.top3_fraction:.1f} % of {images(accuracy.n)}"
    return counted_floor(accuracy.top3_fraction, accuracy.n, budget, measured)


def _judge_agreement(scores: ClassificationScores, budget: Budget) -> Judged:
    parity = scores.parity
    if parity is None:
        return no_reference(scores, budget)
    measured = f"same top-1 as the reference for {100 * parity.agreement_fraction:.1f} % of {images(parity.n)}"
    return at_least(parity.agreement_fraction, budget, measured)


def _judge_difference(scores: ClassificationScores, budget: Budget) -> Judged:
    parity = scores.parity
    if parity is None:
        return no_reference(scores, budget)
    value = parity.max_probability_difference
    measured = f"largest probability difference {value:.3g} ({parity.max_difference_image}, of {images(parity.n)})"
    return at_most(value, budget, measured)


def _judge_drop(scores: ClassificationScores, budget: Budget) -> Judged:
    if scores.parity is None:
        return no_reference(scores, budget)
    if scores.parity.drop is None:
        return no_truth(scores, budget)
    return judge_drop(scores.parity.drop, budget)


def _judge_mae(scores: RegressionScores, budget: Budget) -> Judged:
    if scores.mae is None:
        return no_truth(scores, budget)
    return at_most(scores.mae, budget, f"mean absolute error {scores.mae:.4g} {scores.unit} of {images(scores.n)}")


def _judge_value_difference(scores: RegressionScores, budget: Budget) -> Judged:
    value = scores.max_value_difference
    if value is None:
        return no_reference(scores, budget)
    return at_most(value, budget, f"largest difference from the reference {value:.4g} {scores.unit}")


_CLASSIFICATION: dict[str, Callable[[ClassificationScores, Budget], Judged]] = {
    "max_drop_points": _judge_drop,
    "min_agreement": _judge_agreement,
    "max_probability_difference": _judge_difference,
    "max_class_recall_drop_points": judge_class_drops,
    "min_top1": _judge_top1,
    "min_top3": _judge_top3,
    "min_class_recall": judge_class_recalls,
}
_REGRESSION: dict[str, Callable[[RegressionScores, Budget], Judged]] = {
    "max_mae": _judge_mae,
    "max_mae_increase": judge_mae_increase,
    "max_value_difference": _judge_value_difference,
}
