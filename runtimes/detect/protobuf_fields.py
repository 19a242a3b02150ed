"""The top level of a protocol buffer, read without its schema: enough to tell one kind of .pb from another."""

from collections.abc import Iterator
from typing import NamedTuple

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

#: Fields looked at before the scan stops: a graph of a hundred thousand nodes is told by its first ones.
MAX_FIELDS = 2000


class Field(NamedTuple):
    """One field: number, wire type (0 varint, 1 and 5 fixed, 2 bytes), and where its value lies.

    `value` is the number of a varint, else 0.
    """

    number: int
    wire_type: int
    start: int
    end: int
    value: int


def protobuf_fields(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Field]:
    r"""Yield the first fields of the message at `data[start:end]`.

    Raises:
        ValueError: the bytes are not a protocol buffer, or are cut off.

    Reference: https://protobuf.dev/programming-guides/encoding/, read on 2026-11-21.

    Example:
        >>> [(field.number, field.value) for field in protobuf_fields(b"\x08\x96\x01")]
        [(1, 150)]
    """
    position, end = start, len(data) if end is None else end
    for _ in range(MAX_FIELDS):
        if position >= end:
            return
        key, position = _varint(data, position, end)
        number, wire_type = key >> 3, key & 7
        value, length = 0, 0
        if wire_type == _VARINT:
            value, after = _varint(data, position, end)
            length = after - position
        elif wire_type == _BYTES:
            length, position = _varint(data, position, end)
        elif wire_type in (_FIXED32, _FIXED64):
            length = 4 if wire_type == _FIXED32 else 8
        else:
            raise ValueError(f"wire type {wire_type} at byte {position}")
        if not number:
            raise ValueError(f"field 0 at byte {position}")
        yield Field(number, wire_type, position, min(position + length, end), value)
        if position + length > end:
            raise ValueError(f"field {number} of {length} bytes at byte {position} does not fit into {end}")
        position += length


def _varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= end:
            break
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ValueError(f"no number ends before byte {position}")
