"""Which runtime the lock names."""

from dataclasses import replace

import pytest
from modelport.assets.judged.oldest_runtime import Trial, oldest_that_serves, trial_of
from modelport.contract.run.artifacts import Artifact
from modelport.runtimes.facts.description import Description
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.outcome import Outcome
from modelport.validate.findings.verdict import Finding, Verdict
from modelport.validate.scores.head_scores import (
    Accuracy,
    ClassificationScores,
    Drop,
    HeadScores,
    Parity,
    RegressionScores,
)

BUDGETS = {"max_drop_points": 1.0}
CANDIDATE, NIGHTLY = "tensorflow 2.17.0rc1", "tensorflow 2.17.0.dev20240501"
LITERT, NEW, OLD, OLDER = "ai-edge-litert 2.3.0", "tensorflow 2.18.0", "tensorflow 2.15.1", "tflite-runtime 2.14.0"


@pytest.mark.parametrize(
    ("served", "recorded", "expected"),
    [
        pytest.param({LITERT: True, OLDER: True, OLD: True}, None, OLDER, id="oldest-in-any-order"),
        pytest.param({LITERT: True, NEW: True, OLD: False, OLDER: False}, None, NEW, id="refused-by-old"),
        pytest.param({LITERT: True, NEW: False, OLDER: True}, None, LITERT, id="a-gap-ends-it"),
        pytest.param({LITERT: False, OLDER: True}, None, None, id="not-even-the-newest"),
        pytest.param({LITERT: True, OLD: None, OLDER: None}, None, LITERT, id="not-judged-says-nothing"),
        pytest.param({LITERT: True, OLD: True}, OLDER, OLDER, id="an-older-record-stays"),
        pytest.param({LITERT: True, OLDER: True}, OLD, OLDER, id="a-newer-record-goes"),
        pytest.param({LITERT: True, OLD: False}, OLDER, LITERT, id="a-record-beyond-a-gap-goes"),
        pytest.param({LITERT: None}, OLDER, OLDER, id="nothing-judged-changes-nothing"),
        # as numbers, 2.9 is older than 2.14
        pytest.param({"tensorflow 2.14.0": True, "tensorflow 2.9.1": True}, None, "tensorflow 2.9.1", id="numbers"),
        # PEP 440: a release candidate is older than its release, a nightly than the candidate
        pytest.param(
            {CANDIDATE: False, "tensorflow 2.17.0": True}, None, "tensorflow 2.17.0", id="a-candidate-is-older"
        ),
        pytest.param({NIGHTLY: False, CANDIDATE: True}, None, CANDIDATE, id="a-nightly-is-older-still"),
        pytest.param({"tensorflow 2.12.0+nv23.06": True, OLD: True}, None, "tensorflow 2.12.0+nv23.06", id="a-build"),
        pytest.param(
            {"tfjs 4.22.0 wasm, node 22.1.0": True},
            "tfjs 4.9.0 cpu, node 20.0.0",
            "tfjs 4.9.0 cpu, node 20.0.0",
            id="more-words",
        ),
        pytest.param({"here": False, OLD: True}, None, None, id="this-python-that-refuses-is-new"),
        pytest.param({LITERT: True, "old-env": False}, None, LITERT, id="a-folder-that-refuses-is-old"),
    ],
)
def test_the_oldest_with_every_newer_one(
    served: dict[str, bool | None], recorded: str | None, expected: str | None
) -> None:
    trials = [Trial(runtime=runtime, serves=serves) for runtime, serves in served.items()]
    assert expected == oldest_that_serves(trials, recorded)


def dropped(points: float, head: str = "label") -> ClassificationScores:
    drop = Drop(label="", n=100, lost=3, won=0, points=points, interval_points=(points - 3, points + 3))
    accuracy = Accuracy(n=100, top1_fraction=0.75, top1_interval=(0.7, 0.8), top3_fraction=0.9)
    parity = Parity(
        n=100, reference=accuracy, drop=drop, class_drops=(), agreement_fraction=1, changed=0,
        max_probability_difference=0, max_difference_image="a", kl_nats=0,
    )  # fmt: skip
    return ClassificationScores(head=head, n=100, not_finite=(), accuracy=accuracy, parity=parity)


def outcome(
    *findings: Finding,
    heads: tuple[HeadScores, ...] = (),
    is_open: bool = True,
    budgets: dict[str, float] = BUDGETS,
) -> Outcome:
    """Return an outcome with one door, if anything was answered there."""
    return Outcome(
        artifact=Artifact(path="a", format="tflite", recipe="full_int8", size_bytes=1, sha256="", parent_sha256=""),
        budgets={key: Budget(key=key, value=value, source="default") for key, value in budgets.items()},
        findings=findings,
        doors={"pixels": heads} if heads else {},
        description=Description(runtime=OLDER, inputs=(), outputs=()) if is_open else None,
    )


def finding(verdict: Verdict, key: str = "max_drop_points", door: str = "pixels", head: str = "label") -> Finding:
    return Finding(key=key, verdict=verdict, sentence=f"{key}: {verdict}", door=door, head=head)


@pytest.mark.parametrize(
    ("verdict", "points", "expected"),
    [
        pytest.param(Verdict.PASS, 0.5, True, id="pass"),
        pytest.param(Verdict.FAIL, 3.0, False, id="fail"),
        pytest.param(Verdict.NOT_JUDGED, 0.0, None, id="no-reference"),
        pytest.param(Verdict.UNDECIDED, 1.0, True, id="undecided-at-the-budget"),
        pytest.param(Verdict.UNDECIDED, 1.1, False, id="undecided-beyond-the-budget"),
    ],
)
def test_answers_decide_and_a_drop_that_is_not_settled_counts_by_its_point(
    verdict: Verdict, points: float, expected: bool | None
) -> None:
    trial = trial_of(outcome(finding(verdict), heads=(dropped(points),)), "asked")
    assert (expected, OLDER, 0.75) == (trial.serves, trial.runtime, trial.top1_fraction)


def test_a_drop_beyond_the_budget_of_its_head_alone_does_not_serve() -> None:
    """30 points over a budget of 1, which stands in the budgets as that of one head; the other head is as it was."""
    own = {f"heads.{name}.max_drop_points": 1.0 for name in ("letter", "hand")}
    letter = finding(Verdict.UNDECIDED, "heads.letter.max_drop_points", head="letter")
    hand = finding(Verdict.PASS, "heads.hand.max_drop_points", head="hand")
    found = outcome(letter, hand, heads=(dropped(30, "letter"), dropped(0, "hand")), budgets=own)
    assert trial_of(found, "asked").serves is False
    assert trial_of(replace(found, doors={"pixels": (dropped(1, "letter"), dropped(0, "hand"))}), "asked").serves


@pytest.mark.parametrize(("increase", "expected"), [(2.0, True), (30.0, False)])
def test_an_error_that_is_not_settled_counts_by_its_point_too(increase: float, expected: bool) -> None:
    scores = RegressionScores(
        head="age", unit="years", n=100, not_finite=(), mae=40.0, reference_mae=10.0, max_value_difference=90.0,
        mae_increase=increase, mae_increase_interval=(increase - 30, increase + 30), paired_n=100,
    )  # fmt: skip
    undecided = finding(Verdict.UNDECIDED, "max_mae_increase", head="age")
    assert expected == trial_of(outcome(undecided, heads=(scores,), budgets={"max_mae_increase": 2.0}), "asked").serves


def test_a_floor_that_so_few_images_cannot_prove_is_not_judged() -> None:
    few = finding(Verdict.UNDECIDED, "min_top1")
    assert trial_of(outcome(few, heads=(dropped(0),), budgets={"min_top1": 0.7}), "asked").serves is None


def test_a_runtime_that_refuses_serves_not_and_is_known_by_what_was_asked_for() -> None:
    refused = outcome(finding(Verdict.FAIL, "runtime", door=""), is_open=False)
    assert Trial(runtime=OLDER, serves=False, sentences=("runtime: fail",)) == trial_of(refused, OLDER)


def test_a_runtime_that_is_not_there_is_not_judged() -> None:
    absent = outcome(finding(Verdict.NOT_JUDGED, "runtime", door=""), is_open=False)
    assert trial_of(absent, OLDER).serves is None


def test_what_is_the_same_in_every_runtime_is_not_held_against_one() -> None:
    same = [finding(Verdict.FAIL, key, door="") for key in ("max_bytes", "min_tflite", "operators")]
    assert trial_of(outcome(*same, finding(Verdict.PASS), heads=(dropped(0),)), "asked").serves
