"""Worker processes that are kept warm, so that a file that crashes its runtime harms nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...contract.errors import RuntimeFailure
from ...contract.model_contract.model_contract import ModelContract
from ..facts.format_runtimes import FACTS, RUNTIMES
from ..process.error_frames import error_from_json
from ..process.limits import Limits
from ..process.worker_process import WorkerDied
from .connection import Connection
from .session import Session
from .worker_pool import WorkerPool


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
        self.pool, self._python = WorkerPool(python, limits or Limits()), python
        self._own = None if python is None else Workers(limits=limits)

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all workers; whoever waits for one, in another thread, meets WorkerDied."""
        self.pool.close()
        if self._own is not None:
            self._own.close()

    @contextmanager
    def open(
        self, path: str | Path, format: str, contract: ModelContract, *, log: str | Path, facts: bool = True
    ) -> Iterator[Session]:
        """Open one artifact for the length of the block; its worker lets go of it when it opens the next.

        Args:
            path: the file or folder.
            format: a key of contract.formats.FORMATS.
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
        """Do a task in a worker; see `run_task`."""
        what, where = task.rpartition(":")[2].replace("_", " "), arguments.get("path")
        fix = f"see {log} for what was printed"
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
    def _connected(self, log: str | Path, needed: str = "") -> Iterator[Connection]:
        connection = Connection(self.pool, Path(log), needed)
        try:
            yield connection
        finally:
            self.pool.give_back(connection.worker, needed)


def _needed_by(format: str) -> str:
    """Return what a worker loads for a format and keeps: TensorFlow, for the formats of its extra, takes seconds."""
    return RUNTIMES[format].extra or format if format in RUNTIMES else format


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


def run_task(
    task: str, arguments: dict[str, Any], *, log: str | Path, timeout_s: float = 120.0, limits: Limits | None = None
) -> dict[str, Any]:
    """Do a task in a worker process of its own.

    Args:
        task: its module and function, as `runtimes.process.tasks` has it.
        arguments: JSON values; paths are absolute.
        log: file that receives what foreign code prints (appended).
        timeout_s: seconds that it may take; `limits` replaces it where given.
        limits: None: the defaults.

    Raises:
        ModelportError: what the task raised, the same class and text.
        RuntimeFailure: the task crashed, hung, or raised something foreign.
    """
    with Workers(limits=limits or Limits(seconds=timeout_s)) as workers:
        return workers.perform(task, arguments, log=log)
