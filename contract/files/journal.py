"""Promise, act, settle: this keeps a record of files correct wherever the process stops.

A file and the record that names it are two files, and no system writes two at once. So the record says first what is
about to lie where, with its sha256; then it is done; then the record says that it was. Who reads a promise takes it for
kept exactly if the files themselves are what was promised; reading repairs nothing. The lock, delivery.json and the
record of a backend are such records, each in words of its own (docs/adr/0005, 0014, 0016).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from .hashing import sha256_of

Record = TypeVar("Record")

#: In the place of a sha256, of what is not there.
ABSENT = ""


def sha256_at(path: Path) -> str:
    """Return the sha256 of the file or folder that lies at a path; ABSENT where nothing does."""
    return sha256_of(path) if path.exists() else ABSENT


def lies_there(path: Path, sha256: str) -> bool:
    """Say whether a promise was kept: at `path` lies what has this sha256, or nothing, if ABSENT was promised."""
    return sha256_at(path) == sha256


@contextmanager
def promised(write: Callable[[Record], object], promise: Record, settled: Callable[[], Record]) -> Iterator[None]:
    """Write a record with a promise, let the block keep it, and write the record without.

    A block that raises leaves the promise, as a process does that is stopped: the files say how far it came.

    Args:
        write: writes a record, whole or not at all.
        promise: the record, with what is about to lie where.
        settled: returns the record as it is then; asked when the block is done.

    Example:
        with promised(write, replace(record, pending=pending), record.settled):
            place(part, path)
    """
    write(promise)
    yield
    write(settled())
