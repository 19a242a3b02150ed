"""Budgets of time, memory and training: kept, broken, and not judged with the reason."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.measures import Measures
from modelport.validate.findings.verdict import Finding, Verdict
from modelport.validate.rules.measure_rules import MEASURE_KEYS, judge_measures

PASS, FAIL, UNDECIDED, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED, Verdict.NOT_JUDGED

_FIELDS = {
    "max_latency_ms": "latency_ms_median",
    "max_latency_ratio": "latency_ratio",
    "max_peak_memory_mb": "peak_memory_mb",
    "max_delegate_partitions": "delegate_partitions",
}


def _judge(key: str, value: float, measures: Measures | None = None, root: Path = Path("nowhere")) -> Finding:
    (found,) = judge_measures(measures, {key: Budget(key=key, value=value, source="file")}, root)
    assert found.key == key
    return found


@pytest.mark.parametrize(("key", "name"), _FIELDS.items())
def test_a_measure_is_within_its_budget_up_to_the_budget_itself(key: str, name: str) -> None:
    facts: dict[str, Any] = {name: 3}
    assert _judge(key, 3, Measures(**facts)).verdict is PASS
    assert _judge(key, 2.9, Measures(**facts)).verdict is FAIL
    unknown: dict[str, Any] = {name: math.nan}
    assert _judge(key, 3, Measures(**unknown)).verdict is FAIL


@pytest.mark.parametrize(("key", "name"), _FIELDS.items())
def test_what_was_not_measured_is_not_judged_and_says_why(key: str, name: str) -> None:
    found = _judge(key, 3, Measures(reasons={name: "there is no float32 file to compare with"}))
    assert (found.verdict, found.sentence) == (
        NOT_JUDGED,
        f"{key} not judged: there is no float32 file to compare with; budget at most 3 (file)",
    )
    assert _judge(key, 3, None).sentence == f"{key} not judged: it was not measured; budget at most 3 (file)"


def test_the_sentence_has_value_unit_budget_and_source() -> None:
    found = _judge("max_latency_ms", 50.0, Measures(latency_ms_median=61.23))
    assert found.sentence == "median latency of one image 61.23 ms; budget at most 50.0 (file)"


@pytest.mark.parametrize("key", ["max_latency_ms", "max_latency_ratio"])
@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        pytest.param((0.8, 1.0), PASS, id="upper-bound-is-the-budget"),
        pytest.param((0.9, 1.01), UNDECIDED, id="straddles"),
        pytest.param((1.0, 1.2), UNDECIDED, id="lower-bound-is-the-budget"),
        pytest.param((1.01, 1.2), FAIL, id="above"),
        pytest.param((math.nan, math.nan), FAIL, id="nan"),
    ],
)
def test_a_time_is_judged_by_its_interval(key: str, interval: tuple[float, float], verdict: Verdict) -> None:
    name = _FIELDS[key]
    facts: dict[str, Any] = {name: 0.99, name.replace("ms_median", "ms") + "_interval": interval, "latency_runs": 100}
    found = _judge(key, 1.0, Measures(**facts))
    assert found.verdict is verdict
    assert f"[{interval[0]:.4g}, {interval[1]:.4g}] of 100 calls; budget at most 1.0 (file)" in found.sentence
    assert ("times vary too much to tell" in found.sentence) is (verdict is UNDECIDED)


def test_every_key_gives_one_finding_and_none_without_a_budget(tmp_path: Path) -> None:
    budgets = {key: Budget(key=key, value=1, source="file") for key in MEASURE_KEYS}
    assert list(MEASURE_KEYS) == [finding.key for finding in judge_measures(None, budgets, tmp_path)]
    assert judge_measures(Measures(latency_ms_median=1.0), {}, tmp_path) == []


def _report(root: Path, content: Any) -> Path:
    (root / "evaluation_report.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return root


@pytest.mark.parametrize(("gap", "expected"), [(0.0999, PASS), (0.101, FAIL), (-0.05, PASS)])
def test_the_gap_is_judged_in_points(tmp_path: Path, gap: float, expected: Verdict) -> None:
    found = _judge("max_train_validation_gap", 10, root=_report(tmp_path, {"train_validation_gap": gap}))
    assert found.verdict is expected
    assert f"by {100 * gap:.1f} points; budget at most 10 (file)" in found.sentence


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"train_validation_gap": None}, "holds no accuracies of training"),
        ({}, "holds no accuracies of training"),
        ([], "holds no accuracies of training"),
        ({"train_validation_gap": "0.1"}, "holds no accuracies of training"),
        ({"train_validation_gap": True}, "holds no accuracies of training"),
        ("{", "cannot be read"),
    ],
)
def test_a_gap_that_nobody_measured_is_not_judged(tmp_path: Path, content: Any, reason: str) -> None:
    found = _judge("max_train_validation_gap", 10, root=_report(tmp_path, content))
    assert (found.verdict, reason in found.sentence) == (NOT_JUDGED, True)


def test_a_run_without_a_report_is_not_judged(tmp_path: Path) -> None:
    found = _judge("max_train_validation_gap", 10, root=tmp_path)
    assert found.sentence == "max_train_validation_gap not judged: the run has no evaluation_report.json"
