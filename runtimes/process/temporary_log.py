"""A log for foreign output that outlives a command only if the command failed and tells of it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...contract.errors import RuntimeFailure


@contextmanager
def temporary_log(command: str) -> Iterator[Path]:
    """Yield the path of a log; its folder goes with the block, but stays where a RuntimeFailure tells of it."""
    folder, failed = Path(tempfile.mkdtemp(prefix=f"modelport-{command}-")), False
    try:
        yield folder / "runtime.log"
    except RuntimeFailure:
        failed = True
        raise
    finally:
        if not failed:
            shutil.rmtree(folder, ignore_errors=True)
