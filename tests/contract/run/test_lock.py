import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.errors import InputError
from modelport.contract.run.artifacts import Artifact
from modelport.contract.run.lock import Lock, read_lock, write_lock

FLOAT = Artifact(
    path="model.tflite", format="tflite", recipe="float32", size_bytes=3, sha256="00", parent_sha256="11",
    options={"files": ["a.png"]},
)  # fmt: skip
LOCK = Lock(run_id="run", model_sha256="11", artifacts=(FLOAT,))


def test_a_lock_comes_back(tmp_path: Path) -> None:
    write_lock(tmp_path / "artifacts.json", LOCK)
    assert LOCK == read_lock(tmp_path / "artifacts.json")


def test_an_artifact_takes_the_place_of_the_one_with_its_key() -> None:
    int8, again = replace(FLOAT, recipe="full_int8"), replace(FLOAT, sha256="22")
    lock = LOCK.with_artifact(int8).with_artifact(again)
    assert (again, int8) == lock.artifacts
    assert ("run", "11") == (lock.run_id, lock.model_sha256)
    assert (FLOAT,) == LOCK.artifacts


@pytest.mark.parametrize(
    "change", [{"format": "onnx"}, {"recipe": "x"}, {"preprocessing": "in_graph"}, {"layout": "NCHW"}]
)
def test_another_key_is_another_artifact(change: dict[str, str]) -> None:
    assert 2 == len(LOCK.with_artifact(replace(FLOAT, **change)).artifacts)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/model.tflite", "a/../../x", "a\\..\\x", "C:model.onnx"])
def test_a_path_that_leaves_the_run_folder_is_refused(tmp_path: Path, path: str) -> None:
    write_lock(tmp_path / "artifacts.json", replace(LOCK, artifacts=(replace(FLOAT, path=path),)))
    with pytest.raises(InputError, match="does not stay in its folder") as caught:
        read_lock(tmp_path / "artifacts.json")
    assert (tmp_path / "artifacts.json", repr(path)) == (caught.value.where, caught.value.received)


@pytest.mark.parametrize("name", ["path", "format", "recipe", "sha256", "size_bytes", "parent_sha256", "layout"])
def test_a_lock_of_other_types_is_refused(tmp_path: Path, name: str) -> None:
    wrong: dict[str, object] = {name: [1]}
    write_lock(tmp_path / "artifacts.json", replace(LOCK, artifacts=(replace(FLOAT, **wrong),)))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="another type") as caught:
        read_lock(tmp_path / "artifacts.json")
    assert (tmp_path / "artifacts.json", f"{name} = [1]") == (caught.value.where, caught.value.received)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([], id="list"),
        pytest.param({"modelport_lock": 2}, id="version"),
        pytest.param({"modelport_lock": 1, "run_id": "x", "model_sha256": "y"}, id="no-artifacts"),
        pytest.param({"modelport_lock": 1, "artifacts": []}, id="no-run"),
        pytest.param({"modelport_lock": 1, "run_id": "x", "model_sha256": "y", "artifacts": [{}]}, id="half-artifact"),
        pytest.param({"modelport_lock": 1, "run_id": "x", "model_sha256": "y", "artifacts": [5]}, id="number"),
    ],
)
def test_json_that_is_no_lock_is_refused(tmp_path: Path, value: object) -> None:
    (tmp_path / "artifacts.json").write_text(json.dumps(value))
    with pytest.raises(InputError):
        read_lock(tmp_path / "artifacts.json")


def promise(tmp_path: Path, content: bytes | None) -> Lock:
    """Write a lock that promises model.onnx with the bytes "abc" in the place of an older one; return what is read."""
    older = replace(FLOAT, path="model.onnx", format="onnx", sha256="33")
    promised = replace(older, sha256="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    write_lock(tmp_path / "artifacts.json", replace(LOCK, artifacts=(older, FLOAT), pending=promised))
    if content is not None:
        (tmp_path / "model.onnx").write_bytes(content)
    return read_lock(tmp_path / "artifacts.json")


def test_a_promise_that_was_kept_is_an_artifact(tmp_path: Path) -> None:
    lock = promise(tmp_path, b"abc")
    assert ["ba7816bf8f01", "00"] == [artifact.sha256[:12] for artifact in lock.artifacts]
    assert lock.pending is None


@pytest.mark.parametrize("content", [None, b"older"], ids=["nothing", "older"])
def test_a_promise_that_was_not_kept_never_was(tmp_path: Path, content: bytes | None) -> None:
    lock = promise(tmp_path, content)
    assert ["33", "00"] == [artifact.sha256 for artifact in lock.artifacts]
    assert lock.pending is None


def test_reading_changes_no_lock(tmp_path: Path) -> None:
    """A judge writes nothing but its report."""
    promise(tmp_path, b"abc")
    before = (tmp_path / "artifacts.json").read_bytes()
    read_lock(tmp_path / "artifacts.json")
    assert before == (tmp_path / "artifacts.json").read_bytes()


def test_a_lock_without_a_promise_is_as_older_releases_wrote_and_read_it(tmp_path: Path) -> None:
    write_lock(tmp_path / "artifacts.json", LOCK)
    written = json.loads((tmp_path / "artifacts.json").read_text())
    assert {"modelport_lock", "run_id", "model_sha256", "artifacts"} == set(written)


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/model.tflite"])
def test_a_promise_outside_the_run_folder_is_refused(tmp_path: Path, path: str) -> None:
    write_lock(tmp_path / "artifacts.json", replace(LOCK, pending=replace(FLOAT, path=path)))
    with pytest.raises(InputError, match="does not stay in its folder"):
        read_lock(tmp_path / "artifacts.json")


@pytest.mark.parametrize("value", [{}, 5, {"path": "x"}])
def test_a_promise_that_is_no_artifact_is_refused(tmp_path: Path, value: object) -> None:
    write_lock(tmp_path / "artifacts.json", LOCK)
    written = json.loads((tmp_path / "artifacts.json").read_text())
    (tmp_path / "artifacts.json").write_text(json.dumps(written | {"pending": value}))
    with pytest.raises(InputError, match="incomplete"):
        read_lock(tmp_path / "artifacts.json")


@pytest.mark.parametrize(
    "wrong", [{"labels": "abc"}, {"labels": [1, 2]}, {"tensor_names": {"output": 1}}, {"tensor_names": 3}], ids=str
)
def test_a_lock_with_names_that_are_no_texts_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    write_lock(tmp_path / "artifacts.json", replace(LOCK, artifacts=(replace(FLOAT, **wrong),)))
    with pytest.raises(InputError, match="no texts"):
        read_lock(tmp_path / "artifacts.json")


@pytest.mark.parametrize("runtime", [None, "tflite-runtime 2.14.0"])
def test_the_oldest_runtime_comes_back(tmp_path: Path, runtime: str | None) -> None:
    lock = replace(LOCK, artifacts=(replace(FLOAT, oldest_runtime=runtime),))
    write_lock(tmp_path / "artifacts.json", lock)
    assert lock == read_lock(tmp_path / "artifacts.json")


@pytest.mark.parametrize("runtime", [5, ["tensorflow"], {}])
def test_a_runtime_that_is_no_text_is_refused(tmp_path: Path, runtime: Any) -> None:
    write_lock(tmp_path / "artifacts.json", replace(LOCK, artifacts=(replace(FLOAT, oldest_runtime=runtime),)))
    with pytest.raises(InputError, match="runtime that is no text"):
        read_lock(tmp_path / "artifacts.json")
