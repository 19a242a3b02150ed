"""What was judged here is the same as what its report says: a delivery may take either."""

from collections.abc import Callable
from typing import Any

import pytest
from modelport.assets.judged.judged_artifact import judged_artifact
from modelport.assets.judged.judged_run import read_judgement
from modelport.contract.run.run_folder import RunFolder
from modelport.runtimes.facts.description import Description
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.outcome import Outcome
from modelport.validate.findings.verdict import Finding, Verdict
from modelport.validate.report.report import Report
from modelport.validate.scores.head_scores import Accuracy, ClassificationScores, Drop, Parity, RegressionScores
from modelport.validate.write_report import write_report

PASS, FAIL, UNDECIDED, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED, Verdict.NOT_JUDGED


def scores(points: float) -> ClassificationScores:
    accuracy = Accuracy(n=80, top1_fraction=0.95, top1_interval=(0.88, 0.98), top3_fraction=1)
    drop = Drop(label="", n=80, lost=1, won=1, points=points, interval_points=(points - 4, points + 4))
    parity = Parity(
        n=80, reference=accuracy, drop=drop, class_drops=(drop,), agreement_fraction=1, changed=0,
        max_probability_difference=0, max_difference_image="a", kl_nats=0,
    )  # fmt: skip
    return ClassificationScores(head="label", n=80, not_finite=(), accuracy=accuracy, parity=parity)


def blind() -> ClassificationScores:
    """Nothing says what is right, and no reference holds the images."""
    return ClassificationScores(head="label", n=80, not_finite=(), accuracy=None, parity=None)


AGE = RegressionScores(
    head="age", unit="years", n=80, not_finite=(), mae=4.0, reference_mae=3.9, max_value_difference=float("nan")
)


@pytest.mark.parametrize(
    ("facts", "is_within"),
    [
        pytest.param({"verdict": PASS, "doors": {"pixels": (AGE, scores(0.0))}}, True, id="pass-of-two-heads"),
        pytest.param({"verdict": UNDECIDED, "doors": {"pixels": (scores(1.0),)}}, True, id="undecided-within"),
        pytest.param({"verdict": UNDECIDED, "doors": {"pixels": (scores(1.5),)}}, False, id="undecided-beyond"),
        pytest.param(
            {"verdict": FAIL, "doors": {"encoded": (scores(0.0),), "pixels": (scores(9.0),)}}, False, id="two-doors"
        ),
        pytest.param({"verdict": FAIL, "doors": {"pixels": (blind(),)}}, False, id="no-truth"),
        pytest.param({"verdict": PASS, "doors": {"pixels": (AGE,)}}, True, id="no-classification"),
        pytest.param({"verdict": NOT_JUDGED, "doors": {}, "description": None}, False, id="no-answers"),
    ],
)
def test_what_was_judged_here_is_what_its_report_says(
    paper_run: Callable[..., RunFolder], paper: Callable[..., Any], facts: dict[str, Any], is_within: bool
) -> None:
    run = paper_run(paper("model.tflite", "full_int8", 7))
    (artifact,), own = run.read_lock().artifacts, run.read_contract().provenance
    verdict = facts.pop("verdict")
    door = "pixels" if facts["doors"] else ""
    found = (
        Finding(key="sha256", verdict=PASS, sentence="the file is the one"),
        Finding(key="max_drop_points", verdict=verdict, sentence="told", door=door, head="label"),
    )
    outcome = Outcome(
        artifact=artifact,
        budgets={"max_drop_points": Budget(key="max_drop_points", value=1.0, source="default")},
        findings=found,
        **{"description": Description(runtime="x 1", inputs=(), outputs=(), min_tflite="2.4.0")} | facts,
    )
    report = Report(
        run_id=own.run_id, model_sha256=own.model_sha256, created="", n=80, images="", budgets_file=None, only=(),
        left_out=(), strict=False, reference=None, notes=(), outcomes=(outcome,), tools={},
    )  # fmt: skip
    write_report(report, run.validation)
    judged = judged_artifact(outcome, "label")
    assert judged == read_judgement(run).verdict_of(artifact)
    assert (verdict, is_within) == (judged.verdict, judged.is_within)
