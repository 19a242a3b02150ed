"""A lock between processes, which ends with the process that holds it."""

import subprocess
import sys
import threading
import time
from pathlib import Path

from modelport.contract.files.process_lock import locked

HOLD = """
import sys, time
from pathlib import Path
from modelport.contract.files.process_lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_waits_until_the_first_ends_even_if_it_is_killed(tmp_path: Path) -> None:
    path, waited, entered = tmp_path / "lock", list[bool](), threading.Event()
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert b"held" == holder.stdout.readline().strip()

        def enter() -> None:
            with locked(path, lambda: waited.append(True)):
                entered.set()

        thread = threading.Thread(target=enter)
        thread.start()
        time.sleep(0.5)
        assert not entered.is_set()
        holder.kill()
    thread.join(timeout=30)
    assert entered.is_set()
    assert [True] == waited


def test_nobody_is_told_to_wait_for_a_free_lock(tmp_path: Path) -> None:
    waited: list[bool] = []
    for _ in range(2):
        with locked(tmp_path / "lock", lambda: waited.append(True)):
            pass
    assert [] == waited
