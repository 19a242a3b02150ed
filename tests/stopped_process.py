"""Run a modelport command, and end the process after its Nth step on disk, as a power cut or `kill -9` would.

python stopped_process.py N ARGUMENT...     for N = 0 to the end; a step is one line of stdout: "step: rename dataset"
"""

import itertools
import os
import sys
from pathlib import Path

from modelport.cli.main import cli
from modelport.contract.files import disk

#: The exit code of a process that was stopped where it should be.
STOPPED = 77


def main(stop_after: int, arguments: list[str]) -> None:
    numbers = itertools.count(1)

    def observe(step: str, path: Path) -> None:
        if not stop_after:
            os.write(1, f"step: {step} {path.name}\n".encode())
        elif next(numbers) == stop_after:
            os._exit(STOPPED)  # no `finally`, no `with`, no `atexit`

    with disk.observed(observe):
        cli(arguments, standalone_mode=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
