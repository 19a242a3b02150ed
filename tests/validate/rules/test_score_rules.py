"""Every budget of scores: kept, broken, and not to be judged. Expected values by hand."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from modelport.contract.statistics.intervals import paired_drop_interval
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.verdict import Finding, Verdict
from modelport.validate.rules.score_rules import judge_scores
from modelport.validate.scores.head_scores import Accuracy, ClassificationScores, Drop, Parity, RegressionScores, Span

PASS, FAIL, UNDECIDED, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED, Verdict.NOT_JUDGED


def _drop(lost: int, won: int, n: int, label: str = "") -> Drop:
    low, high = paired_drop_interval(lost, won, n)
    interval = (100 * low, 100 * high)
    return Drop(label=label, n=n, lost=lost, won=won, points=100 * (lost - won) / n, interval_points=interval)


_ACCURACY = Accuracy(n=400, top1_fraction=0.9, top1_interval=(0.82, 0.95), top3_fraction=0.97)
_PARITY = Parity(
    n=100,
    reference=_ACCURACY,
    drop=_drop(0, 0, 100),
    class_drops=(),
    agreement_fraction=0.96,
    changed=4,
    max_probability_difference=0.02,
    max_difference_image="x.png",
    kl_nats=0.1,
)
_SCORES = ClassificationScores(head="label", n=100, not_finite=(), accuracy=_ACCURACY, parity=_PARITY)
_AGE = RegressionScores(
    head="age", unit="years", n=100, not_finite=(), mae=4.0, reference_mae=3.9, max_value_difference=0.5
)


def _judge(scores: Any, key: str, value: float) -> Finding:
    budget = Budget(key=key, value=value, source="file")
    (found,) = [finding for finding in judge_scores(scores, {key: budget}, "pixels") if finding.key == key]
    return found


@pytest.mark.parametrize(
    ("key", "kept", "broken"),
    [
        ("min_top1", 0.9, 0.9001),
        ("min_top3", 0.97, 0.9701),
        ("min_agreement", 0.96, 0.9601),
        ("max_probability_difference", 0.02, 0.0199),
    ],
)
def test_a_budget_is_kept_up_to_its_value(key: str, kept: float, broken: float) -> None:
    assert (_judge(_SCORES, key, kept).verdict, _judge(_SCORES, key, broken).verdict) == (PASS, FAIL)
    assert "(file)" in _judge(_SCORES, key, broken).sentence, "who set the budget is told"


@pytest.mark.parametrize(("key", "kept", "broken"), [("max_mae", 4.0, 3.99), ("max_value_difference", 0.5, 0.49)])
def test_budgets_of_a_regression_head(key: str, kept: float, broken: float) -> None:
    assert (_judge(_AGE, key, kept).verdict, _judge(_AGE, key, broken).verdict) == (PASS, FAIL)


@pytest.mark.parametrize(
    ("lost", "won", "n", "verdict"),
    [
        pytest.param(0, 0, 381, PASS, id="perfect-on-381: upper bound 0.998"),
        pytest.param(0, 0, 380, UNDECIDED, id="perfect-on-380: upper bound 1.0008"),
        pytest.param(40, 0, 1000, FAIL, id="lost-40-of-1000: lower bound 2.9"),
        pytest.param(20, 0, 1000, FAIL, id="lost-20-of-1000: lower bound 1.3"),
        pytest.param(12, 0, 1000, UNDECIDED, id="lost-12-of-1000: 1.2 in [0.7, 2.1]"),
        pytest.param(30, 30, 1000, UNDECIDED, id="flips-both-ways: 0 in [-1.5, 1.5]"),
    ],
)
def test_a_drop_is_judged_by_its_interval(lost: int, won: int, n: int, verdict: Verdict) -> None:
    """Budget 1 point. Without flips the bound is z^2 / (n + z^2), which is 1 % at n = 99 z^2 = 380.3."""
    scores = replace(_SCORES, parity=replace(_PARITY, drop=_drop(lost, won, n)))
    assert verdict is _judge(scores, "max_drop_points", 1.0).verdict


def test_undecided_says_how_many_images_would_settle_it() -> None:
    found = _judge(_SCORES, "max_drop_points", 1.0)
    assert UNDECIDED is found.verdict
    assert "about 381 images would settle it in four of five cases" in found.sentence


def test_a_drop_at_the_budget_itself_is_never_settled() -> None:
    scores = replace(_SCORES, parity=replace(_PARITY, drop=_drop(1, 0, 100)))
    assert "the drop is at the budget itself" in _judge(scores, "max_drop_points", 1.0).sentence


@pytest.mark.parametrize(
    ("right", "n", "floor", "expected"),
    [
        pytest.param(1, 1, 0.9, UNDECIDED, id="one-image-that-is-right"),
        pytest.param(0, 1, 0.9, FAIL, id="one-image-that-is-wrong"),
        pytest.param(34, 34, 0.9, UNDECIDED, id="one-too-few"),
        pytest.param(35, 35, 0.9, PASS, id="just-enough"),
        pytest.param(32, 35, 0.9, PASS, id="counted-and-not-held-against-its-interval"),
        pytest.param(31, 35, 0.9, FAIL, id="below"),
        pytest.param(35, 35, 1.0, PASS, id="all-of-these"),
        pytest.param(1, 1, 0.0, PASS, id="no-floor-at-all"),
    ],
)
@pytest.mark.parametrize("key", ["min_top1", "min_top3"])
def test_a_floor_is_judged_as_counted_but_not_passed_on_images_that_could_not_prove_it(
    key: str, right: int, n: int, floor: float, expected: Verdict
) -> None:
    """All right, Wilson's lower bound is n / (n + 1.96^2): 0.9 from n = 34.6 on."""
    accuracy = Accuracy(n=n, top1_fraction=right / n, top1_interval=(0.2, 1.0), top3_fraction=right / n)
    found = _judge(replace(_SCORES, accuracy=accuracy), key, floor)
    assert found.verdict is expected
    assert ("cannot prove that: 35 can, if all are right" in found.sentence) is (expected is UNDECIDED)
    assert ("of 1 image;" in found.sentence) is (n == 1)


@pytest.mark.parametrize(
    ("drops", "verdict", "named"),
    [
        pytest.param([(0, 0, 500), (0, 0, 500)], PASS, "no class of 2", id="within"),
        pytest.param([(0, 0, 500), (100, 0, 500)], FAIL, "'b'", id="one-outside"),
        pytest.param([(0, 0, 20), (0, 0, 500)], UNDECIDED, "'a'", id="one-has-few-images"),
        pytest.param([(0, 0, 20), (100, 0, 500)], FAIL, "'b'", id="fail-outweighs-undecided"),
        pytest.param([(60, 0, 500), (100, 0, 500)], FAIL, "'b'", id="the-worst-is-named"),
    ],
)
def test_recall_of_every_class_is_judged_and_the_worst_is_named(
    drops: list[tuple[int, int, int]], verdict: Verdict, named: str
) -> None:
    class_drops = tuple(_drop(*drop, label=label) for drop, label in zip(drops, "ab", strict=True))
    found = _judge(
        replace(_SCORES, parity=replace(_PARITY, class_drops=class_drops)), "max_class_recall_drop_points", 5
    )
    assert verdict is found.verdict
    assert named in found.sentence


@pytest.mark.parametrize("key", ["min_agreement", "max_probability_difference", "max_drop_points"])
def test_without_a_reference_parity_is_not_judged(key: str) -> None:
    assert NOT_JUDGED is _judge(replace(_SCORES, parity=None), key, 1.0).verdict


@pytest.mark.parametrize("key", ["min_top1", "min_top3"])
def test_without_truth_accuracy_is_not_judged(key: str) -> None:
    assert NOT_JUDGED is _judge(replace(_SCORES, accuracy=None), key, 0.1).verdict


def test_a_nan_is_within_no_budget() -> None:
    scores = replace(_SCORES, parity=replace(_PARITY, max_probability_difference=math.nan))
    assert FAIL is _judge(scores, "max_probability_difference", 1.0).verdict


def test_nan_is_a_failure_of_its_own_that_names_the_first_image() -> None:
    (found,) = judge_scores(replace(_SCORES, not_finite=("b/1.png", "c/2.png")), {}, "pixels")
    assert (found.verdict, found.key) == (FAIL, "finite")
    assert "2 of 100 images, first b/1.png" in found.sentence


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        pytest.param([[0.2, 0.5, 0.3]], PASS, id="a-softmax"),
        pytest.param([[51 / 256, 128 / 256, 77 / 256], [0, 0.996, 0]], PASS, id="a-softmax-in-8-bits"),
        pytest.param([[-3.0, 36.0, 4.0]], FAIL, id="logits"),
        pytest.param([[0.2, 0.5, 0.3], [0.1, 0.9, 0.8]], FAIL, id="sigmoids"),
        pytest.param([[-999.8, -999.5, -999.7]], FAIL, id="shifted"),
    ],
)
def test_answers_in_the_right_order_that_are_no_probabilities_fail_whatever_the_recipe(
    answers: list[list[float]], verdict: Verdict
) -> None:
    """Top-1, agreement and the drop look at the order only, and logits have the same."""
    rows = np.array(answers)
    span = Span(
        low=rows.min(), high=rows.max(), sum_low=min(map(math.fsum, answers)), sum_high=max(map(math.fsum, answers))
    )
    found = judge_scores(replace(_SCORES, labels=3, span=span), {}, "pixels")
    assert {"finite": PASS, "probabilities": verdict} == {one.key: one.verdict for one in found}
