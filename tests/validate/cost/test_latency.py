"""Time and memory of real files, measured alone; what was not measured says why."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from modelport.contract.errors import RuntimeFailure
from modelport.runtimes.workers.session import Session
from modelport.runtimes.workers.workers import Workers
from modelport.validate import judge_all
from modelport.validate.budgets.budgets import BudgetBook
from modelport.validate.cost import latency
from modelport.validate.findings.measures import Measures
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run
from modelport.validate.judge_artifact import judge_artifact

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads the peak in /proc")


@pytest.fixture(autouse=True)
def _few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "CALLS", 12)


def measures_of(report: Any) -> dict[str, Measures]:
    return {outcome.artifact.path: outcome.measures for outcome in report.outcomes}


def findings_of(report: Any, key: str) -> dict[str, tuple[Verdict, str]]:
    return {
        outcome.artifact.path: (finding.verdict, finding.sentence)
        for outcome in report.outcomes
        for finding in outcome.findings
        if finding.key == key
    }


def test_without_a_budget_nothing_is_measured_and_it_says_why(make_run: Any) -> None:
    run = make_run()
    run.export()
    (measures,) = measures_of(judge_run(run.root)).values()
    assert measures.latency_ms_median is None
    assert "--latency measures it" in measures.reasons["latency_ms_median"]


def test_a_slow_file_is_slower_than_its_float32_by_about_its_rounds(make_run: Any, write_slow_onnx: Any) -> None:
    """20,000 rounds take milliseconds, the closed form a fraction of one."""
    run = make_run()
    run.export()
    write_slow_onnx(run.root / "slow.onnx", 20_000)
    run.record("slow.onnx", recipe="float16")
    measured = measures_of(judge_run(run.root, JudgeOptions(latency=True, workers=2)))
    plain, slow = measured["model.onnx"], measured["slow.onnx"]
    assert plain.latency_ms_median is not None
    assert slow.latency_ms_median is not None
    assert slow.latency_ms_p90 is not None
    assert (plain.latency_ratio, plain.latency_runs, slow.latency_runs) == (1.0, 12, 12)
    assert slow.latency_ratio is not None
    assert slow.latency_ratio > 3
    for value, interval in (
        (slow.latency_ratio, slow.latency_ratio_interval),
        (slow.latency_ms_median, slow.latency_ms_interval),
    ):
        assert interval is not None
        assert interval[0] <= value <= interval[1]
    assert slow.latency_ms_p90 >= slow.latency_ms_median
    assert slow.threads == JudgeOptions().limits_of(1).threads


@pytest.mark.parametrize(
    ("limit", "verdict"), [pytest.param(1e6, Verdict.PASS, id="kept"), pytest.param(1e-6, Verdict.FAIL, id="not-kept")]
)
def test_a_budget_asks_for_it_and_is_judged(make_run: Any, limit: float, verdict: Verdict) -> None:
    run = make_run()
    run.export()
    report = judge_run(run.root, JudgeOptions(budgets=BudgetBook(options={"max_latency_ms": limit})))
    assert {path: found for path, (found, _) in findings_of(report, "max_latency_ms").items()} == {
        "model.onnx": verdict
    }


def test_a_ratio_has_its_float32_measured_though_no_budget_names_that(make_run: Any) -> None:
    run = make_run()
    run.export()
    run.export("half.onnx", "float16")
    book = BudgetBook(file="f", sections={"float16": {"max_latency_ratio": 1000.0}})
    report = judge_run(run.root, JudgeOptions(budgets=book))
    assert findings_of(report, "max_latency_ratio")["half.onnx"][0] is Verdict.PASS
    alone = judge_run(run.root, JudgeOptions(budgets=book, only=("half.onnx",)))
    verdict, sentence = findings_of(alone, "max_latency_ratio")["half.onnx"]
    assert verdict is Verdict.NOT_JUDGED
    assert "no float32 artifact of the format onnx" in sentence


@linux_only
def test_peak_memory_is_that_of_the_file_above_the_empty_runtime(make_run: Any) -> None:
    """One file holds 80 MB of weights, the other 36 bytes."""
    run = make_run()
    run.export()
    model = onnx.load(run.root / "model.onnx")
    many = np.random.default_rng(0).random((20_000_000,)).astype(np.float32)
    model.graph.initializer.append(onnx.numpy_helper.from_array(many, "many"))
    model.graph.node.append(onnx.helper.make_node("ReduceMax", ["many"], ["most"], keepdims=0))
    model.graph.node.append(onnx.helper.make_node("Clip", ["raw", "", "most"], ["label"]))
    next(node for node in model.graph.node if node.op_type == "Softmax").output[0] = "raw"
    onnx.save(model, run.root / "large.onnx")
    run.record("large.onnx", recipe="float16")
    measured = measures_of(judge_run(run.root, JudgeOptions(latency=True)))
    small, large = measured["model.onnx"].peak_memory_mb, measured["large.onnx"].peak_memory_mb
    assert small is not None
    assert large is not None
    assert small < 40
    assert 80 < large < 400


def test_everything_is_judged_and_its_workers_are_gone_before_anything_is_timed(
    make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []

    def spied(name: str, function: Any) -> Any:
        def call(*args: Any, **how: Any) -> Any:
            result = function(*args, **how)
            events.append(name)
            return result

        return call

    monkeypatch.setattr(judge_all, "judge_artifact", spied("judged", judge_artifact))
    monkeypatch.setattr(Workers, "close", spied("closed", Workers.close))
    monkeypatch.setattr(Session, "time", spied("timed", Session.time))
    run = make_run()
    for name in ("a.onnx", "b.onnx", "c.onnx"):
        run.export(name)
    judge_run(run.root, JudgeOptions(latency=True, workers=2))
    assert events[:5] == ["judged", "judged", "judged", "closed", "timed"]


def test_a_worker_that_dies_while_it_is_timed_is_a_reason_and_harms_no_neighbour(
    make_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    time_it = Session.time

    def deadly(session: Session, pixels: Any) -> float:
        if session._path.name == "b.onnx":
            os.kill(session._connection.worker.pid, signal.SIGKILL)
        return time_it(session, pixels)

    monkeypatch.setattr(Session, "time", deadly)
    run = make_run()
    for name in ("a.onnx", "b.onnx"):
        run.export(name)
    book = BudgetBook(options={"max_latency_ms": 1e6})
    report = judge_run(run.root, JudgeOptions(budgets=book))
    verdicts = {path: found for path, (found, _) in findings_of(report, "max_latency_ms").items()}
    assert verdicts == {"a.onnx": Verdict.PASS, "b.onnx": Verdict.NOT_JUDGED}
    assert "SIGKILL" in findings_of(report, "max_latency_ms")["b.onnx"][1]


def test_what_gave_no_answers_is_not_measured(make_run: Any, made: Any) -> None:
    run = make_run()
    run.export()
    book = BudgetBook(options={"max_latency_ms": 1e6})
    opener = made.opener_of({"model.onnx": RuntimeFailure("crashed")})
    report = judge_run(run.root, JudgeOptions(budgets=book), opener=opener)
    assert "it gave no answers" in findings_of(report, "max_latency_ms")["model.onnx"][1]


def test_reused_answers_are_measured_anew(make_run: Any, tmp_path: Path) -> None:
    run = make_run()
    run.export()
    for _ in range(2):
        report = judge_run(run.root, JudgeOptions(cache=tmp_path / "cache", latency=True))
        assert measures_of(report)["model.onnx"].latency_ms_median is not None
    assert report.outcomes[0].answers_made is not None
