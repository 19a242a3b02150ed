"""What a report says of a run's artifacts, and what is refused: it may be old, of another run, broken or hostile."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.judged.choose_model import choose_tflite
from modelport.assets.judged.judged_artifact import JudgedArtifact
from modelport.assets.judged.judged_run import artifact_of, read_judgement
from modelport.contract.errors import InputError, JudgedAndFailed
from modelport.contract.run.lock import write_lock
from modelport.contract.run.run_folder import RunFolder
from modelport.validate.findings.verdict import Verdict

PaperRun = Callable[..., RunFolder]
Papers = Callable[..., Any]


def edit_report(run: RunFolder, edit: Callable[[dict[str, Any]], object]) -> None:
    path = run.validation / "report.json"
    value = json.loads(path.read_text())
    edit(value)
    path.write_text(json.dumps(value))


def judged(run: RunFolder, at: int = 0) -> JudgedArtifact:
    return read_judgement(run).verdict_of(run.read_lock().artifacts[at])


def test_the_numbers_of_the_first_head_at_the_worst_door_are_told(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(paper("model.float16.tflite", "float16", 7, drop=0.25))
    found = judged(run)
    assert (Verdict.PASS, "pixels", 268, 7, "2.4.0") == (
        found.verdict,
        found.door,
        found.n,
        found.size_bytes,
        found.min_tflite,
    )
    assert found.head is not None
    assert (0.95, (0.92, 0.97), 0.25, (-1.15, 1.65)) == (
        found.head.top1_fraction,
        found.head.top1_interval,
        found.head.drop_points,
        found.head.drop_interval_points,
    )
    assert "pass: top-1 95.0 % [92.0, 97.0], drop +0.2 points [-1.1, +1.6], n = 268" == found.summary
    assert found.passed
    assert found.is_within
    assert not read_judgement(run).has_floor


@pytest.mark.parametrize(("drop", "is_within"), [(1.0, True), (1.1, False)])
def test_an_undecided_one_is_delivered_if_the_report_says_that_it_is_within(
    paper_run: PaperRun, paper: Papers, drop: float, is_within: bool
) -> None:
    run = paper_run(paper("model.full_int8.tflite", "full_int8", 7, "undecided", drop=drop))
    assert (Verdict.UNDECIDED, is_within) == (judged(run).verdict, judged(run).is_within)
    if is_within:
        assert read_judgement(run).require(run.read_lock().artifacts[0]) == judged(run)
    else:
        with pytest.raises(InputError, match="not delivered: undecided"):
            read_judgement(run).require(run.read_lock().artifacts[0])


def of_an_older_modelport(report: dict[str, Any]) -> None:
    for entry in report["artifacts"]:
        del entry["is_within"]


def test_an_older_report_is_read_but_for_what_it_leaves_undecided(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(
        paper("a.tflite", "float16", 7), paper("b.tflite", "full_int8", 5, "undecided"), paper("c.onnx", "x", 3, "fail")
    )
    edit_report(run, of_an_older_modelport)
    assert [True, None, False] == [judged(run, at).is_within for at in range(3)]
    assert "a.tflite" == choose_tflite(run).artifact.path
    with pytest.raises(InputError, match="not delivered: undecided") as caught:
        read_judgement(run).require(run.read_lock().artifacts[1])
    assert "judge again with modelport validate" in str(caught.value.received)


def test_where_an_older_report_leaves_nothing_to_ship_the_fix_is_to_judge_again(
    paper_run: PaperRun, paper: Papers
) -> None:
    run = paper_run(paper("b.tflite", "full_int8", 5, "undecided"))
    assert "b.tflite" == choose_tflite(run).artifact.path
    edit_report(run, of_an_older_modelport)
    with pytest.raises(JudgedAndFailed) as caught:
        choose_tflite(run)
    assert f"modelport validate {run.root}" == caught.value.fix


def test_a_failed_one_is_not_delivered_and_what_failed_is_told(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(paper("m.tflite", "full_int8", 7, "fail", drop=9.0))
    with pytest.raises(InputError, match="not delivered: fail") as caught:
        read_judgement(run).require(run.read_lock().artifacts[0])
    assert "drop 9.0" == caught.value.received
    assert f"modelport validate {run.root}" in str(caught.value.fix)


def test_what_only_left_out_is_not_judged(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(paper("m.tflite", "float16", 7))

    def leave_out(report: dict[str, Any]) -> None:
        report["settings"]["left_out"] = [report["artifacts"].pop()["path"]]

    edit_report(run, leave_out)
    assert (Verdict.NOT_JUDGED, False) == (judged(run).verdict, judged(run).is_within)


def test_an_artifact_that_came_after_the_report_is_named(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(paper("m.tflite", "float16", 7))
    edit_report(run, lambda report: report["artifacts"].clear())
    with pytest.raises(InputError, match="not judged") as caught:
        judged(run)
    assert f"modelport validate {run.root}" == caught.value.fix


def test_an_artifact_that_was_exported_again_is_named(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(paper("m.tflite", "float16", 7))
    lock = run.read_lock()
    write_lock(run.lock, replace(lock, artifacts=(replace(lock.artifacts[0], sha256="0" * 64),)))
    with pytest.raises(InputError, match="exported again after it was judged") as caught:
        judged(run)
    assert f"modelport validate {run.root}" == caught.value.fix


@pytest.mark.parametrize(("damage", "match"), [("edit", "not the file"), ("remove", "missing")])
def test_a_file_that_is_not_the_one_that_was_judged_is_named(
    paper_run: PaperRun, paper: Papers, damage: str, match: str
) -> None:
    run = paper_run(paper("m.tflite", "float16", 7), paper("model.onnx", "float32", 3))
    file = run.root / "m.tflite"
    file.write_bytes(b"1234567") if damage == "edit" else file.unlink()
    with pytest.raises(InputError, match=match):
        judged(run)
    assert judged(run, 1).passed  # nobody else is to blame


def test_a_report_of_another_run_or_model_is_refused(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(paper("m.tflite", "float16", 7))
    for key in ("run_id", "model_sha256"):
        kept = (run.validation / "report.json").read_text()
        edit_report(run, lambda report, key=key: report.update({key: "another"}))  # type: ignore[misc]
        with pytest.raises(InputError, match="another run"):
            read_judgement(run)
        (run.validation / "report.json").write_text(kept)
    assert judged(run).passed


def test_no_report_says_how_to_get_one(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(paper("m.tflite", "float16", 7))
    shutil.rmtree(run.validation)
    with pytest.raises(InputError, match="report is missing") as caught:
        read_judgement(run)
    assert f"modelport validate {run.root}" == caught.value.fix


def first(report: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = report["artifacts"][0]
    return entry


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda r: first(r).update(verdict="pass"), id="verdict-that-its-findings-are-not"),
        pytest.param(lambda r: first(r).update(verdict="perfect"), id="unknown-verdict"),
        pytest.param(lambda r: first(r).update(findings=[]), id="no-findings"),
        pytest.param(lambda r: first(r).update(findings={}), id="findings-no-list"),
        pytest.param(lambda r: first(r).update(worst_door="cellar"), id="unknown-door"),
        pytest.param(lambda r: first(r).update(worst_door=["pixels"]), id="door-no-text"),
        pytest.param(lambda r: first(r).update(sha256=5), id="hash-no-text"),
        pytest.param(lambda r: first(r).update(doors=[]), id="doors-no-table"),
        pytest.param(lambda r: first(r)["doors"].update(pixels=[5]), id="head-no-table"),
        pytest.param(lambda r: first(r)["doors"]["pixels"][0].update(n=-1), id="negative-n"),
        pytest.param(lambda r: first(r)["doors"]["pixels"][0].update(n=True), id="n-true"),
        pytest.param(lambda r: first(r)["doors"]["pixels"][0]["accuracy"].update(top1_fraction=95), id="percent"),
        pytest.param(
            lambda r: first(r)["doors"]["pixels"][0]["accuracy"].update(top1_interval=[0.9]), id="half-an-interval"
        ),
        pytest.param(
            lambda r: first(r)["doors"]["pixels"][0]["accuracy"].update(top1_interval=[0.9, 0.1]), id="interval-turned"
        ),
        pytest.param(lambda r: first(r)["doors"]["pixels"][0]["parity"].update(drop=7), id="drop-no-table"),
        pytest.param(lambda r: first(r).update(is_within="yes"), id="within-no-truth-value"),
        pytest.param(lambda r: first(r).update(is_within=None), id="within-null"),
        pytest.param(lambda r: first(r).update(description={"min_tflite": 2.4}), id="release-no-text"),
        pytest.param(lambda r: r["artifacts"].append(first(r)), id="twice"),
        pytest.param(lambda r: r.update(artifacts="all"), id="artifacts-no-list"),
        pytest.param(lambda r: r.update(settings=None), id="no-settings"),
        pytest.param(lambda r: r.update(modelport_report=2), id="version"),
        pytest.param(lambda r: r.clear(), id="empty"),
    ],
)
def test_a_hostile_report_is_refused(
    paper_run: PaperRun, paper: Papers, edit: Callable[[dict[str, Any]], object]
) -> None:
    run = paper_run(paper("m.tflite", "full_int8", 7, "undecided"))
    assert judged(run).is_within
    edit_report(run, edit)
    with pytest.raises(InputError):
        judged(run)


@pytest.mark.parametrize(("verdict", "is_within"), [("fail", True), ("not judged", True), ("pass", False)])
def test_a_report_that_contradicts_its_verdict_is_refused(
    paper_run: PaperRun, paper: Papers, verdict: str, is_within: bool
) -> None:
    run = paper_run(paper("m.tflite", "full_int8", 7, verdict))
    edit_report(run, lambda report: first(report).update(is_within=is_within))
    with pytest.raises(InputError, match="is_within"):
        judged(run)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[" * 100_000, b'{"n": NaN}', b"null", b'{"modelport_report": 1' + b"0" * 9999 + b"}"],
)
def test_a_broken_report_is_refused(paper_run: PaperRun, paper: Papers, content: bytes) -> None:
    run = paper_run(paper("m.tflite", "float16", 7))
    (run.validation / "report.json").write_bytes(content)
    with pytest.raises(InputError):
        read_judgement(run)


def test_an_artifact_that_the_lock_does_not_list_is_named(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(paper("m.tflite", "float16", 7))
    assert run.read_lock().artifacts[0] == artifact_of(run, "m.tflite")
    with pytest.raises(InputError, match="no such artifact") as caught:
        artifact_of(run, Path("model.onnx"))
    assert "m.tflite" == caught.value.expected
