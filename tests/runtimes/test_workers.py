"""Warm workers, and that nothing one of them does touches another, this process, or its secrets."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from modelport.contract.errors import InputError, RuntimeFailure, UsageError
from modelport.contract.model_contract import ModelContract
from modelport.runtimes import tasks, worker_process
from modelport.runtimes.limits import Limits, are_enforced
from modelport.runtimes.session import Session, Workers
from modelport.runtimes.tasks import do_task, run_task

StandIn = Callable[..., Path]

PIXELS = np.array([[[[0.25, 0, 0]] * 2] * 2], np.float32)

needs_limits = pytest.mark.skipif(not are_enforced(), reason="this system enforces no memory limit")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

#: Does what the file "deed" beside the stand-in says at the moment of the call.
DEED = "exec(open(os.path.join(os.path.dirname(__file__), 'deed')).read())"


@pytest.fixture
def model(stand_in: StandIn, tmp_path: Path) -> Path:
    path = stand_in(DEED)
    behave(tmp_path, "pass")
    return path


def behave(tmp_path: Path, deed: str) -> None:
    (tmp_path / "stand-in/deed").write_text(deed)


def pid_of(session: Session) -> int:
    return session._connection.worker.pid


def test_a_worker_that_served_one_artifact_serves_the_next(
    model: Path, small_contract: ModelContract, tmp_path: Path
) -> None:
    with Workers() as workers:
        with workers.open(model, "onnx", small_contract, log=tmp_path / "one.log") as first:
            one = pid_of(first)
        with workers.open(model, "onnx", small_contract, log=tmp_path / "two.log") as second:
            assert one == pid_of(second)
            assert 0.25 == second.predict(PIXELS)["first"][0, 0]
    with pytest.raises(ProcessLookupError):
        os.kill(one, 0)


def test_each_artifact_has_its_own_log(model: Path, small_contract: ModelContract, tmp_path: Path) -> None:
    with Workers() as workers:
        for name in ("one", "two"):
            behave(tmp_path, f"print('this is {name}', flush=True); os.write(2, b'native {name}')")
            with workers.open(model, "onnx", small_contract, log=tmp_path / f"{name}.log") as session:
                session.predict(PIXELS)
    logs = {name: (tmp_path / f"{name}.log").read_text() for name in ("one", "two")}
    assert "this is one" in logs["one"]
    assert "native one" in logs["one"]
    assert "two" not in logs["one"]
    assert "this is two" in logs["two"]
    assert "native two" in logs["two"]
    assert "one" not in logs["two"].replace("one that", "")


@pytest.mark.parametrize("deed", ["os.kill(os.getpid(), signal.SIGSEGV)", "time.sleep(600)", "os._exit(0)"])
def test_a_worker_that_crashes_or_hangs_is_replaced(
    model: Path, small_contract: ModelContract, tmp_path: Path, deed: str
) -> None:
    with Workers(limits=Limits(seconds=3)) as workers:
        behave(tmp_path, deed)
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            bad = pid_of(session)
            with pytest.raises(RuntimeFailure):
                session.predict(PIXELS)
        behave(tmp_path, "pass")
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            assert bad != pid_of(session)
            assert 0.25 == session.predict(PIXELS)["first"][0, 0]


def test_what_a_warm_worker_dies_of_is_asked_again_of_a_new_one(
    model: Path, small_contract: ModelContract, tmp_path: Path
) -> None:
    """Else an artifact would be blamed for what the one before it left behind."""
    died_once = tmp_path / "died"
    with Workers() as workers:
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            one = pid_of(session)
        behave(tmp_path, f"if not os.path.exists({str(died_once)!r}): open({str(died_once)!r}, 'w'); os._exit(9)")
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            assert 0.25 == session.predict(PIXELS)["first"][0, 0]
            assert one != pid_of(session)
    assert died_once.exists()


def test_an_artifact_that_kills_every_worker_is_blamed(
    model: Path, small_contract: ModelContract, tmp_path: Path
) -> None:
    with Workers() as workers:
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log"):
            pass
        behave(tmp_path, "os._exit(9)")
        with (
            workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session,
            pytest.raises(RuntimeFailure, match="ended with exit code 9"),
        ):
            session.predict(PIXELS)


@needs_limits
def test_memory_beyond_the_limit_is_refused_and_the_failure_says_so(
    model: Path, small_contract: ModelContract, tmp_path: Path
) -> None:
    behave(tmp_path, "hoard = np.ones(700 << 20, np.uint8)")
    with (
        Workers(limits=Limits(memory_mb=600)) as workers,
        workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session,
        pytest.raises(RuntimeFailure, match="MemoryError"),
    ):
        session.predict(PIXELS)


@needs_limits
def test_native_code_that_runs_out_of_memory_is_named_with_its_limit(
    model: Path, small_contract: ModelContract, tmp_path: Path
) -> None:
    """As libstdc++ ends a program whose allocation failed."""
    behave(tmp_path, "os.write(2, b\"terminate called after throwing an instance of 'std::bad_alloc'\\n\"); os.abort()")
    with (
        Workers(limits=Limits(memory_mb=600)) as workers,
        workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session,
        pytest.raises(RuntimeFailure, match=r"crashed with SIGABRT: terminate .*bad_alloc.* \(its limit is 600 MiB\)"),
    ):
        session.predict(PIXELS)


@needs_limits
def test_endless_output_ends_at_the_limit_of_the_log(
    model: Path, small_contract: ModelContract, tmp_path: Path
) -> None:
    behave(tmp_path, "while True: print('x' * 100_000)")
    with (
        Workers(limits=Limits(seconds=20, written_mb=2)) as workers,
        workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session,
        pytest.raises(RuntimeFailure),
    ):
        session.predict(PIXELS)
    assert (tmp_path / "log").stat().st_size <= 2 << 20


def test_a_worker_does_not_see_what_the_environment_holds(
    model: Path, small_contract: ModelContract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CI_TOKEN", "AWS_SECRET_ACCESS_KEY", "LD_PRELOAD_", "TF_USE_LEGACY_KERAS", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "a secret")
    seen = tmp_path / "seen"
    behave(tmp_path, f"open({str(seen)!r}, 'w').write(repr(dict(os.environ)))")
    with Workers() as workers, workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
        session.predict(PIXELS)
    assert "a secret" not in seen.read_text()
    assert "PATH" in seen.read_text()


@linux_only
def test_a_worker_inherits_no_descriptors(model: Path, small_contract: ModelContract, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    targets = "[os.readlink(entry.path) for entry in os.scandir('/proc/self/fd') if os.path.lexists(entry.path)]"
    behave(tmp_path, f"open({str(seen)!r}, 'w').write(repr({targets}))")
    with open(tmp_path / "private", "w") as private:
        os.set_inheritable(private.fileno(), True)
        with Workers() as workers, workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            session.predict(PIXELS)
    assert "private" not in seen.read_text()
    assert "pipe" in seen.read_text()


@linux_only
def test_what_a_worker_started_ends_with_it(model: Path, small_contract: ModelContract, tmp_path: Path) -> None:
    behave(
        tmp_path,
        "import subprocess; child = subprocess.Popen(['sleep', '600']); "
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))",
    )
    with Workers() as workers, workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
        session.predict(PIXELS)
    child = Path("/proc", (tmp_path / "child").read_text())
    deadline = time.monotonic() + 10
    while child.exists() and "Z" not in (child / "stat").read_text().split()[2] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.exists() or "Z" in (child / "stat").read_text().split()[2]


def test_a_copy_of_the_modules_serves_where_links_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows without the right to make links."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError("a required privilege is not held by the client")

    worker_process._launch_folder.cache_clear()
    monkeypatch.setattr(Path, "symlink_to", refuse)
    (tmp_path / "model").write_bytes(b"garbage")
    try:
        with pytest.raises(InputError, match="not a TFLite model"):
            run_task("tflite_facts", {"path": str(tmp_path / "model")}, log=tmp_path / "log")
        assert not (worker_process._launch_folder() / "modelport").is_symlink()
    finally:
        worker_process._launch_folder.cache_clear()


@pytest.mark.parametrize("values", [{"seconds": 0}, {"memory_mb": 100}])
def test_limits_that_nothing_can_keep_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        Limits(**values)


class TestTasks:
    def test_an_error_of_ours_comes_back_as_it_was(self, tmp_path: Path) -> None:
        (tmp_path / "model").write_bytes(b"garbage")
        with pytest.raises(InputError) as caught:
            run_task("tflite_facts", {"path": str(tmp_path / "model")}, log=tmp_path / "log")
        assert "not a TFLite model" == caught.value.what
        assert "'TFL3' at byte 4" == caught.value.expected
        assert 2 == caught.value.exit_code

    def test_a_foreign_exception_is_a_failure_that_names_the_log(self, tmp_path: Path) -> None:
        with pytest.raises(RuntimeFailure, match="FileNotFoundError") as caught:
            run_task("tflite_facts", {"path": str(tmp_path / "missing")}, log=tmp_path / "log")
        assert str(tmp_path / "log") in str(caught.value.fix)

    def test_every_task_names_a_function(self) -> None:
        for target in tasks.TASKS.values():
            file, function = target.split(":")
            assert f"def {function}(" in (Path(tasks.__file__).parent / f"{file}.py").read_text()

    def test_an_unknown_task_is_a_bug(self) -> None:
        with pytest.raises(KeyError):
            do_task("no such task", {})
