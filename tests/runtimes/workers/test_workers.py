"""Warm workers, and that nothing one of them does touches another, this process, or its secrets."""

import json
import math
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from modelport.contract.errors import InputError, RuntimeFailure, UsageError
from modelport.contract.model_contract.model_contract import ModelContract
from modelport.runtimes.facts.format_runtimes import FACTS
from modelport.runtimes.process import worker_process
from modelport.runtimes.process.error_frames import error_from_json
from modelport.runtimes.process.limits import Limits, are_enforced
from modelport.runtimes.workers.session import Session
from modelport.runtimes.workers.workers import Workers, run_task

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


HOARD = "import builtins; hasattr(builtins, 'hoard') or setattr(builtins, 'hoard', np.ones(400 << 20, np.uint8))"
NEEDS_300_MB = "np.ones(300 << 20, np.uint8)"


@needs_limits
@pytest.mark.parametrize("when", ["opening", "running"])
def test_memory_that_the_artifact_before_holds_is_not_the_next_ones_fault(
    model: Path, small_contract: ModelContract, tmp_path: Path, when: str
) -> None:
    """700 MB in all, where 600 are allowed: in one worker they do not fit, and each alone does."""
    if when == "opening":
        shim = tmp_path / "stand-in/onnxruntime.py"
        shim.write_text(shim.read_text().replace("        pass\n", f"        {DEED}\n", 1))
    with Workers(limits=Limits(memory_mb=600)) as workers:
        behave(tmp_path, HOARD)
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            session.predict(PIXELS)
            one = pid_of(session)
        behave(tmp_path, NEEDS_300_MB)
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            assert 0.25 == session.predict(PIXELS)["first"][0, 0]
            assert one != pid_of(session)


def test_an_artifact_that_every_worker_refuses_is_blamed_and_keeps_its_fresh_worker(
    model: Path, small_contract: ModelContract, tmp_path: Path
) -> None:
    with Workers() as workers:
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            one = pid_of(session)
        behave(tmp_path, f"open({str(tmp_path / 'asked')!r}, 'a').write('x'); raise OverflowError('too much')")
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            for _ in range(2):
                with pytest.raises(RuntimeFailure, match="OverflowError: too much"):
                    session.predict(PIXELS)
            assert one != pid_of(session)
    assert "xxx" == (tmp_path / "asked").read_text(), "the warm worker, the fresh one, the fresh one again"


def test_an_artifact_that_the_new_worker_does_not_open_fails_with_its_reason(
    model: Path, small_contract: ModelContract, tmp_path: Path
) -> None:
    with Workers() as workers:
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log"):
            pass
        behave(tmp_path, "os._exit(9)")
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            model.unlink()
            with pytest.raises(RuntimeFailure, match="No such file"):
                session.predict(PIXELS)


def frame(header: object) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<I", len(text)) + text


FORGED = {
    "no-arrays": frame({}),
    "list": frame([1]),
    "unknown-dtype": frame({"arrays": [{"dtype": "nope", "shape": [1]}]}),
    "terabytes": frame({"arrays": [{"dtype": "<f4", "shape": [10**13]}]}),
    "negative": frame({"arrays": [{"dtype": "<f4", "shape": [-4]}]}),
    "an-answer": frame({"heads": ["first"], "arrays": [{"dtype": "<f4", "shape": [2, 1]}]}) + bytes(8),
    "a-description": frame({"description": {}, "arrays": []}),
    "a-refusal": frame({"refused": 5, "arrays": []}),
    "no-json": struct.pack("<I", 4) + b"oops",
}
ON_THE_PIPE = "[os.write(4, {!r}) for _ in [os.readlink('/proc/self/fd/4')] if 'pipe' in _ or sys.exit('no pipe')]"


@linux_only
@pytest.mark.parametrize("written", FORGED.values(), ids=FORGED)
def test_what_a_model_writes_on_the_pipe_fails_the_model_and_nobody_else(
    model: Path, small_contract: ModelContract, tmp_path: Path, written: bytes
) -> None:
    """As a SavedModel can with WriteFile('/proc/self/fd/4', frame)."""
    with Workers(limits=Limits(seconds=20)) as workers:
        behave(tmp_path, ON_THE_PIPE.format(written))
        with (
            workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session,
            pytest.raises(RuntimeFailure, match="gave an answer that cannot be read"),
        ):
            session.predict(PIXELS)
        behave(tmp_path, "pass")
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            assert 0.25 == session.predict(PIXELS)["first"][0, 0]


@linux_only
@pytest.mark.parametrize("written", FORGED.values(), ids=FORGED)
def test_what_a_model_leaves_on_the_pipe_answers_for_no_other(
    model: Path, small_contract: ModelContract, tmp_path: Path, written: bytes
) -> None:
    done = tmp_path / "done"
    deed = f"{ON_THE_PIPE.format(written)}; open({str(done)!r}, 'w').close()"
    behave(tmp_path, f"import threading; threading.Timer(0.3, exec, [{deed!r}, {{'os': os, 'sys': sys}}]).start()")
    with Workers(limits=Limits(seconds=20)) as workers:
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            session.predict(PIXELS)
            one = pid_of(session)
        deadline = time.monotonic() + 10
        while not done.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        behave(tmp_path, "pass")
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            assert one != pid_of(session)
            assert 0.25 == session.predict(PIXELS)["first"][0, 0]


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        pytest.param("open", {"heads": []}, id="another-questions"),
        pytest.param("open", {"description": "text"}, id="no-dictionary"),
        pytest.param("open", {"description": {}, "refused": "both"}, id="two-fields"),
        pytest.param("open", {}, id="nothing"),
        pytest.param("pixels", {"heads": ["one", "two"]}, id="more-heads-than-arrays"),
        pytest.param("pixels", {"heads": [1]}, id="head-is-a-number"),
        pytest.param("pixels", {"refused": ["a list"]}, id="reason-is-a-list"),
        pytest.param("task", {"error": "text"}, id="error-is-a-text"),
    ],
)
def test_an_answer_with_the_right_token_is_checked_too(ask: str, answer: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"is not answered|do not fit"):
        worker_process._check_answer(answer | {"token": "t"}, [np.zeros(1)], ask, "t")


@pytest.mark.parametrize("value", [{}, {"kind": "SystemExit", "what": "w"}, {"kind": [], "what": "w"}, {"what": 3}])
def test_an_error_that_cannot_be_read_is_a_failure_of_the_runtime(value: dict[str, object]) -> None:
    assert isinstance(error_from_json(value), RuntimeFailure)


def test_a_description_that_cannot_be_read_is_a_failure_of_the_runtime(
    model: Path, small_contract: ModelContract, tmp_path: Path
) -> None:
    with Workers() as workers, workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
        for told in ({}, session.description.to_json() | {"inputs": [3]}, session.description.to_json() | {"more": 1}):
            with pytest.raises(RuntimeFailure, match="description that cannot be read"):
                session.describe(told)


@needs_limits
def test_an_answer_that_memory_does_not_hold_is_refused_at_once(
    stand_in: StandIn, small_contract: ModelContract, tmp_path: Path
) -> None:
    """One number, shown 2^28 times: 1 GiB only once it is written out."""
    model = stand_in("return [np.broadcast_to(np.float32(0), (1, 1 << 28))]")
    with (
        Workers(limits=Limits(memory_mb=600, seconds=60)) as workers,
        workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session,
        pytest.raises(RuntimeFailure, match="MemoryError"),
    ):
        session.predict(PIXELS)


def test_an_answer_larger_than_any_classifiers_is_not_read(
    stand_in: StandIn, small_contract: ModelContract, tmp_path: Path
) -> None:
    model = stand_in("return [np.broadcast_to(np.float32(0), (1, (1 << 26) + 1))]")
    with (
        Workers() as workers,
        workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session,
        pytest.raises(RuntimeFailure, match="declares 268,435,460 bytes of arrays, more than the 268,435,456"),
    ):
        session.predict(PIXELS)


def test_texts_as_answers_are_refused_in_words(
    stand_in: StandIn, small_contract: ModelContract, tmp_path: Path
) -> None:
    model = stand_in("return [np.array([['a cat']], dtype=object)]")
    with (
        Workers() as workers,
        workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session,
        pytest.raises(RuntimeFailure, match="an array of object is no answer"),
    ):
        session.predict(PIXELS)


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """An ONNX file of a Loop that turns 2^62 times."""
    value, number, truth = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64, onnx.TensorProto.BOOL
    info, node, tensor = onnx.helper.make_tensor_value_info, onnx.helper.make_node, onnx.helper.make_tensor
    body = onnx.helper.make_graph(
        [node("Identity", ["on"], ["still_on"]), node("Identity", ["v"], ["w"])],
        "body",
        [info("turn", number, []), info("on", truth, []), info("v", value, None)],
        [info("still_on", truth, []), info("w", value, None)],
    )
    graph = onnx.helper.make_graph(
        [node("Loop", ["turns", "yes", "x"], ["y"], body=body)],
        "endless",
        [info("x", value, ["n", 2, 2, 3])],
        [info("y", value, ["n", 2, 2, 3])],
        [tensor("turns", number, [], [1 << 62]), tensor("yes", truth, [], [True])],
    )
    made = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(made, tmp_path / "endless.onnx")
    return tmp_path / "endless.onnx"


def is_alive(pid: int) -> bool:
    stat = Path("/proc", str(pid), "stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@linux_only
@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
def test_a_worker_ends_with_the_process_that_asks_it(endless: Path, tmp_path: Path, name: str) -> None:
    """In the middle of an endless loop of native code, which the only clock would end, and the clock has gone."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-P", "-m", "modelport", "inspect", str(endless)]
    parent = subprocess.Popen(command, env=os.environ | {"TMPDIR": str(temporary)}, stderr=subprocess.PIPE)
    children, deadline = Path(f"/proc/{parent.pid}/task/{parent.pid}/children"), time.monotonic() + 60
    worker = 0
    while time.monotonic() < deadline:  # until the second of its workers, the one that runs the file, is busy
        pids = [int(pid) for pid in children.read_text().split()]
        if pids and cpu_seconds(pids[0]) > 2:
            (worker,) = pids
            break
        time.sleep(0.05)
    assert worker, "the loop was not entered"
    parent.send_signal(signal.Signals[name])
    _, said = parent.communicate(timeout=30)
    deadline = time.monotonic() + 10
    while is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(worker)
    assert b"Traceback" not in said
    if name == "SIGTERM":
        assert 143 == parent.returncode
        assert [] == list(temporary.glob("modelport-*")), "temporary folders stayed"


def cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
def test_a_worker_that_ran_out_of_memory_serves_nobody_else(
    model: Path, small_contract: ModelContract, tmp_path: Path
) -> None:
    """TensorFlow 2.21 hangs at its next graph after std::bad_alloc, which it tells as a MemoryError."""
    with Workers(limits=Limits(memory_mb=600)) as workers:
        behave(tmp_path, "hoard = np.ones(700 << 20, np.uint8)")
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            one = pid_of(session)
            with pytest.raises(RuntimeFailure, match="MemoryError"):
                session.predict(PIXELS)
            assert one == pid_of(session), "it was fresh: the artifact is to blame, and nothing is asked again"
        behave(tmp_path, "pass")
        with workers.open(model, "onnx", small_contract, log=tmp_path / "log") as session:
            assert 0.25 == session.predict(PIXELS)["first"][0, 0]
            assert one != pid_of(session)


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
            run_task(FACTS["tflite"], {"path": str(tmp_path / "model")}, log=tmp_path / "log")
        assert not (worker_process._launch_folder() / "modelport").is_symlink()
    finally:
        worker_process._launch_folder.cache_clear()


@pytest.mark.parametrize(
    "values",
    [
        *({"seconds": seconds} for seconds in (0, -1, 86_401, 1e10, math.inf, math.nan)),
        *({"memory_mb": size} for size in (100, -1, (1 << 24) + 1, 1 << 62, 4096.5, math.inf, math.nan)),
    ],
    ids=str,
)
def test_limits_that_nothing_can_keep_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Limits(**values)


class TestTasks:
    def test_an_error_of_ours_comes_back_as_it_was(self, tmp_path: Path) -> None:
        (tmp_path / "model").write_bytes(b"garbage")
        with pytest.raises(InputError) as caught:
            run_task(FACTS["tflite"], {"path": str(tmp_path / "model")}, log=tmp_path / "log")
        assert "not a TFLite model" == caught.value.what
        assert "'TFL3' at byte 4" == caught.value.expected
        assert 2 == caught.value.exit_code

    def test_a_foreign_exception_is_a_failure_that_names_the_log(self, tmp_path: Path) -> None:
        with pytest.raises(RuntimeFailure, match="FileNotFoundError") as caught:
            run_task(FACTS["tflite"], {"path": str(tmp_path / "missing")}, log=tmp_path / "log")
        assert str(tmp_path / "log") in str(caught.value.fix)
