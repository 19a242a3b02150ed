import json
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.errors import InputError, UsageError
from modelport.contract.run.run_folder import RunFolder
from modelport.training.run.history import CURVES
from modelport.training.train_options import TrainOptions

pytest.importorskip("tensorflow", reason="training records need the extra [tensorflow]")

from modelport.training.fit.training_record import TrainingRecord, resume_record, start_record
from modelport.training.run.run_destination import check_destination

OPTIONS = TrainOptions(epochs=10, weights="none")
DATA = Path("data set")


def begin(folder: RunFolder) -> TrainingRecord:
    return start_record(folder, OPTIONS, policy="float32", data_sha256="0a1b")


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def test_a_new_record_is_on_disk_before_the_first_epoch(folder: RunFolder) -> None:
    record = begin(folder)
    written = json.loads(folder.history.read_text())
    facts = {"run_id": record.run_id, "policy": "float32", "data_sha256": "0a1b", "options": OPTIONS.to_json()}
    assert facts | {curve: [] for curve in CURVES} == written


def test_two_runs_have_two_ids(folder: RunFolder, tmp_path: Path) -> None:
    assert begin(folder).run_id != begin(RunFolder(tmp_path / "other")).run_id


def test_a_record_is_resumed_as_it_was_left(folder: RunFolder) -> None:
    record = begin(folder)
    for curve in CURVES:
        record.history[curve] += [1, 1]
    record.save_history()
    assert record == resume_record(folder, OPTIONS)


@pytest.mark.parametrize(
    "changes",
    [{"epochs": 30}, {"batch_size": 8}, {"patience": 3}],
    ids=lambda changes: next(iter(changes)),
)
def test_what_does_not_change_the_weights_meaning_may_be_changed(folder: RunFolder, changes: dict[str, Any]) -> None:
    begin(folder)
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
        {"precision": "float32"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_does_is_refused_with_old_and_new_value(folder: RunFolder, changes: dict[str, Any]) -> None:
    begin(folder)
    with pytest.raises(UsageError, match="cannot change these options") as caught:
        resume_record(folder, TrainOptions(**OPTIONS.to_json() | changes))
    ((name, value),) = changes.items()
    value = list(value) if isinstance(value, tuple) else value
    assert f"{name}={OPTIONS.to_json()[name]}" == caught.value.expected
    assert f"{name}={value}" == caught.value.received


def test_a_finished_training_is_not_resumed(folder: RunFolder) -> None:
    begin(folder)
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
    check_destination(folder.root, DATA, overwrite=overwrite)
    folder.root.mkdir()
    check_destination(folder.root, DATA, overwrite=overwrite)


@pytest.mark.parametrize(("finished", "way_out"), [(False, "go on with --resume"), (True, "pass --overwrite")])
def test_a_run_is_replaced_by_order_only(folder: RunFolder, finished: bool, way_out: str) -> None:
    begin(folder)
    if finished:
        folder.contract.touch()
    with pytest.raises(UsageError, match="output exists") as caught:
        check_destination(folder.root, DATA, overwrite=False)
    assert str(caught.value.fix).endswith(way_out)
    check_destination(folder.root, DATA, overwrite=True)


@pytest.mark.parametrize("overwrite", [False, True])
def test_another_folder_is_never_replaced(tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(UsageError, match="not a run folder"):
        check_destination(tmp_path, DATA, overwrite=overwrite)


def test_a_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    with pytest.raises(UsageError, match="not a run folder"):
        check_destination(tmp_path / "run", DATA, overwrite=True)


def test_a_new_run_leaves_nothing_of_the_old_one(folder: RunFolder) -> None:
    begin(folder)
    folder.contract.touch()
    begin(folder)
    assert [folder.history] == list(folder.root.iterdir())


def test_a_run_folder_with_anything_else_in_it_is_not_replaced(folder: RunFolder) -> None:
    begin(folder)
    (folder.root / "thesis.txt").touch()
    with pytest.raises(UsageError, match="more than a run") as caught:
        check_destination(folder.root, DATA, overwrite=True)
    assert "thesis.txt" == caught.value.received


def test_the_data_set_must_not_lie_in_the_run(folder: RunFolder) -> None:
    begin(folder)
    with pytest.raises(UsageError, match="data set lies in the run"):
        check_destination(folder.root, folder.root / "dataset", overwrite=True)


def test_other_data_are_refused(folder: RunFolder) -> None:
    begin(folder).check_same_data("0a1b")
    with pytest.raises(InputError, match="data set changed"):
        begin(folder).check_same_data("2c3d")


def test_a_run_behind_a_link_is_emptied_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "real", target_is_directory=True)
    begin(RunFolder(tmp_path / "run"))
    assert (tmp_path / "run").is_symlink()
    assert ["training_history.json"] == [path.name for path in (tmp_path / "real").iterdir()]
