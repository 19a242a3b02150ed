"""The line from one artifact, or task, to a worker, which is replaced where it may suffer from what came before."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..process.worker_process import WorkerDied
from .worker_pool import WorkerPool

#: What a dying process prints that says why.
_LAST_WORDS = re.compile(r"bad_alloc|MemoryError|[Oo]ut of memory|allocate memory|Error: |Check failed|Fatal")
#: What a refusal says after which a worker serves nobody else: native code that was interrupted may hold a lock
#: for ever. TensorFlow 2.21 hangs at its next graph (fuzzing's pb:0:1895 and what comes after it).
_RAN_OUT = re.compile(r"MemoryError|bad_alloc|[Oo]ut of memory|allocate memory|RESOURCE_?EXHAUSTED", re.IGNORECASE)


class Connection:
    """The line from one artifact, or task, to its worker."""

    def __init__(self, pool: WorkerPool, log: Path, needed: str = "") -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._pool, self.log = pool, log.absolute()
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        self._first: dict[str, Any] | None = None
        self.worker = pool.take(self.log, needed)

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
            answer = self.worker.call(request, arrays, self._pool.limits.seconds)
            self.worker.is_spent |= _RAN_OUT.search(str(answer[0].get("refused"))) is not None
            if not self.worker.jobs or _is_done(answer[0]):
                return answer
        except WorkerDied as died:
            if not self.worker.jobs:
                raise WorkerDied(f"{died}{self._last_words()}") from died
        self._pool.end(self.worker)
        self.worker = self._pool.start(self.log)
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
        limit = f" (its limit is {self._pool.limits.memory_mb:,} MiB)" if re.search("alloc|emory", said) else ""
        return f": {said[:300]}{limit}"


def _is_done(answer: dict[str, Any]) -> bool:
    return answer.keys().isdisjoint({"refused", "missing", "error"})
