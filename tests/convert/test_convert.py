import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from modelport.contract.errors import InputError, UsageError
from modelport.contract.files.hashing import sha256_of
from modelport.contract.run.lock import read_lock

pytest.importorskip("tensorflow", reason="converting needs the extra [tensorflow]")

from modelport.convert.convert import WRITERS, Writer, convert

Copy = Callable[[Path], Path]


def test_every_artifact_is_in_the_lock_with_its_bytes(exported_run: Path) -> None:
    lock = read_lock(exported_run / "artifacts.json")
    assert {"saved_model", "frozen_graph", "tflite", "onnx", "h5"} == {artifact.format for artifact in lock.artifacts}
    assert 8 == len(lock.artifacts)
    for artifact in lock.artifacts:
        assert artifact.sha256 == sha256_of(exported_run / artifact.path)
        assert artifact.parent_sha256 == lock.model_sha256 == sha256_of(exported_run / "model.keras")
        assert {"tensorflow", "keras"} <= set(artifact.tools)


def test_what_is_there_unchanged_is_kept(exported_run: Path, copy_of: Copy) -> None:
    run = copy_of(exported_run)
    before = (run / "model.onnx").stat().st_mtime_ns
    assert ["onnx"] == [artifact.format for artifact in convert(run, ["onnx"])]
    assert before == (run / "model.onnx").stat().st_mtime_ns


def test_what_was_edited_is_refused_and_stays(exported_run: Path, copy_of: Copy) -> None:
    run = copy_of(exported_run)
    (run / "model.onnx").write_bytes(b"mine")
    with pytest.raises(UsageError, match="not what the lock says"):
        convert(run, ["onnx"])
    assert b"mine" == (run / "model.onnx").read_bytes()


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a run folder"):
        convert(tmp_path)


def test_a_missing_model_is_named(exported_run: Path, copy_of: Copy) -> None:
    run = copy_of(exported_run)
    (run / "model.keras").unlink()
    with pytest.raises(InputError, match="model is missing"):
        convert(run, ["onnx"], overwrite=True)


@pytest.mark.slow
def test_fresh_processes_write_the_same_bytes(trained_run: Path, copy_of: Copy, tmp_path: Path) -> None:
    """DESIGN.md, fact 18. A SavedModel differs in all its files, and is equal in what it says and computes."""
    run, found = copy_of(trained_run), []
    for seed in ("1", "2"):  # of the hashes that order Python's sets, which tf2onnx goes through
        command = [sys.executable, "-P", "-m", "modelport", "convert", str(run), "--json", "--overwrite", "--to", "all"]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        found.append({item["format"]: item for item in json.loads(done.stdout)})
    first, second = found
    same = {name for name in first if first[name]["sha256"] == second[name]["sha256"]}
    assert {"frozen_graph", "tflite", "onnx", "tfjs", "h5"} == same
    assert first["saved_model"]["content_sha256"] == second["saved_model"]["content_sha256"]


def test_one_format_that_fails_leaves_the_others(
    exported_run: Path, copy_of: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copy_of(exported_run)
    for name in ("model.onnx", "model.h5", "model.float32.tflite"):
        (run / name).unlink()

    def refuse(*_: object, **__: object) -> None:
        raise InputError("this one cannot be written", where="a layer")

    monkeypatch.setitem(WRITERS, "h5", Writer(refuse))
    with pytest.raises(InputError, match="this one cannot be written"):
        convert(run, ["h5", "onnx", "tflite"])
    assert [True, True, False] == [(run / n).exists() for n in ("model.onnx", "model.float32.tflite", "model.h5")]
