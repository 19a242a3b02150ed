"""Which runtime the lock names."""

import pytest
from modelport.assets.judged.oldest_runtime import Trial, oldest_that_serves, trial_of
from modelport.contract.run.lock import Artifact
from modelport.runtimes.facts.description import Description
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.outcome import Outcome
from modelport.validate.findings.verdict import Finding, Verdict
from modelport.validate.scores.head_scores import Accuracy, ClassificationScores, Drop, Parity

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
    ],
)
def test_the_oldest_with_every_newer_one(
    served: dict[str, bool | None], recorded: str | None, expected: str | None
) -> None:
    trials = [Trial(runtime=runtime, serves=serves) for runtime, serves in served.items()]
    assert expected == oldest_that_serves(trials, recorded)


def outcome(*findings: Finding, drop_points: float | None = None, is_open: bool = True) -> Outcome:
    """Return an outcome with one door, if anything was answered there."""
    drop = Drop(label="", n=100, lost=3, won=0, points=drop_points or 0, interval_points=(-1, 5))
    accuracy = Accuracy(n=100, top1_fraction=0.75, top1_interval=(0.7, 0.8), top3_fraction=0.9)
    parity = Parity(
        n=100, reference=accuracy, drop=drop, class_drops=(), agreement_fraction=1, changed=0,
        max_probability_difference=0, max_difference_image="a", kl_nats=0,
    )  # fmt: skip
    scores = ClassificationScores(head="label", n=100, not_finite=(), accuracy=accuracy, parity=parity)
    return Outcome(
        artifact=Artifact(path="a", format="tflite", recipe="full_int8", size_bytes=1, sha256="", parent_sha256=""),
        budgets={"max_drop_points": Budget(key="max_drop_points", value=1.0, source="default")},
        findings=findings,
        doors={} if drop_points is None else {"pixels": (scores,)},
        description=Description(runtime=OLDER, inputs=(), outputs=()) if is_open else None,
    )


def finding(verdict: Verdict, key: str = "max_drop_points", door: str = "pixels") -> Finding:
    return Finding(key=key, verdict=verdict, sentence=f"{key}: {verdict}", door=door)


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
    trial = trial_of(outcome(finding(verdict), drop_points=points), "asked")
    assert (expected, OLDER, 0.75) == (trial.serves, trial.runtime, trial.top1_fraction)


def test_a_runtime_that_refuses_serves_not_and_is_known_by_what_was_asked_for() -> None:
    refused = outcome(finding(Verdict.FAIL, "runtime", door=""), is_open=False)
    assert Trial(runtime=OLDER, serves=False, sentences=("runtime: fail",)) == trial_of(refused, OLDER)


def test_a_runtime_that_is_not_there_is_not_judged() -> None:
    absent = outcome(finding(Verdict.NOT_JUDGED, "runtime", door=""), is_open=False)
    assert trial_of(absent, OLDER).serves is None


def test_what_is_the_same_in_every_runtime_is_not_held_against_one() -> None:
    same = [finding(Verdict.FAIL, key, door="") for key in ("max_bytes", "min_tflite", "operators")]
    assert trial_of(outcome(*same, finding(Verdict.PASS), drop_points=0), "asked").serves
