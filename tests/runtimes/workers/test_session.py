"""The process around a runtime: what it prints, how it fails, how long it may take."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from modelport.contract.errors import MissingExtraError, RuntimeFailure
from modelport.contract.model_contract.model_contract import ModelContract
from modelport.runtimes.process.limits import Limits
from modelport.runtimes.workers.session import Session
from modelport.runtimes.workers.workers import open_artifact

PIXELS = np.array([[[[0.25, 0, 0]] * 2] * 2, [[[0.5, 0, 0]] * 2] * 2], np.float32)

StandIn = Callable[..., Path]

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


def test_what_the_runtime_prints_goes_to_the_log_and_nowhere_else(
    stand_in: StandIn, small_contract: ModelContract, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model = stand_in("print('and one more per call')")
    with open_artifact(model, "onnx", small_contract, log=tmp_path / "logs/onnx.log") as session:
        answer = session.predict(PIXELS)
    np.testing.assert_array_equal([[0.25], [0.5]], answer["first"])
    log = (tmp_path / "logs/onnx.log").read_text()
    for line in ("a line that Python printed", "a line that native code printed", "and one more per call"):
        assert line in log
    assert ("", "") == capfd.readouterr()


def test_the_working_folder_does_not_decide_what_is_imported(
    stand_in: StandIn, small_contract: ModelContract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m` puts the working folder first on the path; -P does not (DESIGN.md, section 3)."""
    model = stand_in()
    trap = tmp_path / "trap"
    trap.mkdir()
    for name in ("onnx", "numpy", "struct"):
        (trap / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    monkeypatch.chdir(trap)
    with open_artifact(model, "onnx", small_contract, log=tmp_path / "log") as session:
        assert 0.25 == session.predict(PIXELS)["first"][0, 0]


@posix_only
@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGKILL"])
def test_a_crash_is_a_failure_that_names_the_signal(
    stand_in: StandIn, small_contract: ModelContract, tmp_path: Path, name: str
) -> None:
    model = stand_in(f"os.kill(os.getpid(), signal.{name})")
    with (
        open_artifact(model, "onnx", small_contract, log=tmp_path / "log") as session,
        pytest.raises(RuntimeFailure) as caught,
    ):
        session.predict(PIXELS)
    assert f"crashed with {name}" == caught.value.received
    assert model == caught.value.where
    assert str(tmp_path / "log") in str(caught.value.fix)


def test_an_exit_is_a_failure_that_names_the_code(
    stand_in: StandIn, small_contract: ModelContract, tmp_path: Path
) -> None:
    model = stand_in("os._exit(7)")
    with (
        open_artifact(model, "onnx", small_contract, log=tmp_path / "log") as session,
        pytest.raises(RuntimeFailure, match="ended with exit code 7"),
    ):
        session.predict(PIXELS)


@posix_only
def test_a_worker_killed_from_outside_is_a_failure(
    stand_in: StandIn, small_contract: ModelContract, tmp_path: Path
) -> None:
    with open_artifact(stand_in(), "onnx", small_contract, log=tmp_path / "log") as session:
        os.kill(session._connection.worker.pid, signal.SIGKILL)
        with pytest.raises(RuntimeFailure, match="crashed with SIGKILL"):
            session.predict(PIXELS)


def test_a_call_that_hangs_is_ended_at_the_time_limit(
    stand_in: StandIn, small_contract: ModelContract, tmp_path: Path
) -> None:
    model, limits = stand_in("time.sleep(600)"), Limits(seconds=2.5)
    with (
        open_artifact(model, "onnx", small_contract, log=tmp_path / "log", limits=limits) as session,
        pytest.raises(RuntimeFailure, match=r"took longer than 2\.5 s"),
    ):
        session.predict(PIXELS)


def test_opening_has_the_time_limit_too(stand_in: StandIn, small_contract: ModelContract, tmp_path: Path) -> None:
    model = stand_in()
    shim = tmp_path / "stand-in/onnxruntime.py"
    shim.write_text("import time; time.sleep(600)")
    with (
        pytest.raises(RuntimeFailure, match="took longer than 2 s"),
        open_artifact(model, "onnx", small_contract, log=tmp_path / "log", limits=Limits(seconds=2)),
    ):
        raise AssertionError("it opened")


def test_an_exception_of_the_runtime_is_a_failure_and_the_session_goes_on(
    stand_in: StandIn, small_contract: ModelContract, tmp_path: Path
) -> None:
    model = stand_in("if len(pixels) == 1: raise OverflowError('too much')")
    with open_artifact(model, "onnx", small_contract, log=tmp_path / "log") as session:
        with pytest.raises(RuntimeFailure, match="OverflowError: too much"):
            session.predict(PIXELS[:1])
        assert 2 == len(session.predict(PIXELS)["first"])


def test_the_answers_dtype_is_the_artifacts_own(
    stand_in: StandIn, small_contract: ModelContract, tmp_path: Path
) -> None:
    model = stand_in("pixels = pixels.astype(np.float16)")
    with open_artifact(model, "onnx", small_contract, log=tmp_path / "log") as session:
        assert np.float16 == session.predict(PIXELS)["first"].dtype


def test_a_runtime_that_is_not_installed_is_a_missing_extra(
    stand_in: StandIn, small_contract: ModelContract, tmp_path: Path
) -> None:
    model = stand_in()
    (tmp_path / "stand-in/sitecustomize.py").write_text(
        "import importlib.util\nfind = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'onnxruntime' else find(name, *more)"
    )
    with (
        pytest.raises(MissingExtraError, match=r"running model\.onnx needs onnxruntime") as caught,
        open_artifact(model, "onnx", small_contract, log=tmp_path / "log"),
    ):
        raise AssertionError("it opened")
    assert "pip install modelport" == caught.value.fix


def test_the_worker_ends_with_the_block(stand_in: StandIn, small_contract: ModelContract, tmp_path: Path) -> None:
    opened: list[Session] = []

    def interrupted() -> None:
        with open_artifact(stand_in(), "onnx", small_contract, log=tmp_path / "log") as session:
            opened.append(session)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert opened[0]._connection.worker._process.returncode is not None


@pytest.mark.parametrize(
    ("format", "content"),
    [
        pytest.param("tflite", b"garbage", id="tflite"),
        pytest.param("tflite", b"\x1c\0\0\0TFL3" + bytes(range(200)), id="tflite-behind-the-magic"),
        pytest.param("onnx", b"garbage", id="onnx"),
    ],
)
def test_garbage_is_a_failure_that_names_the_file(
    small_contract: ModelContract, tmp_path: Path, format: str, content: bytes
) -> None:
    """What TensorFlow's runtimes say of garbage is in test_worker_main.py, which pays for TensorFlow's import once."""
    path = tmp_path / "model"
    path.write_bytes(content)
    with (
        pytest.raises(RuntimeFailure, match=f"{format} runtime failed") as caught,
        open_artifact(path, format, small_contract, log=tmp_path / "log"),
    ):
        raise AssertionError("it opened")
    assert path == caught.value.where
    assert str(caught.value.received).strip()


def test_a_truncated_tflite_file_is_a_failure(exported_run: Path, contract: ModelContract, tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes((exported_run / "model.float32.tflite").read_bytes()[:200_000])
    with (
        pytest.raises(RuntimeFailure),
        open_artifact(path, "tflite", contract, log=tmp_path / "log"),
    ):
        raise AssertionError("it opened")
