"""Which worker is taken, which is kept, and that none outlives its pool."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from modelport.runtimes.process.limits import Limits
from modelport.runtimes.process.worker_process import WorkerDied
from modelport.runtimes.workers.worker_pool import WorkerPool


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    made = WorkerPool(None, Limits())
    yield made
    made.close()


def test_of_several_idle_workers_the_one_is_taken_that_has_loaded_what_is_needed(
    pool: WorkerPool, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    first, second = pool.take(log), pool.take(log)
    pool.give_back(first, "tensorflow")
    pool.give_back(second, "onnx")
    for needed, worker in (("tensorflow", first), ("onnx", second), ("tensorflow", first)):
        assert worker is pool.take(log, needed)
        pool.give_back(worker, needed)
    assert pool.take(log, "tflite") in (first, second)


def test_a_spent_worker_is_ended_and_not_taken_again(pool: WorkerPool, tmp_path: Path) -> None:
    worker = pool.take(tmp_path / "log")
    worker.is_spent = True
    pool.give_back(worker)
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)
    assert worker is not pool.take(tmp_path / "log")


def test_a_closed_pool_has_ended_idle_and_busy_ones_and_starts_none(pool: WorkerPool, tmp_path: Path) -> None:
    workers = [pool.take(tmp_path / "log"), pool.take(tmp_path / "log")]
    pool.give_back(workers[0])
    pool.close()
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker.pid, 0)
    with pytest.raises(WorkerDied):
        pool.take(tmp_path / "log")
    pool.give_back(workers[1])  # by a thread that held one meanwhile
    with pytest.raises(WorkerDied):
        pool.take(tmp_path / "log")
