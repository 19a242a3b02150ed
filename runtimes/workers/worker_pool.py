"""The worker processes of one interpreter: which of them wait, which are busy, and when they end."""

import sys
import threading
from pathlib import Path

from ..process.limits import Limits
from ..process.worker_process import WorkerDied, WorkerProcess


class WorkerPool:
    """Worker processes that are kept warm. Several threads may use it.

    Args:
        python: whose runtimes are used; None: this interpreter's.
        limits: of each worker.
    """

    def __init__(self, python: Path | None, limits: Limits) -> None:
        self.limits, self._python = limits, python or sys.executable
        self._idle, self._busy = list[WorkerProcess](), set[WorkerProcess]()
        self._is_open, self._lock = True, threading.Lock()

    def close(self) -> None:
        """End all workers; whoever waits for one, in another thread, meets WorkerDied."""
        with self._lock:
            self._is_open, ending = False, (*self._idle, *self._busy)
            self._idle.clear()
        for worker in ending:
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

    def start(self, log: Path) -> WorkerProcess:
        """Return a new worker."""
        worker = WorkerProcess(self._python, self.limits, log) if self._is_open else None
        with self._lock:
            if worker is not None and self._is_open:
                self._busy.add(worker)
                return worker
        if worker is not None:  # ended by another thread meanwhile
            worker.end()
        raise WorkerDied("was ended")

    def end(self, worker: WorkerProcess) -> None:
        """End a worker that is of no more use."""
        worker.end()
        with self._lock:
            self._busy.discard(worker)

    def give_back(self, worker: WorkerProcess, needed: str = "") -> None:
        """Keep a worker for whoever comes next, if it is fit; it has loaded what was needed."""
        worker.jobs += 1
        worker.loaded.add(needed)
        with self._lock:
            self._busy.discard(worker)
            is_kept = worker.is_fit and self._is_open
            if is_kept:
                self._idle.append(worker)
        if not is_kept:
            worker.end()
