"""The words between a session and its worker: a JSON header, then raw arrays. No pickle.

4 bytes   length of the header, little endian
header    JSON; "arrays" lists dtype and shape of each array that follows
arrays    the bytes of each, C order
"""

import json
import math
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

#: Longest header that is read. A description of a large model takes some 50 kB.
MAX_HEADER_BYTES = 1 << 24

#: What an array may hold, by its dtype's text.
_DTYPES = {
    kind.str: kind
    for kind in map(
        np.dtype,
        (
            *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
            *("float16", "float32", "float64"),
        ),
    )
}

#: Most dimensions of an array; NumPy 1 has no more.
_MOST_DIMENSIONS = 32


def write_frame(stream: BinaryIO, header: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Write one frame and flush. What fails before the stream itself does, memory included, has written nothing.

    Raises:
        ValueError: an array holds texts, objects or complex numbers.
    """
    for array in arrays:
        if array.dtype.str not in _DTYPES:
            raise ValueError(f"an array of {array.dtype} is no answer; whole and real numbers are")
    shapes = [{"dtype": array.dtype.str, "shape": array.shape} for array in arrays]
    text = json.dumps(header | {"arrays": shapes}).encode()
    for part in [struct.pack("<I", len(text)) + text, *[array.tobytes() for array in arrays]]:
        stream.write(part)
    stream.flush()


def read_frame(stream: BinaryIO, *, most_bytes: float = math.inf) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Read one frame, whoever wrote it: native code of a model can write on its worker's pipe.

    Args:
        stream: what to read from.
        most_bytes: of all its arrays together; one that declares more is not read.

    Raises:
        EOFError: the other side is gone.
        ValueError: the bytes are not a frame.
    """
    (length,) = struct.unpack("<I", _read_exactly(stream, 4))
    if length > MAX_HEADER_BYTES:
        raise ValueError("not a frame")
    try:
        header = json.loads(_read_exactly(stream, length))
    except RecursionError as error:
        raise ValueError("not a frame: nested too deep") from error
    if not isinstance(header, dict) or not isinstance(items := header.pop("arrays", None), list):
        raise ValueError("not a frame: it lists no arrays")
    kinds = [_kind_and_shape(item) for item in items]
    size = sum(kind.itemsize * math.prod(shape) for kind, shape in kinds)
    if size > most_bytes:
        raise ValueError(f"it declares {size:,} bytes of arrays, more than the {most_bytes:,} that are read")
    return header, [_read_array(stream, kind, shape) for kind, shape in kinds]


def _kind_and_shape(item: object) -> tuple[np.dtype[Any], list[int]]:
    match item:
        case {"dtype": str(dtype), "shape": list(shape)} if dtype in _DTYPES and len(shape) <= _MOST_DIMENSIONS:
            if all(type(size) is int and 0 <= size < 1 << 63 for size in shape):
                return _DTYPES[dtype], shape
    raise ValueError("not a frame: an array without a known dtype and shape")


def _read_array(stream: BinaryIO, kind: np.dtype[Any], shape: list[int]) -> NDArray[Any]:
    return np.frombuffer(_read_exactly(stream, kind.itemsize * math.prod(shape)), dtype=kind).reshape(shape)


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
