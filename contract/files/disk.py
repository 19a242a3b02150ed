"""The only place that changes results on disk. After each step `reached` names it, so that a test can stop there.

Durability, as far as the system gives it: a file is fsynced before it gets its final name, its folder afterwards.
"""

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import InputError

Observer = Callable[[str, Path], None]

#: Told about each step once it is done; None except in tests.
_observer: Observer | None = None

#: Windows refuses to replace a file that a program has open, a virus scanner for the blink of an eye say.
RETRY_SECONDS = (0.05, 0.1, 0.2)

#: What file systems answer that cannot fsync a folder.
_NO_FOLDER_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Tell `observer` the name and the path of every step that is done in the block, in any thread."""
    global _observer
    before, _observer = _observer, observer
    try:
        yield
    finally:
        _observer = before


def reached(step: str, path: Path) -> None:
    """Name a step that is done. What other people's code writes is named by whoever called it."""
    if _observer is not None:
        _observer(step, path)


def make_folder(path: Path) -> None:
    """Make a folder and those above it; one that exists is left as it is."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        reached("make folder", path)


def write_file(path: Path, data: bytes) -> None:
    """Write a file that nobody knows yet; `atomic_write` gives it its final name."""
    with open(path, "wb") as stream:
        reached("create", path)
        stream.write(data)
    reached("write", path)


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` the same file as `source`; a copy of it where links cannot be made.

    That is on another file system, on one without links, at its limit of links, and without the right to link.
    """
    try:
        os.link(source.resolve() if source.is_symlink() else source, target)
    except OSError:
        copy_file(source, target)
    else:
        reached("link", target)


def copy_file(source: Path, target: Path) -> None:
    """Copy the content of a file, not its dates and rights."""
    shutil.copyfile(source, target)
    reached("copy", target)


def rename(source: Path, target: Path) -> None:
    """Give a file or folder its name, in the place of the file that has it.

    Raises:
        InputError: the system refuses, after some tries; on Windows because a program has one of the two open.
    """
    for pause in (*RETRY_SECONDS, None):
        try:
            os.replace(source, target)
            break
        except PermissionError as error:
            if pause is None:
                raise _held_open(target, error) from error
            time.sleep(pause)
    reached("rename", target)


def remove(path: Path) -> None:
    """Remove a file, a link, or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
    reached("remove", path)


def remove_if_possible(path: Path) -> None:
    """Remove a folder that no result depends on; what cannot be removed stays."""
    shutil.rmtree(path, ignore_errors=True)
    reached("remove", path)


def remove_if_empty(folder: Path) -> bool:
    """Remove a folder that holds nothing; say whether it did."""
    try:
        folder.rmdir()
    except OSError:  # it holds something, is gone, or is a link
        return False
    reached("remove", folder)
    return True


def sync(path: Path) -> None:
    """Fsync a file, or all files of a folder and then its folders, the innermost first.

    A file with more than one name is left out: its bytes are the user's own image, which `link_or_copy` did not write.
    """
    if not path.is_dir():
        _sync_file(path)
        return
    for parent, _, names in os.walk(path, topdown=False):
        for file in (Path(parent, name) for name in sorted(names)):
            if file.stat().st_nlink == 1:
                _sync_file(file)
        sync_folder(Path(parent))


def sync_folder(path: Path) -> None:
    """Fsync the names in a folder, where the system can: Windows cannot open one."""
    try:
        opened = os.open(path, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(opened)
    reached("fsync folder", path)


def _sync_file(path: Path) -> None:
    opened = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)  # Windows flushes what is open for writing
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
    reached("fsync", path)


def _held_open(target: Path, error: PermissionError) -> InputError:
    held = target
    with suppress(TypeError):
        held = Path(error.filename)
    return InputError(
        "cannot be replaced, and stays as it was" if target.exists() else "cannot be put in its place",
        where=target,
        expected="that no program has it open, and the right to write its folder",
        received=error.strerror or str(error) if held == target else f"{error.strerror}: {held}",
        fix="close the program that has it open, and run the same command again",
    )
