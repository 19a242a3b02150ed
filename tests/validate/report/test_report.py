"""Exit codes, JSON and Markdown of a report."""

import json
from dataclasses import replace
from typing import Any

import pytest
from modelport.contract.run.artifacts import Artifact
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.outcome import Outcome
from modelport.validate.findings.verdict import Finding, Verdict, worst
from modelport.validate.report.markdown import to_markdown
from modelport.validate.report.report import NO_FLOOR, Report
from modelport.validate.report.rows import problem_sentences

PASS, FAIL, UNDECIDED, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED, Verdict.NOT_JUDGED


def _outcome(verdict: Verdict, *, floor: bool = True, path: str = "model.onnx") -> Outcome:
    artifact = Artifact(path=path, format="onnx", recipe="float32", size_bytes=1, sha256="", parent_sha256="m")
    budgets = {"max_bytes": Budget(key="max_bytes", value=4_000_000, source="default")}
    if floor:
        budgets["min_top1"] = Budget(key="min_top1", value=0.9, source="file")
    finding = Finding(key="some", verdict=verdict, sentence=f"sentence of a|{verdict}")
    return Outcome(artifact=artifact, size_bytes=3_210_000, budgets=budgets, findings=(finding,))


def _report(*outcomes: Outcome, strict: bool = False, **facts: Any) -> Report:
    values: dict[str, Any] = {
        "run_id": "r",
        "model_sha256": "m" * 64,
        "created": "2026-01-01T00:00:00+00:00",
        "n": 75,
        "images": "dataset (test split)",
        "budgets_file": None,
        "only": (),
        "left_out": (),
        "reference": None,
        "notes": (),
        "tools": {"numpy": "2"},
    }
    return Report(**values | facts, strict=strict, outcomes=outcomes)


@pytest.mark.parametrize(
    ("verdicts", "floor", "exit_code", "strict_exit_code"),
    [
        pytest.param([PASS, PASS], True, 0, 0, id="all-pass"),
        pytest.param([PASS], False, 0, 1, id="pass-without-a-floor"),
        pytest.param([PASS, UNDECIDED], True, 0, 1, id="undecided"),
        pytest.param([PASS, NOT_JUDGED], True, 1, 1, id="not-judged"),
        pytest.param([PASS, FAIL], True, 1, 1, id="fail"),
        pytest.param([FAIL, UNDECIDED, NOT_JUDGED], False, 1, 1, id="everything-bad"),
    ],
)
def test_exit_codes(verdicts: list[Verdict], floor: bool, exit_code: int, strict_exit_code: int) -> None:
    outcomes = [_outcome(verdict, floor=floor) for verdict in verdicts]
    assert (exit_code, strict_exit_code) == (
        _report(*outcomes).exit_code,
        _report(*outcomes, strict=True).exit_code,
    )


def test_lost_images_fail_under_strict_alone() -> None:
    assert _report(_outcome(PASS), lost_images=1).exit_code == 0
    assert _report(_outcome(PASS), lost_images=1, strict=True).exit_code == 1


def test_the_worst_finding_decides() -> None:
    assert [
        worst([PASS, PASS]),
        worst([PASS, UNDECIDED]),
        worst([UNDECIDED, NOT_JUDGED]),
        worst([NOT_JUDGED, FAIL, PASS]),
    ] == [PASS, UNDECIDED, NOT_JUDGED, FAIL]
    assert NOT_JUDGED is worst([])


def test_one_artifact_without_a_floor_is_enough_to_say_so() -> None:
    assert NO_FLOOR in _report(_outcome(PASS), _outcome(PASS, floor=False)).sentences
    assert NO_FLOOR not in _report(_outcome(PASS)).sentences


def test_the_last_line_counts_all_four_verdicts() -> None:
    assert (
        _report(*map(_outcome, (PASS, UNDECIDED, PASS))).last_line
        == "2 pass, 0 fail, 1 undecided, 0 not judged on 75 images"
    )


def test_json_is_versioned_and_holds_who_set_each_budget() -> None:
    value = json.loads(json.dumps(_report(_outcome(UNDECIDED)).to_json(), allow_nan=False))
    assert (value["modelport_report"], value["run_id"], value["exit_code"]) == (1, "r", 0)
    (artifact,) = value["artifacts"]
    assert (artifact["verdict"], artifact["budgets"]["min_top1"]) == ("undecided", {"value": 0.9, "source": "file"})
    assert value["counts"] == {"pass": 0, "fail": 0, "undecided": 1, "not judged": 0}
    assert artifact["findings"][0]["sentence"] == "sentence of a|undecided"


def test_a_sentence_names_the_door_and_the_head_where_there_are_several() -> None:
    def found(door: str, head: str, verdict: Verdict) -> Finding:
        return Finding(key="finite", verdict=verdict, sentence="NaN.", door=door, head=head)

    both = replace(_outcome(PASS), findings=(found("pixels", "age", PASS), found("encoded", "label", FAIL)))
    one = replace(_outcome(PASS), findings=(found("pixels", "label", FAIL),))
    assert problem_sentences(_report(both)) == ("model.onnx: fail: [encoded in, head label] NaN.",)
    assert problem_sentences(_report(one)) == ("model.onnx: fail: NaN.",)


def test_what_was_left_out_is_in_the_report() -> None:
    report = _report(_outcome(PASS), only=("onnx",), left_out=("saved_model",))
    assert "- left out by --only: `saved_model`" in to_markdown(report).splitlines()
    assert report.to_json()["settings"]["left_out"] == ["saved_model"]


def test_markdown_has_a_row_a_sentence_for_what_is_not_a_pass_and_ends_in_the_counts() -> None:
    lines = to_markdown(_report(_outcome(PASS), _outcome(FAIL, path="bad.onnx"), notes=("A note.",))).splitlines()
    assert "| `model.onnx` | float32 | 3.21 / 4.00 | - | - | - | - | ✅ **pass** |" in lines
    assert "  - fail: sentence of a\\|fail" == lines[lines.index("- `bad.onnx`") + 1]
    assert not any("sentence of a\\|pass" in line for line in lines)
    assert "- A note." in lines
    assert lines[-1] == "1 pass, 1 fail, 0 undecided, 0 not judged on 75 images"
