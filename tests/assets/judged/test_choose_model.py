"""DESIGN.md, section 3: the smallest that passes on the target's runtime, else the smallest undecided within budget."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.judged.choose_model import choose_tflite, record_choice
from modelport.contract.errors import InputError, JudgedAndFailed
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.run.artifacts import SHIPPED, Shipped
from modelport.contract.run.lock import Lock, read_lock, write_lock
from modelport.contract.run.run_folder import RunFolder
from modelport.contract.run.unlisted import unlisted_artifacts
from modelport.runtimes.inspect.inspect_run import FileState, inspect_run
from modelport.validate.findings.verdict import Verdict

PaperRun = Callable[..., RunFolder]
Papers = Callable[..., Any]
Walk = Callable[[Path, Callable[[], object], Callable[[Path], object]], Any]


def usual(paper: Papers) -> list[Any]:
    """Six files in no order: the rule has to find what the table of the test says."""
    return [
        paper("model.float32.tflite", "float32", 40),
        paper("model.full_int8.tflite", "full_int8", 12, "undecided", drop=0.9),
        paper("model.float16.tflite", "float16", 20),
        paper("model.dynamic_int8.tflite", "dynamic_int8", 11, "undecided", drop=1.2),
        paper("model.weight_int8.tflite", "weight_int8", 10, "fail", drop=9.0),
        paper("model.onnx", "float32", 5),
    ]


def test_the_smallest_that_passed_ships_though_smaller_ones_are_undecided(paper_run: PaperRun, paper: Papers) -> None:
    choice = choose_tflite(paper_run(*usual(paper)))
    assert ("model.float16.tflite", Verdict.PASS) == (choice.artifact.path, choice.verdict)
    assert choice.why.startswith(
        "the smallest that passed and runs on TensorFlow Lite 2.12.0; smaller ones do not ship: "
    )
    for name in ("model.weight_int8.tflite (10 bytes): fail", "model.full_int8.tflite (12 bytes): undecided"):
        assert name in choice.why


def test_else_the_smallest_undecided_one_within_its_budget_and_it_says_so(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(*(one for one in usual(paper) if one.verdict != "pass"))
    choice = choose_tflite(run)
    assert ("model.full_int8.tflite", Verdict.UNDECIDED) == (choice.artifact.path, choice.verdict)
    assert choice.why.startswith("undecided, not passed: the smallest whose drop's point value is within its budget")


@pytest.mark.parametrize(
    ("needs", "target", "expected"),
    [
        pytest.param("2.12.0", "2.12.0", "small.tflite", id="the-very-release"),
        pytest.param("2.17.0", "2.12.0", "model.float32.tflite", id="too-new-for-the-target"),
        pytest.param("2.17.0", "2.17.0", "small.tflite", id="a-newer-target"),
        pytest.param("2.4.0", "1.15.0", "model.float32.tflite", id="an-older-target"),
        pytest.param(None, "2.17.0", "model.float32.tflite", id="unknown"),
    ],
)
def test_what_the_target_does_not_run_does_not_ship(
    paper_run: PaperRun, paper: Papers, needs: str | None, target: str, expected: str
) -> None:
    float32 = paper("model.float32.tflite", "float32", 40, min_tflite="1.15.0")
    run = paper_run(paper("small.tflite", "float16", 9, min_tflite=needs), float32)
    assert expected == choose_tflite(run, min_tflite=target).artifact.path


@pytest.mark.parametrize(
    ("tried", "ships"),
    [
        ("tflite-runtime 2.11.0", True),
        ("tflite-runtime 2.14.0", False),
        ("tensorflow 2.12.0+nv23.06", True),  # NVIDIA's build for Jetson
        ("tensorflow 2.12.0rc1", True),
        ("tensorflow 2.13.0rc1", False),
        ("tensorflow of mine", False),
        ("tensorflow 2", True),
        ("ai-edge-litert 1.4.0", False),
        ("x", False),
    ],
)
def test_a_trial_says_what_a_file_with_unknown_operators_needs(
    paper_run: PaperRun, paper: Papers, tried: str, ships: bool
) -> None:
    run = paper_run(paper("m.tflite", "float16", 9, min_tflite=None, oldest_runtime=tried))
    if ships:
        assert "m.tflite" == choose_tflite(run, min_tflite="2.12.0").artifact.path
    else:
        with pytest.raises(JudgedAndFailed, match="no TFLite file may ship"):
            choose_tflite(run, min_tflite="2.12.0")


def test_files_that_take_images_of_any_size_are_chosen_only_where_asked_for(paper_run: PaperRun, paper: Papers) -> None:
    in_graph = paper("model.float16.in_graph.tflite", "float16", 3, preprocessing="in_graph")
    run = paper_run(paper("model.float16.tflite", "float16", 20), in_graph)
    assert "model.float16.tflite" == choose_tflite(run).artifact.path
    assert "model.float16.in_graph.tflite" == choose_tflite(run, preprocessing="in_graph").artifact.path


def test_of_two_as_small_the_name_decides(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(paper("b.tflite", "float32", 9), paper("a.tflite", "float16", 9))
    assert "a.tflite" == choose_tflite(run).artifact.path


def test_where_none_may_ship_each_is_named_with_its_reason(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(
        paper("a.tflite", "float16", 9, "fail", drop=3.0), paper("b.tflite", "float32", 12, "undecided", drop=2.0)
    )
    with pytest.raises(JudgedAndFailed) as caught:
        choose_tflite(run)
    assert "a.tflite: fail, drop 3.0\nb.tflite: undecided, drop 2.0" == caught.value.received
    assert 1 == caught.value.exit_code


def test_what_only_left_out_is_said_to_be_unjudged_and_nothing_else(paper_run: PaperRun, paper: Papers) -> None:
    """Nobody looked at its operators, so its release is no reason; a better file is no remedy."""
    run = paper_run(paper("a.tflite", "float16", 9))
    report = json.loads((run.validation / "report.json").read_text())
    report |= {"artifacts": [], "settings": {"left_out": ["a.tflite"]}}
    (run.validation / "report.json").write_text(json.dumps(report))
    with pytest.raises(JudgedAndFailed) as caught:
        choose_tflite(run)
    assert "a.tflite: not judged, --only left it out" == caught.value.received
    assert f"modelport validate {run.root}" == caught.value.fix


def test_without_a_tflite_file_it_says_how_to_get_one(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(paper("model.onnx", "float32", 9))
    with pytest.raises(InputError, match="no TFLite file was exported") as caught:
        choose_tflite(run)
    assert f"modelport convert {run.root} --to tflite, then modelport validate {run.root}" == caught.value.fix


def test_nothing_is_chosen_while_one_that_may_be_smaller_is_not_judged(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(paper("a.tflite", "float16", 9), paper("b.tflite", "full_int8", 5))
    lock = run.read_lock()
    write_lock(run.lock, replace(lock, artifacts=(lock.artifacts[0], replace(lock.artifacts[1], sha256="0" * 64))))
    with pytest.raises(InputError, match="exported again after it was judged"):
        choose_tflite(run)


def shipped_state(run: RunFolder) -> FileState:
    (found,) = (file for file in inspect_run(run.root).files if file.path == SHIPPED)
    return found


def test_the_choice_is_a_copy_and_the_lock_says_of_what(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(*usual(paper))
    choice = choose_tflite(run)
    assert run.root / SHIPPED == record_choice(run, choice)
    source = (run.root / "model.float16.tflite").read_bytes()
    assert bytes([2]) * 20 == source == (run.root / SHIPPED).read_bytes()
    shipped = Shipped(source="model.float16.tflite", sha256=choice.artifact.sha256, verdict="pass", why=choice.why)
    assert shipped == run.read_lock().shipped
    assert 6 == len(run.read_lock().artifacts)
    assert () == unlisted_artifacts(run.root, run.read_lock())
    assert ("whole", "ships: model.float16.tflite, pass") == (shipped_state(run).state, shipped_state(run).recipe)
    assert 0 == inspect_run(run.root).exit_code


def test_the_same_choice_again_writes_nothing(paper_run: PaperRun, paper: Papers, stops: Walk) -> None:
    run = paper_run(*usual(paper))
    choice = choose_tflite(run)
    record_choice(run, choice)
    assert [] == stops(run.root, lambda: record_choice(run, choice), lambda root: None).steps


def test_a_choice_that_is_not_the_lock_s_any_more_is_refused(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(*usual(paper))
    choice = choose_tflite(run)
    run.record(replace(choice.artifact, size_bytes=1))
    with pytest.raises(InputError, match="exported again since it was chosen"):
        record_choice(run, choice)
    assert not (run.root / SHIPPED).exists()


def test_an_artifact_that_was_edited_is_not_shipped(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(*usual(paper))
    choice = choose_tflite(run)
    (run.root / choice.artifact.path).write_bytes(b"edited")
    with pytest.raises(InputError, match="changed after the export"):
        record_choice(run, choice)
    assert (None, False) == (run.read_lock().shipped, (run.root / SHIPPED).exists())


def test_an_artifact_called_model_tflite_is_not_overwritten(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(paper(SHIPPED, "float32", 9), paper("a.tflite", "float16", 5))
    with pytest.raises(InputError, match="name of what ships is taken"):
        record_choice(run, choose_tflite(run))
    assert 9 == len((run.root / SHIPPED).read_bytes())


def test_an_artifact_that_was_exported_anew_leaves_model_tflite_stale(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(*usual(paper))
    choice = choose_tflite(run)
    record_choice(run, choice)
    source = run.root / choice.artifact.path
    source.write_bytes(b"new")
    run.record(replace(choice.artifact, sha256=sha256_of_file(source), size_bytes=3))
    assert run.read_lock().shipped is not None, "a new artifact does not change what was chosen"
    assert "stale" == shipped_state(run).state
    assert "not the bytes of model.float16.tflite any more" in shipped_state(run).detail
    assert 1 == inspect_run(run.root).exit_code
    assert run.read_lock().artifact_at(SHIPPED) is None, "no contract is its own any more"


@pytest.mark.parametrize(
    ("change", "state", "told"),
    [
        pytest.param(lambda run: (run.root / SHIPPED).unlink(), "missing", "model.float16.tflite ships", id="gone"),
        pytest.param(lambda run: (run.root / SHIPPED).write_bytes(b"x"), "edited", "other bytes", id="edited"),
        pytest.param(
            lambda run: shutil.copyfile(run.root / "model.float32.tflite", run.root / SHIPPED),
            "edited",
            "the bytes of model.float32.tflite, which is not the one that ships",
            id="another-artifact",
        ),
    ],
)
def test_inspect_names_what_is_wrong_with_model_tflite_and_the_next_choice_puts_it_right(
    paper_run: PaperRun, paper: Papers, change: Callable[[RunFolder], object], state: str, told: str
) -> None:
    run = paper_run(*usual(paper))
    record_choice(run, choose_tflite(run))
    change(run)
    assert state == shipped_state(run).state
    assert told in shipped_state(run).detail
    record_choice(run, choose_tflite(run))
    assert "whole" == shipped_state(run).state


def test_stopped_at_any_step_inspect_is_right_and_the_next_call_goes_on(
    paper_run: PaperRun, paper: Papers, stops: Walk
) -> None:
    """From one choice to another: model.tflite is whole at every moment, and never taken for what it is not."""
    run = paper_run(*usual(paper))
    old, new = choose_tflite(run, min_tflite="2.12.0"), choose_tflite(run)
    first = replace(old, artifact=next(a for a in run.read_lock().artifacts if a.recipe == "float32"))
    record_choice(run, first)
    bytes_of = {artifact.sha256: artifact.path for artifact in run.read_lock().artifacts}

    def check(root: Path) -> None:
        here = RunFolder(root)
        lies = bytes_of[sha256_of_file(root / SHIPPED)]  # a KeyError: not the bytes of any artifact
        shipped = here.read_lock().shipped
        assert shipped is not None
        state = shipped_state(here)
        assert state.state == ("whole" if lies == shipped.source else "edited")

    found = stops(run.root, lambda: record_choice(run, new), check)
    assert 3 == len(found.states)  # as before; promised; named
    for state in found.states:
        here = RunFolder(state)
        record_choice(here, choose_tflite(here))
        assert ("whole", "model.float16.tflite") == (shipped_state(here).state, here.read_lock().shipped.source)  # type: ignore[union-attr]
    print(f"record_choice: {len(found.steps)} points, {len(found.states)} distinct states, 0 not whole")


def test_a_lock_from_before_reads_back_and_writes_back_the_same(paper_run: PaperRun, paper: Papers) -> None:
    run = paper_run(*usual(paper))
    before = run.lock.read_bytes()
    assert b"shipped" not in before
    lock = read_lock(run.lock)
    assert lock.shipped is None
    write_lock(run.lock, lock)
    assert before == run.lock.read_bytes()


@pytest.mark.parametrize(
    "change",
    [
        {"path": "model.onnx"},
        {"source": "../model.tflite"},
        {"source": "/etc/passwd"},
        {"sha256": 5},
        {"why": None},
        {"verdict": ["pass"]},
    ],
    ids=str,
)
def test_a_hostile_entry_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    shipped = Shipped(source="a.tflite", sha256="0", verdict="pass", why="")
    write_lock(tmp_path / "artifacts.json", Lock(run_id="r", model_sha256="m", shipped=replace(shipped, **change)))
    with pytest.raises(InputError):
        read_lock(tmp_path / "artifacts.json")


def test_an_entry_that_names_itself_leads_nowhere(tmp_path: Path) -> None:
    shipped = Shipped(source=SHIPPED, sha256="0", verdict="pass", why="")
    write_lock(tmp_path / "artifacts.json", Lock(run_id="r", model_sha256="m", shipped=shipped))
    assert read_lock(tmp_path / "artifacts.json").artifact_at(SHIPPED) is None
