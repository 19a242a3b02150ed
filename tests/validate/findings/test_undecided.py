"""What an undecided drop counts as. Expected values by hand: a drop is (lost - won) / n in points, and no interval."""

from dataclasses import replace
from typing import Any

import pytest
from modelport.contract.run.artifacts import Artifact
from modelport.contract.statistics.intervals import paired_drop_interval
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.outcome import Outcome
from modelport.validate.findings.verdict import Finding, Verdict
from modelport.validate.rules.score_rules import judge_scores
from modelport.validate.scores.head_scores import (
    Accuracy,
    ClassificationScores,
    Drop,
    HeadScores,
    Parity,
    RegressionScores,
)

PASS, FAIL, UNDECIDED, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED, Verdict.NOT_JUDGED
FILE = Artifact(path="a", format="onnx", recipe="full_int8", size_bytes=1, sha256="", parent_sha256="")


def drop(lost: int, n: int = 100, label: str = "") -> Drop:
    low, high = paired_drop_interval(lost, 0, n)
    return Drop(
        label=label, n=n, lost=lost, won=0, points=100 * lost / n, interval_points=(100 * low, 100 * high)
    )  # fmt: skip


def head(name: str = "label", lost: int | None = 0, classes: tuple[Drop, ...] = ()) -> ClassificationScores:
    accuracy = Accuracy(n=20, top1_fraction=0.95, top1_interval=(0.7, 0.99), top3_fraction=1)
    parity = Parity(
        n=100, reference=accuracy, drop=None if lost is None else drop(lost), class_drops=classes,
        agreement_fraction=1, changed=0, max_probability_difference=0, max_difference_image="a", kl_nats=0,
    )  # fmt: skip
    return ClassificationScores(head=name, n=100, not_finite=(), accuracy=accuracy, parity=parity)


def age(increase: float | None) -> RegressionScores:
    interval = None if increase is None else (increase - 50, increase + 50)
    return RegressionScores(
        head="age", unit="years", n=100, not_finite=(), mae=40.0, reference_mae=10.0, max_value_difference=90.0,
        mae_increase=increase, mae_increase_interval=interval, paired_n=100,
    )  # fmt: skip


def outcome(budgets: dict[str, float], **doors: tuple[HeadScores, ...]) -> Outcome:
    """Return what the judge finds about these scores."""
    held = {key: Budget(key=key, value=value, source="file") for key, value in budgets.items()}
    findings = [found for door in doors for scores in doors[door] for found in judge_scores(scores, held, door)]
    return Outcome(artifact=FILE, budgets=held, findings=tuple(findings), doors=doors)


@pytest.mark.parametrize(
    ("budgets", "heads", "is_within"),
    [
        pytest.param({"max_drop_points": 1.0}, (head(lost=1),), True, id="at-the-budget"),
        pytest.param({"max_drop_points": 1.0}, (head(lost=2),), False, id="over-it"),
        pytest.param({"max_drop_points": 1.0}, (head(), head("hand", 2)), False, id="over-it-in-one-head"),
        pytest.param(
            {"max_drop_points": 3.0, "heads.hand.max_drop_points": 1.0},
            (head(lost=2), head("hand", 2)),
            False,
            id="the-budget-of-the-head-is-the-smaller",
        ),
        pytest.param(
            {"max_drop_points": 1.0, "heads.hand.max_drop_points": 3.0},
            (head(lost=1), head("hand", 2)),
            True,
            id="the-budget-of-the-head-is-the-larger",
        ),
        pytest.param(
            {"max_class_recall_drop_points": 5.0}, (head(classes=(drop(5, label="a"), drop(0))),), True, id="a-class"
        ),
        pytest.param(
            {"max_class_recall_drop_points": 5.0}, (head(classes=(drop(0), drop(6, label="b"))),), False, id="one-class"
        ),
        pytest.param({"max_mae_increase": 2.0}, (age(2.0),), True, id="an-error-at-its-budget"),
        pytest.param({"max_mae_increase": 2.0}, (age(2.1),), False, id="an-error-over-it"),
        pytest.param({"min_top1": 0.9}, (head(),), False, id="a-floor-that-20-images-cannot-prove"),
        pytest.param({"max_drop_points": 1.0, "min_top1": 0.9}, (head(),), False, id="a-floor-beside-a-drop"),
    ],
)
def test_an_undecided_one_is_within_if_every_points_value_is(
    budgets: dict[str, float], heads: tuple[HeadScores, ...], is_within: bool
) -> None:
    found = outcome(budgets, pixels=heads)
    assert (UNDECIDED, is_within) == (found.verdict, found.is_within)


def test_every_door_counts() -> None:
    both: dict[str, Any] = {"pixels": (head(lost=0),), "encoded": (head(lost=2),)}
    assert not outcome({"max_drop_points": 1.0}, **both).is_within
    assert outcome({"max_drop_points": 2.0}, **both).is_within


@pytest.mark.parametrize(
    ("verdict", "is_within"), [(PASS, True), (FAIL, False), (NOT_JUDGED, False), (UNDECIDED, False)]
)
def test_what_is_no_drop_counts_as_it_was_judged(verdict: Verdict, is_within: bool) -> None:
    """A time, for example, is about no head; a drop within its budget beside it changes nothing."""
    found = outcome({"max_drop_points": 1.0}, pixels=(head(),))
    time = Finding(key="max_latency_ms", verdict=verdict, sentence="")
    assert is_within == replace(found, findings=(*found.findings, time)).is_within


def test_a_drop_that_nobody_measured_stays_undecided() -> None:
    unmeasured = Finding(key="max_drop_points", verdict=UNDECIDED, sentence="", door="pixels", head="label")
    found = outcome({"max_drop_points": 1.0}, pixels=(head(lost=None),))
    assert UNDECIDED is found.worst_by_point([unmeasured])


def test_a_nan_is_within_no_budget() -> None:
    found = outcome({"max_mae_increase": 2.0}, pixels=(age(float("nan")),))
    doubt = Finding(key="max_mae_increase", verdict=UNDECIDED, sentence="", door="pixels", head="age")
    assert FAIL is found.worst_by_point([doubt])


def test_an_artifact_without_findings_is_not_within() -> None:
    assert not Outcome(artifact=FILE, findings=()).is_within
