"""junit.xml, as Python's XML parser reads it and as a CI system counts it."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from modelport.contract.run.artifacts import Artifact
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.outcome import Outcome
from modelport.validate.findings.verdict import Finding, Verdict
from modelport.validate.report.junit import to_junit
from modelport.validate.report.report import Report
from modelport.validate.write_report import write_report


def suites(report: Report, tmp_path: Path) -> dict[str, ElementTree.Element]:
    write_report(report, tmp_path, junit=tmp_path / "sub" / "junit.xml")
    root = ElementTree.parse(tmp_path / "sub" / "junit.xml").getroot()
    assert "testsuites" == root.tag
    return {suite.attrib["name"]: suite for suite in root}


def outcomes_of(suite: ElementTree.Element) -> dict[str, str]:
    """Return name of each case to what a CI system takes it for."""
    kinds = ("failure", "error", "skipped")
    return {
        case.attrib["name"]: next((kind for kind in kinds if case.find(kind) is not None), "passed")
        for case in suite.iter("testcase")
    }


def test_every_budget_of_every_artifact_is_a_case(eventful_report: Report, tmp_path: Path) -> None:
    found = suites(eventful_report, tmp_path)
    for outcome in eventful_report.outcomes:
        names = {name.split(" (")[0] for name in outcomes_of(found[outcome.artifact.path])}
        assert set(outcome.budgets) <= names, outcome.artifact.path


def test_what_was_not_judged_is_an_error_and_never_passes(eventful_report: Report, tmp_path: Path) -> None:
    found = suites(eventful_report, tmp_path)
    assert {"error"} == {
        kind for name, kind in outcomes_of(found["model.onnx"]).items() if name in ("runtime", "min_top1")
    }
    crashed = outcomes_of(found["model.crash.onnx"])
    assert ("failure", "error") == (crashed["runtime"], crashed["min_top1"])
    error = next(case for case in found["model.crash.onnx"].iter("testcase") if case.attrib["name"] == "min_top1").find(
        "error"
    )
    assert error is not None
    assert "signal 11" in error.attrib["message"]


def test_failures_hold_the_measured_number(eventful_report: Report, tmp_path: Path) -> None:
    suite = suites(eventful_report, tmp_path)["model.full_int8.tflite"]
    case = next(one for one in suite.iter("testcase") if one.attrib["name"] == "max_mae (pixels, age)")
    failure = case.find("failure")
    assert failure is not None
    assert "1.5 years" in failure.attrib["message"]
    assert "passed" == outcomes_of(suite)["finite (pixels, label)"]


def test_the_counts_are_those_of_the_cases(eventful_report: Report, tmp_path: Path) -> None:
    for suite in suites(eventful_report, tmp_path).values():
        kinds = list(outcomes_of(suite).values())
        assert [
            str(len(kinds)),
            str(kinds.count("failure")),
            str(kinds.count("error")),
            str(kinds.count("skipped")),
        ] == [suite.attrib[name] for name in ("tests", "failures", "errors", "skipped")]


def report_of(verdict: Verdict, *, strict: bool, floor: bool = True, **facts: Any) -> Report:
    artifact = Artifact(path="m", format="onnx", recipe="float32", size_bytes=1, sha256="", parent_sha256="")
    budgets = {"min_top1": Budget(key="min_top1", value=0.5, source="x")} if floor else {}
    budgets["some"] = Budget(key="some", value=1, source="x")
    findings = tuple(Finding(key=key, verdict=verdict, sentence="why") for key in budgets)
    values: dict[str, Any] = {"run_id": "r", "model_sha256": "", "created": "2026-01-01T00:00:00+00:00", "n": 1}
    values |= {"images": "", "budgets_file": None, "only": (), "left_out": (), "reference": None, "notes": ()}
    outcome = Outcome(artifact=artifact, budgets=budgets, findings=findings)
    return Report(**values | facts, tools={}, strict=strict, outcomes=(outcome,))


@pytest.mark.parametrize(
    ("verdict", "strict", "kind"),
    [
        (Verdict.PASS, False, "passed"),
        (Verdict.PASS, True, "passed"),
        (Verdict.FAIL, False, "failure"),
        (Verdict.UNDECIDED, False, "skipped"),
        (Verdict.UNDECIDED, True, "failure"),
        (Verdict.NOT_JUDGED, False, "error"),
        (Verdict.NOT_JUDGED, True, "error"),
    ],
)
def test_each_verdict_has_its_kind(verdict: Verdict, strict: bool, kind: str, tmp_path: Path) -> None:
    report = report_of(verdict, strict=strict)
    assert {"some": kind, "min_top1": kind} == outcomes_of(suites(report, tmp_path)["m"])


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("floor", [False, True])
@pytest.mark.parametrize("lost", [0, 3])
def test_something_is_red_exactly_where_the_command_fails(strict: bool, floor: bool, lost: int, tmp_path: Path) -> None:
    report = report_of(Verdict.PASS, strict=strict, floor=floor, lost_images=lost)
    kinds = {kind for suite in suites(report, tmp_path).values() for kind in outcomes_of(suite).values()}
    assert bool(report.exit_code) == bool(kinds & {"failure", "error"})


def test_hostile_names_come_back_as_text(hostile_report: Report, tmp_path: Path) -> None:
    """XML 1.0 has no NUL, no escape and no half a character: they come as escapes, all else as it is."""
    names = list(suites(hostile_report, tmp_path))
    assert "@octocat ![x](http://evil.example/x.png) [y](javascript:alert(1)) <!--" in names
    assert "::error::x %0A]]>&\u202eon\\x1b[31m\\x00\\ud800`|`.onnx" in names


def test_no_character_breaks_the_xml() -> None:
    every = "".join(map(chr, [*range(0x300), *range(0xD7F0, 0xE010), *range(0xFFF0, 0x10010)]))
    report = report_of(Verdict.FAIL, strict=False)
    (outcome,) = report.outcomes
    bad = replace(outcome, findings=(Finding(key=every, verdict=Verdict.FAIL, sentence=every),))
    text = to_junit(replace(report, outcomes=(bad,), notes=(every,)))
    ElementTree.fromstring(text.encode("utf-8"))
