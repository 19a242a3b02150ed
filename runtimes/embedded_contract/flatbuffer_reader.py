"""A flatbuffer read table by table without its schema's code; every offset is checked against the buffer's end."""

import struct
from collections.abc import Iterator

#: Elements read from one vector. Labels and channels are hundreds; a length beyond this is damage.
MAX_ELEMENTS = 10_000


class FlatbufferTable:
    """One table. Fields are asked for by their position in the schema, from 0.

    Every method raises ValueError where the bytes lead outside the buffer.

    Reference: https://flatbuffers.dev/internals/, read on 2026-11-21.
    """

    def __init__(self, data: bytes, position: int) -> None:
        self._data, self._position = data, position
        self._vtable = position - self._number("<i", position)
        self._slots = (self._number("<H", self._vtable) - 4) // 2

    @classmethod
    def root(cls, data: bytes) -> "FlatbufferTable":
        """Return the table that the buffer is about."""
        return cls(data, int(_unpack(data, "<I", 0)))

    def text(self, field: int) -> str | None:
        """Return a string; None where the field is not set."""
        at = self._at(field)
        if at is None:
            return None
        start = at + self._number("<I", at)
        length = self._number("<I", start)
        if start + 4 + length > len(self._data):
            raise ValueError(f"a text of {length} bytes at byte {start}")
        return self._data[start + 4 : start + 4 + length].decode("utf-8", errors="replace")

    def byte(self, field: int) -> int:
        """Return an unsigned byte; 0 where the field is not set."""
        at = self._at(field)
        return 0 if at is None else self._number("<B", at)

    def table(self, field: int) -> "FlatbufferTable | None":
        """Return the table that the field, a union's value too, points to."""
        at = self._at(field)
        return None if at is None else FlatbufferTable(self._data, at + self._number("<I", at))

    def tables(self, field: int) -> Iterator["FlatbufferTable"]:
        """Yield the tables of a vector."""
        for at in self._elements(field, 4):
            yield FlatbufferTable(self._data, at + self._number("<I", at))

    def floats(self, field: int) -> tuple[float, ...]:
        """Return a vector of float32."""
        return tuple(_unpack(self._data, "<f", at) for at in self._elements(field, 4))

    def _elements(self, field: int, size: int) -> range:
        at = self._at(field)
        if at is None:
            return range(0)
        start = at + self._number("<I", at)
        length = self._number("<I", start)
        if length > MAX_ELEMENTS or start + 4 + length * size > len(self._data):
            raise ValueError(f"a vector of {length} elements at byte {start}")
        return range(start + 4, start + 4 + length * size, size)

    def _at(self, field: int) -> int | None:
        offset = self._number("<H", self._vtable + 4 + 2 * field) if field < self._slots else 0
        return self._position + offset if offset else None

    def _number(self, kind: str, at: int) -> int:
        return int(_unpack(self._data, kind, at))


def _unpack(data: bytes, kind: str, at: int) -> float:
    if not 0 <= at <= len(data) - struct.calcsize(kind):
        raise ValueError(f"byte {at} of {len(data)}")
    (value,) = struct.unpack_from(kind, data, at)
    return float(value) if kind == "<f" else int(value)
