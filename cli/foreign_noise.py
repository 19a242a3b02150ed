"""TensorFlow and its kin print to stdout and to file descriptors 1 and 2; it belongs in a log, never in a result."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def noise_to(log: str | Path) -> Iterator[None]:
    """Send everything that is printed, by Python and by native code, to the end of the file `log`.

    A narrator that must still be seen writes to a duplicate of file descriptor 2 made before (cli/narration.py).
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    saved, streams = {fd: os.dup(fd) for fd in (1, 2)}, (sys.stdout, sys.stderr)
    with open(log, "a", encoding="utf-8", errors="backslashreplace", buffering=1) as target:
        try:
            for fd in saved:
                os.dup2(target.fileno(), fd)
            sys.stdout = sys.stderr = target
            yield
        finally:
            sys.stdout, sys.stderr = streams
            for fd, copy in saved.items():
                os.dup2(copy, fd)
                os.close(copy)
