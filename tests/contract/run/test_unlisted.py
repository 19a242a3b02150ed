from dataclasses import replace
from pathlib import Path

import pytest
from modelport.contract.run.artifacts import Artifact, Shipped
from modelport.contract.run.lock import Lock
from modelport.contract.run.unlisted import unlisted_artifacts


def _lock(*paths: str) -> Lock:
    one = Artifact(path="", format="x", recipe="float32", size_bytes=1, sha256="0", parent_sha256="1")
    return Lock(run_id="r", model_sha256="m", artifacts=tuple(replace(one, path=path) for path in paths))


@pytest.mark.parametrize(
    ("file", "named"),
    [
        pytest.param("model.tflite", "model.tflite", id="tflite"),
        pytest.param("old/model.ONNX", "old/model.ONNX", id="onnx-in-a-folder"),
        pytest.param("graph.pb", "graph.pb", id="frozen-graph"),
        pytest.param("saved_model/saved_model.pb", "saved_model", id="saved-model"),
        pytest.param("tfjs/model.json", "tfjs", id="tfjs"),
    ],
)
def test_what_looks_like_an_artifact_is_named_unless_the_lock_lists_it(tmp_path: Path, file: str, named: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    assert (named,) == unlisted_artifacts(tmp_path, _lock("another.onnx"))
    assert () == unlisted_artifacts(tmp_path, _lock(named))


def test_a_folder_is_named_once(tmp_path: Path) -> None:
    (tmp_path / "saved_model" / "assets").mkdir(parents=True)
    for name in ("saved_model.pb", "fingerprint.pb", "assets/x.pb"):
        (tmp_path / "saved_model" / name).touch()
    assert ("saved_model",) == unlisted_artifacts(tmp_path, _lock())
    assert () == unlisted_artifacts(tmp_path, _lock("saved_model"))


def test_the_other_files_of_a_run_and_half_written_ones_are_none(tmp_path: Path) -> None:
    (tmp_path / ".part-x").mkdir()
    for name in ("model.keras", "contract.json", "reference.npz", ".part-x/model.onnx"):
        (tmp_path / name).touch()
    assert () == unlisted_artifacts(tmp_path, _lock())


def test_what_ships_is_listed_and_anything_else_of_its_kind_is_not(tmp_path: Path) -> None:
    shipped = Shipped(source="model.float16.tflite", sha256="0", verdict="pass", why="")
    for name in ("model.tflite", "other.tflite"):
        (tmp_path / name).touch()
    assert ("other.tflite",) == unlisted_artifacts(tmp_path, replace(_lock(), shipped=shipped))
    assert ("model.tflite", "other.tflite") == unlisted_artifacts(tmp_path, _lock())
