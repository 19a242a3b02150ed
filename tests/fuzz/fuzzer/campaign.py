"""Many cases, several fuzzing processes: outcomes go to a file as they come, so that a campaign can go on later."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from .cases import FORMATS

#: A case has up to four questions for a worker, each with a limit of 90 s; a process silent for longer hangs.
HANG_SECONDS = 400

Told = dict[str, Any]


def plan(cases: int, seed: int, formats: list[str]) -> list[str]:
    """Return the ids of so many cases, shared out as cases.FORMATS says, one format after the other."""
    shares = {name: share for name, share in FORMATS.items() if name in formats}
    total, ids = sum(shares.values()), []
    for name, share in shares.items():
        ids += [f"{name}:{seed}:{number}" for number in range(round(cases * share / total))]
    return ids


def run_campaign(ids: list[str], workers: int, told: Callable[[Told], None]) -> None:
    """Try all cases; `told` gets each outcome, from one thread at a time.

    Args:
        ids: of the cases.
        workers: number of fuzzing processes.
        told: receives what `Outcome.to_json` holds, and "done"; "id" is "end" at the end of a process.
    """
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for one in ids:
        waiting.put(one)
    lock, threads = threading.Lock(), []

    def tell(outcome: Told) -> None:
        with lock:
            told(outcome)

    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as folder:
        for number in range(workers):
            arguments = (waiting, Path(folder).resolve() / str(number), tell)
            threads.append(threading.Thread(target=_keep_running, args=arguments, daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join()


def read_outcomes(file: Path) -> list[Told]:
    """Return the outcomes that an earlier campaign wrote; a last line that was cut off is left out."""
    found = []
    with suppress(FileNotFoundError), open(file, encoding="utf-8") as stream:
        for line in stream:
            with suppress(ValueError):
                found.append(json.loads(line))
    return found


def _keep_running(waiting: "queue.SimpleQueue[str]", root: Path, tell: Callable[[Told], None]) -> None:
    """Run one fuzzing process, and another where it died or hung, until no case waits."""
    for attempt in range(1_000_000):
        if not _run_process(waiting, root / str(attempt), tell):
            return


def _run_process(waiting: "queue.SimpleQueue[str]", root: Path, tell: Callable[[Told], None]) -> bool:
    """Run one fuzzing process; return whether it died, so that another has to go on."""
    node = "node" if os.environ.get("MODELPORT_NODE_MODULES") else "no-node"
    root.mkdir(parents=True)
    command = [sys.executable, "-m", f"{__package__}.runner", str(root), node]
    with open(root.parent / f"{root.name}.log", "wb") as noise:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=noise, text=True, start_new_session=True
        )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        for case in _every(waiting):
            answer = _ask(process, case)
            if answer is None:
                last = noise_of(root)
                escape = f"the fuzzing process itself {_how(process)}: {last}"
                tell({"id": case, "escapes": [escape], "crashes": [], "doors": {}, "done": []})
                return True
            tell(answer)
        process.stdin.close()
        if line := process.stdout.readline():
            tell(json.loads(line))
    finally:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream.close()
    return False


def noise_of(root: Path) -> str:
    """Return the last line that a fuzzing process printed."""
    lines = (root.parent / f"{root.name}.log").read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "(it printed nothing)"


def _every(waiting: "queue.SimpleQueue[str]") -> Iterator[str]:
    with suppress(queue.Empty):
        while True:
            yield waiting.get_nowait()


def _ask(process: "subprocess.Popen[str]", id: str) -> Told | None:
    """Return the outcome of a case; None if the process dies of it, or hangs."""
    assert process.stdin is not None
    late = threading.Timer(HANG_SECONDS, process.kill)
    late.start()
    try:
        process.stdin.write(f"{id}\n")
        process.stdin.flush()
        stdout: TextIO = process.stdout  # type: ignore[assignment]
        answer: Told = json.loads(stdout.readline())
    except (OSError, ValueError):
        return None
    finally:
        late.cancel()
    return answer


def _how(process: "subprocess.Popen[str]") -> str:
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    code = process.returncode
    return f"ended with {signal.Signals(-code).name if code is not None and code < 0 else f'code {code}'}"
