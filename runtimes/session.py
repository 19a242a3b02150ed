"""Artifacts opened in processes of their own, so that a file that crashes its runtime harms nobody else."""

import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.errors import MissingExtraError, ModelportError, RuntimeFailure
from ..contract.model_contract import ModelContract
from .description import Description
from .drivers import DRIVERS
from .error_frames import error_from_json
from .limits import Limits
from .worker_process import WorkerDied, WorkerProcess

#: What a dying process prints that says why.
_LAST_WORDS = re.compile(r"bad_alloc|MemoryError|[Oo]ut of memory|allocate memory|Error: |Check failed|Fatal")


#: Format to the task that reads what stands in a file, without running it.
FACTS = {"tflite": "tflite_facts", "onnx": "onnx_facts", "tfjs": "tfjs_facts"}


class Workers:
    """Worker processes of one interpreter, kept warm: one that has served an artifact serves the next.

    A worker that crashes or hangs is replaced, and the others go on. Several threads may use them. Use as a context
    manager: they end with the block.

    Args:
        python: whose runtimes are used; None: this interpreter's.
        limits: of each worker.

    Example:
        with Workers() as workers, workers.open("run/model.onnx", "onnx", contract, log="onnx.log") as session:
            probabilities = session.predict(pixels)["label"]
    """

    def __init__(self, python: Path | None = None, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._python, self._idle, self._busy = python, list[WorkerProcess](), set[WorkerProcess]()
        self._is_open, self._lock = True, threading.Lock()
        self._own = None if python is None else Workers(limits=limits)

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all workers; whoever waits for one, in another thread, meets WorkerDied."""
        with self._lock:
            self._is_open, ending = False, (*self._idle, *self._busy)
            self._idle.clear()
        for worker in ending:
            worker.end()
        if self._own is not None:
            self._own.close()

    @contextmanager
    def open(
        self, path: str | Path, format: str, contract: ModelContract, *, log: str | Path, facts: bool = True
    ) -> Iterator["Session"]:
        """Open one artifact for the length of the block; its worker lets go of it when it opens the next.

        Args:
            path: the file or folder.
            format: "keras", or one of contract.artifacts.FORMATS.
            contract: what it should promise; says how many values each head has.
            log: file that receives what the runtime prints (appended).
            facts: whether its description says what stands in the file, beyond what the runtime tells.

        Raises:
            RuntimeFailure: the runtime refused the file, crashed or hung (on opening or on a later call).
            MissingExtraError: the runtime is not installed.
        """
        with self._connected(log, _needed_by(format)) as connection:
            session = Session(connection, Path(path), format, contract, self._python, facts=facts)
            if facts and self._own is not None and format in FACTS:  # the other may have nothing to read it with
                told = self._own.perform(FACTS[format], {"path": str(Path(path).absolute())}, log=log)
                session.describe(session.description.to_json() | told)
            yield session

    def perform(self, task: str, arguments: dict[str, Any], *, log: str | Path) -> dict[str, Any]:
        """Do one of runtimes.tasks.TASKS in a worker; see `runtimes.tasks.run_task`."""
        what, where, fix = task.replace("_", " "), arguments.get("path"), f"see {log} for what was printed"
        with self._connected(log) as connection:
            try:
                answer, _ = connection.ask({"ask": "task", "task": task, "arguments": arguments})
            except WorkerDied as died:
                raise RuntimeFailure(f"{what} failed", where=where, received=str(died), fix=fix) from died
        if "error" in answer:
            raise error_from_json(answer["error"])
        if "done" not in answer:
            raise RuntimeFailure(f"{what} failed", where=where, received=answer.get("refused", answer), fix=fix)
        done: dict[str, Any] = answer["done"]
        return done

    @contextmanager
    def _connected(self, log: str | Path, needed: str = "") -> Iterator["Connection"]:
        connection = Connection(self, Path(log), needed)
        try:
            yield connection
        finally:
            worker = connection.worker
            worker.jobs += 1
            worker.loaded.add(needed)
            with self._lock:
                self._busy.discard(worker)
                is_kept = worker.is_fit and self._is_open
                if is_kept:
                    self._idle.append(worker)
            if not is_kept:
                worker.end()

    def take(self, log: Path, needed: str = "") -> WorkerProcess:
        """Return a warm worker, one that has loaded what is needed before others, or a new one."""
        while True:
            with self._lock:
                if not self._idle:
                    break
                worker = next((one for one in self._idle if needed in one.loaded), self._idle[-1])
                self._idle.remove(worker)
                if worker.is_fit:
                    self._busy.add(worker)
                    return worker
            worker.end()
        return self.start(log)

    def end(self, worker: WorkerProcess) -> None:
        """End a worker that is of no more use."""
        worker.end()
        with self._lock:
            self._busy.discard(worker)

    def start(self, log: Path) -> WorkerProcess:
        """Return a new worker."""
        worker = WorkerProcess(self._python or sys.executable, self.limits, log) if self._is_open else None
        with self._lock:
            if worker is not None and self._is_open:
                self._busy.add(worker)
                return worker
        if worker is not None:  # ended by another thread meanwhile
            worker.end()
        raise WorkerDied("was ended")


class Connection:
    """The line from one artifact, or task, to its worker."""

    def __init__(self, workers: Workers, log: Path, needed: str = "") -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._workers, self.log = workers, log.absolute()
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        self._first: dict[str, Any] | None = None
        self.worker = workers.take(self.log, needed)

    def ask(
        self, request: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()
    ) -> tuple[dict[str, Any], list[NDArray[Any]]]:
        """Send a request and return the answer.

        A worker that dies, or does not do what it is asked, after it has served others is replaced once, and asked
        again: it may be for what they left behind, such as memory, and an artifact is judged by its own deeds. Raises
        WorkerDied with a reason.
        """
        request = request if self._first else request | {"log": str(self.log)}
        self._first = self._first or request
        try:
            answer = self.worker.call(request, arrays, self._workers.limits.seconds)
            if not self.worker.jobs or _is_done(answer[0]):
                return answer
        except WorkerDied as died:
            if not self.worker.jobs:
                raise WorkerDied(f"{died}{self._last_words()}") from died
        self._workers.end(self.worker)
        self.worker = self._workers.start(self.log)
        if request is not self._first and not _is_done((opened := self.ask(self._first))[0]):
            return opened
        return self.ask(request, arrays)

    def _last_words(self) -> str:
        with open(self.log, "rb") as stream:
            stream.seek(self._log_start)
            lines = stream.read(1 << 20).decode(errors="replace").splitlines()
        said = next((line.strip() for line in reversed(lines) if _LAST_WORDS.search(line)), None)
        if said is None:
            return ""
        limit = f" (its limit is {self._workers.limits.memory_mb:,} MiB)" if re.search("alloc|emory", said) else ""
        return f": {said[:300]}{limit}"


def _needed_by(format: str) -> str:
    """Return what a worker loads for a format and keeps: TensorFlow, for the formats of its extra, takes seconds."""
    return DRIVERS[format].extra or format if format in DRIVERS else format


def _is_done(answer: dict[str, Any]) -> bool:
    return answer.keys().isdisjoint({"refused", "missing", "error"})


class Session:
    """An open artifact. Made by `Workers.open`.

    Attributes:
        description: what the runtime says about the artifact.
    """

    def __init__(
        self,
        connection: Connection,
        path: Path,
        format: str,
        contract: ModelContract,
        python: Path | None,
        *,
        facts: bool,
    ) -> None:
        self._connection, self._path, self._format, self._python = connection, path, format, python
        request = {"ask": "open", "format": format, "path": str(path.absolute()), "contract": contract.to_json()}
        answer, _ = self._ask(request if facts else request | {"facts": False})
        self.describe(answer["description"])

    def describe(self, told: dict[str, Any]) -> None:
        """Set `description`; raises RuntimeFailure where what a worker told is none."""
        try:
            self.description = Description.from_json(told)
        except (KeyError, TypeError, ValueError) as error:
            raise self._failure(f"gave a description that cannot be read: {error!r}") from error

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Return head name to (batch, width) for pixels (batch, height, width, channel), as the contract says.

        The dtype is the artifact's own, so that a judge can see it.
        """
        answer, arrays = self._ask({"ask": "pixels"}, [pixels])
        return dict(zip(answer["heads"], arrays, strict=True))

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[np.float32]]:
        """Return head name to (batch, width) for the bytes of image files, JPEG or PNG."""
        answer, arrays = self._ask({"ask": "encoded"}, [np.frombuffer(file, dtype=np.uint8) for file in files])
        return dict(zip(answer["heads"], arrays, strict=True))

    def time(self, pixels: NDArray[np.float32]) -> float:
        """Return the milliseconds that one call takes inside the worker."""
        answer, _ = self._ask({"ask": "time", "door": "pixels"}, [pixels])
        return float(answer["ms"])

    def memory_use(self) -> dict[str, Any]:
        """Return what `runtimes.memory_use` says about the worker."""
        answer, _ = self._ask({"ask": "task", "task": "memory_use", "arguments": {}})
        done: dict[str, Any] = answer["done"]
        return done

    def _ask(
        self, request: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()
    ) -> tuple[dict[str, Any], list[NDArray[Any]]]:
        try:
            answer, values = self._connection.ask(request, arrays)
        except WorkerDied as died:
            raise self._failure(str(died)) from died
        if "missing" in answer:
            raise self._missing(answer["missing"])
        if "refused" in answer:
            raise self._failure(answer["refused"])
        return answer, values

    def _failure(self, reason: str) -> RuntimeFailure:
        return RuntimeFailure(
            f"{self._format} runtime failed",
            where=self._path,
            received=reason,
            fix=f"see {self._connection.log} for what it printed",
        )

    def _missing(self, told: dict[str, Any]) -> ModelportError:
        needed = DRIVERS[self._format]
        if not needed.packages:
            return error_from_json(told)
        package, what = needed.packages[0], f"running {self._path.name}"
        if self._python is None:
            return MissingExtraError(package, needed_for=what, extra=needed.extra)
        names = [name.replace("_", "-") for name in needed.packages]
        fix = f"{self._python} -m pip install {names[0]}"
        return MissingExtraError(" or ".join(names), needed_for=f"{what} with {self._python}", fix=fix)


@contextmanager
def open_artifact(
    path: str | Path, format: str, contract: ModelContract, *, log: str | Path, limits: Limits | None = None
) -> Iterator[Session]:
    """Open one artifact in a worker process of its own, which ends with the block. See `Workers.open`.

    Example:
        with open_artifact("run/model.onnx", "onnx", contract, log="run/logs/onnx.log") as session:
            probabilities = session.predict(pixels)["label"]
    """
    with Workers(limits=limits) as workers, workers.open(path, format, contract, log=log) as session:
        yield session
