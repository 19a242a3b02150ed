"""A run folder against its lock: every way in which a file can be another than the recorded one."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from modelport.contract.errors import InputError
from modelport.runtimes.inspect.inspect_run import RunInspection, inspect_run, is_run_folder


def states(run: RunInspection) -> dict[str, str]:
    return {file.path: file.state for file in run.files}


@pytest.fixture
def run(exported_run: Path, copy_of: Callable[[Path], Path]) -> Path:
    return copy_of(exported_run)


def test_an_exported_run_is_whole(exported_run: Path) -> None:
    told = inspect_run(exported_run)
    assert {"whole"} == set(states(told).values())
    assert 0 == told.exit_code
    listed = {entry["path"] for entry in json.loads((exported_run / "artifacts.json").read_text())["artifacts"]}
    assert listed < set(states(told))


def test_a_run_before_its_first_export_is_whole(trained_run: Path) -> None:
    told = inspect_run(trained_run)
    assert ("absent", 0) == (states(told)["artifacts.json"], told.exit_code)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        pytest.param("model.onnx", "edited", id="an-artifact"),
        pytest.param("model.keras", "edited", id="the-model"),
        pytest.param("saved_model/saved_model.pb", "edited", id="a-file-of-a-folder"),
        pytest.param("training_history.json", "unreadable", id="history"),
        pytest.param("reference.npz", "unreadable", id="reference"),
    ],
)
def test_a_byte_more_is_an_edit(run: Path, name: str, state: str) -> None:
    (run / name).write_bytes((run / name).read_bytes()[:-20] + b"!")
    told = inspect_run(run)
    assert (state, 1) == (states(told)[name.split("/")[0]], told.exit_code)
    assert 1 == sum(file.is_fault for file in told.files)


@pytest.mark.parametrize("name", ["model.float16.tflite", "model.keras", "training_set_labels.txt", "saved_model"])
def test_what_is_gone_is_missing(run: Path, name: str) -> None:
    path = run / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    told = inspect_run(run)
    assert ("missing", 1) == (states(told)[name], told.exit_code)


def test_labels_in_another_order_are_named(run: Path) -> None:
    """The most expensive fault of all: nothing fails, and every answer has the wrong name."""
    path = run / "training_set_labels.txt"
    path.write_text("".join(reversed(path.read_text().splitlines(keepends=True))))
    (fault,) = (file for file in inspect_run(run).files if file.is_fault)
    assert ("training_set_labels.txt", "the labels of contract.json in another order") == (fault.path, fault.detail)


def test_files_of_another_run_are_foreign(run: Path) -> None:
    for name in ("evaluation_report.json", "artifacts.json"):
        value = json.loads((run / name).read_text()) | {"run_id": "20200101T000000Z-00000000"}
        (run / name).write_text(json.dumps(value))
    found = states(inspect_run(run))
    assert ["foreign", "foreign"] == [found["evaluation_report.json"], found["artifacts.json"]]


def test_what_no_lock_lists_is_named_and_a_copy_is_told_as_one(run: Path) -> None:
    shutil.copy(run / "model.full_int8.tflite", run / "model.tflite")
    (run / "strange.onnx").write_bytes(b"?")
    told = {file.path: file for file in inspect_run(run).files if file.is_fault}
    assert {"model.tflite": "not in the lock", "strange.onnx": "not in the lock"} == {
        path: file.state for path, file in told.items()
    }
    assert "the same bytes as model.full_int8.tflite" == told["model.tflite"].detail


def test_a_damaged_lock_leaves_the_rest_checked(run: Path) -> None:
    (run / "artifacts.json").write_text("[" * 100_000)
    told = inspect_run(run)
    assert ("unreadable", "whole") == (states(told)["artifacts.json"], states(told)["model.keras"])


def test_a_folder_with_a_lock_and_no_contract_is_an_error(run: Path) -> None:
    (run / "contract.json").unlink()
    assert is_run_folder(run)
    with pytest.raises(InputError, match="file is missing"):
        inspect_run(run)


def test_other_folders_are_no_run(tmp_path: Path, exported_run: Path) -> None:
    assert not is_run_folder(tmp_path)
    assert not is_run_folder(exported_run / "saved_model")
    assert not is_run_folder(exported_run / "model.onnx")
