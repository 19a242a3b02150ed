"""Each worker computes with as many threads as it was told and tells its memory."""

import sys
import time
from pathlib import Path

import numpy as np
import pytest
from modelport.contract.errors import UsageError
from modelport.runtimes.process.limits import Limits
from modelport.runtimes.process.memory_use import memory_use
from modelport.runtimes.process.threads import VARIABLE, thread_variables, threads_here
from modelport.runtimes.process.worker_process import WorkerProcess

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux_only
def test_a_worker_finds_its_threads_in_its_environment(tmp_path: Path) -> None:
    worker = WorkerProcess(sys.executable, Limits(threads=3), tmp_path / "log")
    try:
        for _ in range(100):  # empty while the program takes the place of its parent's
            told = Path(f"/proc/{worker.pid}/environ").read_text().split("\0")
            if len(told) > 1:
                break
            time.sleep(0.05)
    finally:
        worker.end()
    assert {f"{VARIABLE}=3", "TF_NUM_INTRAOP_THREADS=3", "OMP_NUM_THREADS=3"} <= set(told)


def test_without_a_number_the_runtime_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert (thread_variables(None), threads_here()) == ({}, None)
    for text, threads in (("2", 2), ("0", None), ("many", None), ("", None)):
        monkeypatch.setenv(VARIABLE, text)
        assert threads_here() == threads


def test_no_threads_at_all_are_refused() -> None:
    with pytest.raises(UsageError, match="--threads"):
        Limits(threads=0)


@linux_only
def test_the_peak_is_what_was_held_at_most_since_it_was_forgotten() -> None:
    before = memory_use({"forget_peak": True})
    held = np.ones(10_000_000, np.float64)  # 80 MB, written to
    at_most = held.nbytes
    del held
    after = memory_use({})
    assert after["peak_resident_bytes"] - before["resident_bytes"] >= 0.95 * at_most
    again = memory_use({"forget_peak": True})
    assert again["peak_resident_bytes"] < after["peak_resident_bytes"]
