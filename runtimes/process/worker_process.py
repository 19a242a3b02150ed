"""A process of its own for foreign code: started clean, watched by a clock, ended whole."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from numpy.typing import NDArray

from .frames import read_frame, write_frame
from .limits import Limits
from .threads import thread_variables

#: What a worker sees of the environment, where it is set: where programs, libraries and temporary files are, the
#: language, and what runtimes/tfjs/tfjs_packages.py reads. Tokens and passwords of a CI job are not among it.
_KEPT = (
    *("PATH", "HOME", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "LC_CTYPE"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("MODELPORT_NODE_MODULES", "MODELPORT_TFJS_BACKEND"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
)


#: Largest answer that is read: the arrays of 16 images and 4 million labels in float32.
MAX_ANSWER_BYTES = 1 << 28

#: What an answer to each question holds: one of these fields, of this type.
_FAILED: dict[str, type] = {"refused": str, "missing": dict}
_ANSWERS: dict[str, dict[str, type]] = {
    "open": {"description": dict} | _FAILED,
    "task": {"done": dict, "error": dict} | _FAILED,
    "pixels": {"heads": list} | _FAILED,
    "encoded": {"heads": list} | _FAILED,
    "time": {"ms": float} | _FAILED,
}


class WorkerDied(Exception):
    """The process crashed, ended, took too long, or answered what is no answer; the message says which."""


class WorkerProcess:
    """`python -P -m modelport.runtimes.workers.worker_main`, with pipes to it.

    Attributes:
        jobs: how many artifacts and tasks it has been given.
        is_spent: whether it goes on only to the end of its job.
        loaded: what it may have imported for them.
        pid: of the process.
    """

    def __init__(self, python: str | Path, limits: Limits, log: Path) -> None:
        sizes = [str(limits.memory_mb), str(limits.written_mb)]
        own_group: dict[str, Any] = {"start_new_session": True}  # Ctrl-C is the parent's to handle
        if sys.platform == "win32":
            own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        with open(log, "ab") as noise:
            self._process = subprocess.Popen(
                [str(python), "-P", "-m", "modelport.runtimes.workers.worker_main", *sizes],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=noise,
                close_fds=True,
                env=clean_environment() | thread_variables(limits.threads),
                **own_group,
            )
        self.jobs, self.is_spent, self._calling = 0, False, False
        self.loaded = set[str]()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def is_fit(self) -> bool:
        """Whether it waits for the next request: alive, not spent, and not in the middle of a call."""
        return not self._calling and not self.is_spent and self._process.poll() is None

    def call(
        self, request: dict[str, Any], arrays: Sequence[NDArray[Any]], seconds: float
    ) -> tuple[dict[str, Any], list[NDArray[Any]]]:
        """Send one request and return the answer. After WorkerDied the process is of no more use."""
        late, self._calling, token = threading.Event(), True, secrets.token_hex(8)
        watch = threading.Timer(seconds, self._kill_late, [late])
        watch.start()
        try:
            write_frame(_pipe(self._process.stdin), request | {"token": token}, arrays)
            answer, values = read_frame(_pipe(self._process.stdout), most_bytes=MAX_ANSWER_BYTES)
            _check_answer(answer, values, request["ask"], token)
        except ValueError as error:
            raise WorkerDied(f"gave an answer that cannot be read: {error}") from error
        except (OSError, EOFError) as error:
            reason = f"took longer than {seconds:g} s" if late.is_set() else self._how_it_ended()
            raise WorkerDied(reason) from error
        finally:
            watch.cancel()
        self._calling = False
        return answer, values

    def end(self) -> None:
        """Kill the process, and what it started, and wait for its end."""
        self._kill()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                _pipe(stream).close()
        self._process.wait()

    def _kill_late(self, late: threading.Event) -> None:
        late.set()
        self._kill()

    def _kill(self) -> None:
        if sys.platform != "win32" and self._process.poll() is None:
            with suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    def _how_it_ended(self) -> str:
        try:
            code = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            return "closed its end and went on"
        if code >= 0:
            return f"ended with exit code {code}"
        with suppress(ValueError):
            return f"crashed with {signal.Signals(-code).name}"
        return f"ended with code {code}"


def _check_answer(answer: dict[str, Any], arrays: Sequence[NDArray[Any]], ask: str, token: str) -> None:
    """Take the token off; raise ValueError for what is not this worker's answer to this very question.

    A model can write frames of its own on the pipe, and they may still lie there when the next one is asked.
    """
    if answer.pop("token", None) != token:
        raise ValueError("it answers another question")
    fits = [isinstance(value, _ANSWERS[ask].get(field, ())) for field, value in answer.items()]
    if fits != [True]:
        raise ValueError(f"{ask!r} is not answered with {str(sorted(answer))[:200]}")
    names = answer.get("heads")
    if names is not None and (len(names) != len(arrays) or not all(isinstance(name, str) for name in names)):
        raise ValueError("its heads do not fit its arrays")


def clean_environment() -> dict[str, str]:
    """Return the environment of a worker: a few variables of this process's own, and what makes all workers alike."""
    folder = _launch_folder()
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "PYTHONPATH": str(folder),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "KERAS_BACKEND": "tensorflow",
        "KERAS_HOME": str(folder / "keras"),  # a user's keras.json does not decide what a model answers
        "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime 1.31 keeps a device id in HOME, and events for its maker to collect
    }


@cache
def _launch_folder() -> Path:
    """Return a folder that holds this very modelport and nothing else, for any interpreter to import it from.

    The folder that modelport is installed in would not do: another interpreter would find this one's numpy there.
    """
    folder, package = Path(_lasting(tempfile.TemporaryDirectory(prefix="modelport-"))), Path(__file__).parents[2]
    try:
        (folder / "modelport").symlink_to(package, target_is_directory=True)
    except OSError:  # Windows without the right to make links
        _copy_modules(package, folder / "modelport")
    return folder


def _copy_modules(package: Path, target: Path) -> None:
    """Copy the modules that a worker may import; a clone holds other folders, too."""
    target.mkdir()
    shutil.copyfile(package / "__init__.py", target / "__init__.py")
    for part in (found.parent for found in package.glob("*/__init__.py")):
        shutil.copytree(part, target / part.name, ignore=shutil.ignore_patterns("__pycache__"))


_kept_alive: list[Any] = []


def _lasting(folder: "tempfile.TemporaryDirectory[str]") -> str:
    """Keep a temporary folder until this process ends."""
    _kept_alive.append(folder)
    return folder.name


def _pipe(stream: Any) -> BinaryIO:
    assert stream is not None
    return stream  # type: ignore[no-any-return]
