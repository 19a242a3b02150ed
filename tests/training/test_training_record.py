import json
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.errors import InputError, UsageError
from modelport.contract.run_folder import RunFolder
from modelport.training.options import TrainOptions
from modelport.training.schedule import CURVES

pytest.importorskip("tensorflow", reason="training records need the extra [tensorflow]")

from modelport.training.training_record import check_destination, resume_record, start_record

OPTIONS = TrainOptions(epochs=10, weights="none")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def test_a_new_record_is_on_disk_before_the_first_epoch(folder: RunFolder) -> None:
    record = start_record(folder, OPTIONS)
    written = json.loads(folder.history.read_text())
    assert {"run_id": record.run_id, "options": OPTIONS.to_json(), **{curve: [] for curve in CURVES}} == written


def test_two_runs_have_two_ids(folder: RunFolder, tmp_path: Path) -> None:
    assert start_record(folder, OPTIONS).run_id != start_record(RunFolder(tmp_path / "other"), OPTIONS).run_id


def test_a_record_is_resumed_as_it_was_left(folder: RunFolder) -> None:
    record = start_record(folder, OPTIONS)
    for curve in CURVES:
        record.history[curve] += [1, 1]
    record.save_history()
    assert record == resume_record(folder, OPTIONS)


@pytest.mark.parametrize(
    "changes",
    [{"epochs": 30}, {"batch_size": 8}, {"patience": 3}, {"precision": "float32"}],
    ids=lambda changes: next(iter(changes)),
)
def test_what_does_not_change_the_weights_meaning_may_be_changed(folder: RunFolder, changes: dict[str, Any]) -> None:
    start_record(folder, OPTIONS)
    options = TrainOptions(**OPTIONS.to_json() | changes)
    assert options == resume_record(folder, options).options


@pytest.mark.parametrize(
    "changes",
    [
        {"image_size": (64, 64)},
        {"backbone": "MobileNetV2"},
        {"weights": "imagenet"},
        {"augment": False},
        {"horizontal_flip": True},
        {"learning_rate": 0.5},
        {"seed": 7},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_does_is_refused_with_old_and_new_value(folder: RunFolder, changes: dict[str, Any]) -> None:
    start_record(folder, OPTIONS)
    with pytest.raises(UsageError, match="cannot change these options") as caught:
        resume_record(folder, TrainOptions(**OPTIONS.to_json() | changes))
    ((name, value),) = changes.items()
    value = list(value) if isinstance(value, tuple) else value
    assert f"{name}={OPTIONS.to_json()[name]}" == caught.value.expected
    assert f"{name}={value}" == caught.value.received


def test_a_finished_training_is_not_resumed(folder: RunFolder) -> None:
    start_record(folder, OPTIONS)
    folder.contract.touch()
    with pytest.raises(UsageError, match="training is finished"):
        resume_record(folder, OPTIONS)


def test_nothing_is_not_resumed(folder: RunFolder) -> None:
    with pytest.raises(InputError, match="nothing to resume"):
        resume_record(folder, OPTIONS)


@pytest.mark.parametrize("content", ["{}", "[]", '{"loss": [1.0]}', "3"])
def test_a_history_of_another_program_is_not_resumed(folder: RunFolder, content: str) -> None:
    folder.root.mkdir()
    folder.history.write_text(content)
    with pytest.raises(InputError, match="not modelport's"):
        resume_record(folder, OPTIONS)


def test_a_broken_history_is_not_resumed(folder: RunFolder) -> None:
    folder.root.mkdir()
    folder.history.write_text('{"loss": [')
    with pytest.raises(InputError, match="not JSON"):
        resume_record(folder, OPTIONS)


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_new_or_empty_folder_is_a_destination(folder: RunFolder, overwrite: bool) -> None:
    check_destination(folder.root, overwrite=overwrite)
    folder.root.mkdir()
    check_destination(folder.root, overwrite=overwrite)


@pytest.mark.parametrize(("finished", "way_out"), [(False, "go on with --resume"), (True, "pass --overwrite")])
def test_a_run_is_replaced_by_order_only(folder: RunFolder, finished: bool, way_out: str) -> None:
    start_record(folder, OPTIONS)
    if finished:
        folder.contract.touch()
    with pytest.raises(UsageError, match="output exists") as caught:
        check_destination(folder.root, overwrite=False)
    assert str(caught.value.fix).endswith(way_out)
    check_destination(folder.root, overwrite=True)


@pytest.mark.parametrize("overwrite", [False, True])
def test_another_folder_is_never_replaced(tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(UsageError, match="not a run folder"):
        check_destination(tmp_path, overwrite=overwrite)


def test_a_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    with pytest.raises(UsageError, match="not a run folder"):
        check_destination(tmp_path / "run", overwrite=True)


def test_a_new_run_leaves_nothing_of_the_old_one(folder: RunFolder) -> None:
    start_record(folder, OPTIONS)
    folder.contract.touch()
    start_record(folder, OPTIONS)
    assert [folder.history] == list(folder.root.iterdir())
