"""A flatbuffer written table by table without its schema's code.

The counterpart of runtimes/embedded_contract/flatbuffer_reader.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import flatbuffers
import numpy as np
from numpy.typing import NDArray

#: Field number, from 0, to its value: a text, a byte (np.uint8), a number (np.uint32), a vector of float32, a table, or
#: a list of tables.
Fields = Mapping[int, Any]


def write_flatbuffer(root: Fields, identifier: bytes) -> bytes:
    """Return the buffer that is about the table `root`. The same fields give the same bytes.

    Args:
        root: see Fields. Empty texts, vectors and lists are left out, as their readers expect.
        identifier: four bytes, which readers find at byte 4.

    Reference: https://flatbuffers.dev/internals/, read on 2026-11-21.
    """
    builder = flatbuffers.Builder(1024)
    builder.Finish(_write_table(builder, root), file_identifier=identifier)
    return bytes(builder.Output())


def _write_table(builder: Any, fields: Fields) -> int:
    """Write what the table points to, then the table; return its place."""
    inline = {number: value for number, value in fields.items() if isinstance(value, np.uint8 | np.uint32)}
    pointers = {
        number: _write_pointed(builder, value)
        for number, value in fields.items()
        if number not in inline and (isinstance(value, Mapping) or len(value))
    }
    builder.StartObject(max(fields, default=-1) + 1)
    for number, value in inline.items():
        prepend = builder.PrependUint8Slot if isinstance(value, np.uint8) else builder.PrependUint32Slot
        prepend(number, int(value), 0)
    for number, place in pointers.items():
        builder.PrependUOffsetTRelativeSlot(number, place, 0)
    return int(builder.EndObject())


def _write_pointed(builder: Any, value: str | NDArray[np.float32] | Fields | Sequence[Fields]) -> int:
    if isinstance(value, str):
        return int(builder.CreateString(value))
    if isinstance(value, np.ndarray):
        return int(builder.CreateNumpyVector(value.astype(np.float32)))
    if isinstance(value, Mapping):
        return _write_table(builder, value)
    places = [_write_table(builder, table) for table in value]
    builder.StartVector(4, len(places), 4)
    for place in reversed(places):
        builder.PrependUOffsetTRelative(place)
    return int(builder.EndVector())
