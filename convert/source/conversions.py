"""Conversions that need no Keras model: other processes do them while this one goes on."""

import json
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ...contract.cores import cores
from ...runtimes.process.limits import MOST_SECONDS, Limits
from ...runtimes.process.tasks import call_task
from ...runtimes.workers.workers import Workers

_LOAD = "modelport.convert.to_onnx.conversion:load_converters"

#: MiB of private memory that writing may take, of all processes together.
DEFAULT_MEMORY_MB = 4096

#: MiB of private memory that a process is counted with, and as many times the weights: TensorFlow 2.21 and tf2onnx took
#: 880 with MobileNetV3Large (12 MB) and 2,060 with ResNet50 (94 MB), to write what needs Keras 930 and 1,980.
_EMPTY_MB, _TIMES_WEIGHTS = 800, 16


class Conversions:
    """Converters in processes of their own, with TensorFlow loaded, each within its share of the memory.

    Use as a context manager: what is still being converted is given up when the block ends.

    Args:
        processes: how many; 0: this process converts, when the result is asked for.
        memory_mb: MiB of private memory that each of them may take; held on Linux.
        log: file that receives what converters print.
    """

    def __init__(self, processes: int = 0, memory_mb: int = DEFAULT_MEMORY_MB, log: Path | None = None) -> None:
        self._begun: dict[str, Future[dict[str, Any]]] = {}
        self._pool: ThreadPoolExecutor | None = None
        if processes:
            limits = Limits(seconds=MOST_SECONDS, memory_mb=memory_mb, written_mb=memory_mb)
            self._workers, self._log = Workers(limits=limits), log or Path(os.devnull)
            self._pool = ThreadPoolExecutor(processes)
            for _ in range(processes):
                self._pool.submit(self._perform, _LOAD, {})

    def __enter__(self) -> "Conversions":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._workers.__exit__()

    def begin(self, task: str, make_arguments: Callable[[], dict[str, Any]]) -> None:
        """Begin what `result` will be asked for, if another process can do it."""
        if self._pool is not None:
            arguments = make_arguments()
            self._begun[_key(task, arguments)] = self._pool.submit(self._perform, task, arguments)

    def result(self, task: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return what a task answers; see `runtimes.workers.workers.run_task` for the errors."""
        begun = self._begun.pop(_key(task, arguments), None)
        return begun.result() if begun is not None else call_task(task, arguments)

    def _perform(self, task: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return self._workers.perform(task, arguments, log=self._log)


def processes_within(memory_mb: int, wanted: int, parameters: int) -> int:
    """Return how many processes convert beside this one: at most `wanted`, one for each further core, within memory.

    Args:
        memory_mb: MiB that all of them, and this one, may take.
        wanted: how many have something to do.
        parameters: of the model, float32.
    """
    each = _EMPTY_MB + _TIMES_WEIGHTS * 4 * parameters / 2**20
    return max(0, min(wanted, cores() - 1, int(memory_mb / each) - 1))


def _key(task: str, arguments: dict[str, Any]) -> str:
    return json.dumps([task, arguments], sort_keys=True)
