"""Nothing half-written ever has a final name: written to a hidden place beside it, fsynced, renamed.

The hidden place of NAME is a folder `.part-NAME-RANDOM`. One that a stopped process left is removed by a later write of
the same NAME once nothing in it has changed for an hour: another process may be at work in it until then.
"""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from . import disk
from .disk_errors import disk_errors_of

#: How long nothing has changed in what a stopped process left. Ours write something every few minutes at most.
ABANDONED_AFTER_S = 3600.0


@contextmanager
def staged(path: str | Path) -> Iterator[Path]:
    """Yield a path of the same name in a hidden folder beside `path`, to write to; `place` then puts it in place.

    The name keeps its suffix, because writers of other people look at it. What is not placed is removed, after the
    folder that a swap had moved aside has come back; where it cannot, it stays hidden until a later write of the name.

    Raises:
        InputError: the disk is full, or the folder may not be written.
    """
    path = Path(path)
    with disk_errors_of(path):
        disk.make_folder(path.parent)
        restore_folder(path)
        _remove_abandoned(path)
        # not a folder of tempfile's: on Windows only its maker may read those, and what is renamed out stays that way
        folder = path.parent / f"{_prefix(path)}{os.urandom(4).hex()}"
        try:
            disk.make_folder(folder)
            yield folder / path.name
        finally:  # Ctrl-C and refused renames come by here, too
            restore_folder(path)
            disk.remove_if_possible(folder)


def place(part: Path, path: Path) -> None:
    """Let `part`, a whole file or folder from `staged`, become `path`.

    Raises:
        InputError: what lies there cannot be replaced, and stays; on Windows because a program has it open.
    """
    disk.reached("write", part)
    disk.sync(part)
    if part.is_dir():
        _swap(part, path)
    else:
        disk.rename(part, path)
    disk.sync_folder(path.parent)


@contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path; on a clean exit what was written there becomes `path`, on an error it is removed.

    Example:
        with atomic_file("run/model.onnx") as part:
            onnx.save(model, part)
    """
    with staged(path) as part:
        yield part
        place(part, Path(path))


@contextmanager
def atomic_folder(path: str | Path) -> Iterator[Path]:
    """Yield an empty temporary folder; on a clean exit it takes the place of `path`, old content and all."""
    with staged(path) as part:
        disk.make_folder(part)
        yield part
        place(part, Path(path))


def restore_folder(path: Path) -> None:
    """Bring back the folder `path` if the process that was to replace it stopped after it had moved it aside."""
    if path.exists():
        return
    aside = [folder / _aside(path) for folder in _hidden_folders(path)]
    for old in sorted((old for old in aside if old.exists()), key=lambda old: old.parent.stat().st_mtime)[-1:]:
        disk.rename(old, path)
        disk.sync_folder(path.parent)
        disk.remove_if_possible(old.parent)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all."""
    with atomic_file(path) as part:
        disk.write_file(part, data)


def write_text(path: str | Path, text: str) -> None:
    r"""Write `text` as UTF-8 with `\n` line ends to `path`, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: str | Path, value: Any) -> None:
    """Write `value` as indented JSON to `path`, whole or not at all. NaN and infinity are refused (ValueError)."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _swap(part: Path, path: Path) -> None:
    """Put a folder in the place of another, which no system does in one step: the old one is moved aside first.

    Stopped between the two steps, the old one lies aside, whole, and `restore_folder` knows where.
    """
    if path.exists():
        disk.rename(path, part.with_name(_aside(path)))
    disk.rename(part, path)


def _prefix(path: Path) -> str:
    return f".part-{path.name}-"


def _aside(path: Path) -> str:
    return f"{path.name}.old"


def _hidden_folders(path: Path) -> list[Path]:
    if not path.parent.is_dir():
        return []
    names = re.compile(re.escape(_prefix(path)) + "[0-9a-f]{8}")
    return [folder for folder in path.parent.iterdir() if names.fullmatch(folder.name)]


def _remove_abandoned(path: Path) -> None:
    for folder in _hidden_folders(path):
        with suppress(OSError):  # another process finishes it, or removes it, at this moment
            changed = max(entry.lstat().st_mtime for entry in (folder, *folder.rglob("*")))
            if time.time() - changed > ABANDONED_AFTER_S:
                disk.remove_if_possible(folder)
