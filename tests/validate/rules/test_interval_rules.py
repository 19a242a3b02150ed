"""Drops and mean absolute errors, judged by intervals."""

import math
import re

import pytest
from modelport.contract.statistics.intervals import paired_drop_interval
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.verdict import Verdict
from modelport.validate.rules.interval_rules import judge_drop, judge_mae_increase
from modelport.validate.scores.head_scores import Drop, RegressionScores

PASS, FAIL, UNDECIDED, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED, Verdict.NOT_JUDGED


def _judge_drop(lost: int, won: int, n: int, points: float) -> tuple[Verdict, str]:
    low, high = paired_drop_interval(lost, won, n)
    drop = Drop(
        label="", n=n, lost=lost, won=won, points=100 * (lost - won) / n, interval_points=(100 * low, 100 * high)
    )
    return judge_drop(drop, Budget(key="max_drop_points", value=points, source="file"))


def test_an_interval_above_the_budget_is_no_proof_where_so_few_flips_are_likely_by_chance() -> None:
    """Poisson's distribution with mean 3, which is 1 % of 300: 7 or more 3.4 %, 8 or more 1.2 %. Wins add a little."""
    assert _judge_drop(8, 0, 300, 1.0)[0] is FAIL
    verdict, sentence = _judge_drop(7, 0, 300, 1.0)
    assert paired_drop_interval(7, 0, 300)[0] > 0.01
    assert verdict is UNDECIDED
    said = re.search(r"; so few flips are no proof: ([\d.]+) % chance at the budget, above 2.5 %; about", sentence)
    assert said
    assert 3.3 <= float(said[1]) <= 5.2
    assert "images would settle it" in sentence


def test_where_the_interval_straddles_the_budget_nothing_is_said_of_chance() -> None:
    verdict, sentence = _judge_drop(3, 1, 300, 1.0)
    assert verdict is UNDECIDED
    assert "chance" not in sentence


def test_what_would_settle_a_class_are_images_of_that_class() -> None:
    low, high = paired_drop_interval(0, 0, 1)
    drop = Drop(label="rare", n=1, lost=0, won=0, points=0.0, interval_points=(100 * low, 100 * high))
    sentence = judge_drop(drop, Budget(key="max_class_recall_drop_points", value=1.0, source="file"))[1]
    assert " on 1 image (lost 0, won 0)" in sentence
    assert re.search(r"about 38[1-4] images of that class would settle it in four of five cases$", sentence)


def test_a_drop_next_to_the_budget_is_not_said_to_be_at_it() -> None:
    assert _judge_drop(10, 0, 1000, 1.0)[1].endswith("the drop is at the budget itself")
    sentence = _judge_drop(10_001, 0, 1_000_000, 1.0)[1]
    assert sentence.endswith("more than 10,000,000 images would be needed")


def test_nearly_equal_errors_are_said_to_need_more_images_than_anybody_has() -> None:
    assert "more than 10,000,000 images" in _judge_age(_age(0.2 - 1e-7, (0.1, 0.3)))[1]


def _age(increase: float | None, interval: tuple[float, float] | None, n: int = 400) -> RegressionScores:
    return RegressionScores(
        head="age",
        unit="years",
        n=n,
        not_finite=(),
        mae=4.0,
        reference_mae=3.9,
        max_value_difference=0.5,
        mae_increase=increase,
        mae_increase_interval=interval,
        paired_n=n,
    )


def _judge_age(scores: RegressionScores, value: float = 0.2) -> tuple[Verdict, str]:
    return judge_mae_increase(scores, Budget(key="max_mae_increase", value=value, source="file"))


@pytest.mark.parametrize(
    ("increase", "interval", "expected"),
    [
        pytest.param(0.1, (0.0, 0.2), PASS, id="upper-bound-is-the-budget"),
        pytest.param(0.1, (-0.01, 0.21), UNDECIDED, id="straddles"),
        pytest.param(0.4, (0.21, 0.59), FAIL, id="lower-bound-is-above"),
        pytest.param(-0.3, (-0.4, -0.2), PASS, id="better-than-the-reference"),
        pytest.param(math.nan, (math.nan, math.nan), FAIL, id="nan"),
        pytest.param(0.1, None, NOT_JUDGED, id="one-image"),
        pytest.param(None, None, NOT_JUDGED, id="no-truth"),
    ],
)
def test_a_larger_error_is_judged_by_its_interval(
    increase: float | None, interval: tuple[float, float] | None, expected: Verdict
) -> None:
    assert _judge_age(_age(increase, interval))[0] is expected


def test_an_undecided_error_says_how_many_images_settle_it() -> None:
    """Half the width is 0.11 on 400 images, 0.1 is left: 400 * (1.1 * (1.960 + 0.842) / 1.960)^2 = 989."""
    verdict, sentence = _judge_age(_age(0.1, (-0.01, 0.21)))
    assert verdict is UNDECIDED
    assert sentence == (
        "mean absolute error +0.1 years [-0.01, +0.21] from the reference's on 400 images; budget at most 0.2 (file); "
        "about 989 images would settle it in four of five cases"
    )
    assert _judge_age(_age(0.2, (0.1, 0.3)))[1].endswith("the increase is at the budget itself")
