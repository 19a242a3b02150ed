"""One process at a time: a lock that the system lets go of when its process ends, however it ends."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_POLL_S = 0.2


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock file `path` for the length of the block. The file stays: removing it would open a gap.

    Args:
        path: of the lock file, in a folder that exists.
        on_wait: called once, where another process holds it.
    """
    with open(path, "ab") as stream:
        if not _take(stream):
            on_wait()
            while not _take(stream):
                time.sleep(_POLL_S)
        yield  # closing the file lets go


def _take(stream: BinaryIO) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # held: POSIX says the one, Windows the other
        return False
    return True
