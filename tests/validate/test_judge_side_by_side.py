"""Several artifacts judged at once: one report, whoever is faster, and nobody disturbs a neighbour."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.narration import Silent
from modelport.runtimes.workers.workers import Workers
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run

NAMES = ("a.onnx", "b.onnx", "c.onnx", "d.onnx")


@pytest.fixture
def four(make_run: Any) -> Any:
    """A run of four float32 files of which the second answers otherwise and the third is truncated."""
    run = make_run()
    for name in NAMES:
        run.export(name, slope=9.0 if name == "b.onnx" else 8.0)
    (run.root / "c.onnx").write_bytes((run.root / "c.onnx").read_bytes()[:-40])
    return run


def content(report: Any) -> dict[str, Any]:
    value: dict[str, Any] = report.to_json()
    return {key: value[key] for key in value if key != "created"}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_report_is_the_same_in_whatever_order_workers_end(four: Any, seed: int) -> None:
    dice = random.Random(seed)
    waits = {name: dice.choice((0, 0.3, 0.6)) for name in NAMES}
    with Workers() as workers:

        @contextmanager
        def late(path: Path, *args: Any, **how: Any) -> Iterator[Any]:
            time.sleep(waits[path.name])
            with workers.open(path, *args, **how) as session:
                yield session

        report = judge_run(four.root, JudgeOptions(workers=3), opener=late)
    assert content(judge_run(four.root, JudgeOptions(workers=1))) | {"settings": None} == content(report) | {
        "settings": None
    }
    assert [outcome.artifact.path for outcome in report.outcomes] == list(NAMES)


def test_a_worker_that_is_killed_harms_no_neighbour(four: Any) -> None:
    with Workers() as workers:

        @contextmanager
        def opener(path: Path, *args: Any, **how: Any) -> Iterator[Any]:
            with workers.open(path, *args, **how) as session:
                if path.name == "d.onnx":
                    os.kill(session._connection.worker.pid, signal.SIGKILL)
                yield session

        report = judge_run(four.root, JudgeOptions(workers=4), opener=opener)
    verdicts = {outcome.artifact.path: outcome.verdict for outcome in report.outcomes}
    fail, passed = Verdict.FAIL, Verdict.PASS
    assert verdicts == {"a.onnx": passed, "b.onnx": fail, "c.onnx": fail, "d.onnx": fail}
    assert any("SIGKILL" in finding.sentence for finding in report.outcomes[3].findings)


def test_threads_are_shared_among_those_that_run_and_said(four: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelport.validate.judge_options.cores", lambda: 8)
    for workers, threads in ((1, 8), (3, 2), (None, 2)):
        assert judge_run(four.root, JudgeOptions(workers=workers)).limits.threads == threads


def test_the_progress_counts_the_images_of_all_artifacts(four: Any) -> None:
    told: list[tuple[str, int, int]] = []

    class Listening(Silent):
        def track(self, items: Any, total: int, what: str) -> Iterator[Any]:
            told.append((what, total, 0))
            for item in items:
                told[-1] = (what, total, told[-1][2] + 1)
                yield item

    judge_run(four.root, JudgeOptions(workers=2), narrator=Listening())
    assert told == [("decode images", 15, 15), ("judge 4 artifacts", 60, 60)]


_SCRIPT = """
import sys
from pathlib import Path
from modelport.validate.judge import JudgeOptions, judge_run
from modelport.runtimes.workers import worker_pool, workers

class Loud(worker_pool.WorkerPool):
    def start(self, log):
        worker = super().start(log)
        print(worker.pid, flush=True)
        return worker

workers.WorkerPool = Loud
judge_run(Path(sys.argv[1]), JudgeOptions(workers=2))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_all_workers_at_once(make_run: Any, write_slow_onnx: Any) -> None:
    """Each file computes for minutes; the limit of a call is two."""
    run = make_run()
    for name in ("a.onnx", "b.onnx"):
        write_slow_onnx(run.root / name, 10**12)
        run.record(name)
    command = [sys.executable, "-P", "-c", _SCRIPT, str(run.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        workers = [int(process.stdout.readline()) for _ in range(2)]
        time.sleep(2)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert time.monotonic() - start < 30
    assert "KeyboardInterrupt" in errors
    for pid in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
