"""A full disk, and a folder that may not be written, in words that say what to do."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError, ModelportError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)

#: What TensorFlow and HDF5 put into errors of their own, which carry no errno.
_FULL_WORDS = ("No space left on device", "Disk quota exceeded")


@contextmanager
def disk_errors_of(path: Path) -> Iterator[None]:
    """Explain what the system refuses while `path` is written in the block; all other errors pass as they are.

    Raises:
        InputError: the disk is full, or the folder of `path` may not be written.
    """
    try:
        yield
    except ModelportError:
        raise
    except Exception as error:  # foreign writers wrap what the system says in classes of their own
        explained = _explained(error, path)
        if explained is None:
            raise
        raise explained from error


def _explained(error: Exception, path: Path) -> InputError | None:
    number = error.errno if isinstance(error, OSError) else None
    if number in _FULL or any(words in str(error) for words in _FULL_WORDS):
        return InputError(
            "disk is full",
            where=path,
            expected="room for the whole file; whatever had this name stays as it was",
            received=f"{_free_bytes(path) / 1e6:,.1f} MB free; {getattr(error, 'strerror', None) or error}",
            fix="free some space, and run the same command again",
        )
    if isinstance(error, OSError) and number in _FORBIDDEN and _is_about(error.filename, path):
        return InputError(
            "folder cannot be written",
            where=path.parent,
            received=error.strerror,
            fix="choose another folder, or get the right to write to this one",
        )
    return None


def _is_about(name: object, path: Path) -> bool:
    """Whether the file that an error names is a part of `path`, or a folder above it: not an image that was read."""
    if not isinstance(name, str):
        return False
    named, folder = Path(name).absolute(), path.absolute().parent
    return named.is_relative_to(folder) or folder.is_relative_to(named)


def _free_bytes(path: Path) -> int:
    existing = next(folder for folder in path.absolute().parents if folder.exists())
    return shutil.disk_usage(existing).free
