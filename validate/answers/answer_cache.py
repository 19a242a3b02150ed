"""Answers of earlier judgements, kept in the user's cache folder: one file for each artifact, images and runtime.

A file is KEY.npz, without pickle: the text of `answer_key.answer_key`, the date, the description as JSON, and the
arrays `DOOR/HEAD`. KEY is the text's sha256. A file that is damaged, or is not what its name says, is not used, and
the report says so.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.errors import InputError
from ...contract.files.atomic_write import write_bytes
from ...contract.model_contract.provenance import utc_now
from ...runtimes.facts.description import Description
from .record import Record

#: Largest file that is written or read, unpacked: 100,000 images with 600 labels.
MOST_BYTES = 1 << 28

#: Of all files together; the oldest go first.
MOST_BYTES_TOGETHER = 1 << 29

#: What numbers may be answers.
_KINDS = "fiu"

_DAMAGED = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, EOFError, MemoryError),
    *(zipfile.BadZipFile, zlib.error, InputError),
)

#: Door and head to the shape of the answers.
Shapes = Mapping[tuple[str, str], tuple[int, int]]


class AnswerCache:
    """Records of artifacts, by what decided about them. Several threads and processes may use one folder.

    Args:
        folder: where they are; None: nothing is kept.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._notes: set[str] = set()

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read or kept, and why."""
        return tuple(sorted(self._notes))

    def find(self, key: str, shapes: Shapes) -> Record:
        """Return what the artifact said under the same key; an empty record if that is not known.

        Args:
            key: by `answer_key`.
            shapes: which answers there can be.
        """
        path = self._path(key)
        if path is None or not path.is_file():
            return Record()
        try:
            return _read(path, key, shapes)
        except _DAMAGED as error:
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            self._notes.add(f"Not used: {path} holds no answers that can be read ({reason}); the artifact was asked.")
            return Record()

    def keep(self, key: str, record: Record) -> None:
        """Write a record that is whole and new."""
        path = self._path(key)
        if path is None or not record.is_whole or record.made is not None:
            return
        try:
            packed = _pack(key, record)
            if len(packed) <= MOST_BYTES:
                write_bytes(path, packed)
                self._forget_oldest(path)
        except (InputError, OSError) as error:
            self._notes.add(f"Answers were not kept: {' '.join(str(error).split())}.")

    def _path(self, key: str) -> Path | None:
        return None if self.folder is None else self.folder / f"{hashlib.sha256(key.encode()).hexdigest()}.npz"

    def _forget_oldest(self, newest: Path) -> None:
        with suppress(OSError):  # another process does the same
            files = [(file.stat(), file) for file in newest.parent.glob("*.npz")]
            total = sum(status.st_size for status, _ in files)
            for status, file in sorted(files, key=lambda item: (item[0].st_mtime, item[1])):
                if total <= MOST_BYTES_TOGETHER or file == newest:
                    return
                file.unlink(missing_ok=True)
                total -= status.st_size


def _pack(key: str, record: Record) -> bytes:
    assert record.description is not None
    arrays: dict[str, Any] = {
        "key": _as_bytes(key),
        "made": _as_bytes(utc_now()),
        "description": _as_bytes(json.dumps(record.description.to_json())),
    }
    arrays |= {f"{door}/{head}": values for door, of in record.answers.items() for head, values in of.items()}
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    return packed.getvalue()


def _read(path: Path, key: str, shapes: Shapes) -> Record:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MOST_BYTES:
        raise ValueError(f"{unpacked:,} bytes unpacked, at most {MOST_BYTES:,}")
    with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    if _text(arrays.pop("key")) != key:
        raise ValueError("it was made under another key")
    made, description = _text(arrays.pop("made")), Description.from_json(json.loads(_text(arrays.pop("description"))))
    expected = {f"{door}/{head}": shape for (door, head), shape in shapes.items() if door in description.doors}
    found = {name: values.shape for name, values in arrays.items()}
    if found != expected or any(values.dtype.kind not in _KINDS for values in arrays.values()):
        raise ValueError(f"answers of shape {found}, expected {expected}")
    answers: dict[str, dict[str, NDArray[Any]]] = {door: {} for door in description.doors}
    for door, head in shapes:
        if door in answers:
            answers[door][head] = arrays[f"{door}/{head}"]
    return Record(made=made, description=description, answers=answers)


def _as_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _text(array: NDArray[Any]) -> str:
    if array.dtype != np.uint8:
        raise ValueError("a text is no text")
    return array.tobytes().decode()
