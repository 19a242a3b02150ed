"""The words between a session and its worker: a JSON header, then raw arrays. No pickle.

4 bytes   length of the header, little endian
header    JSON; "arrays" lists dtype and shape of each array that follows
arrays    the bytes of each, C order
"""

import json
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

#: Longest header that is read. A description of a large model takes some 50 kB.
MAX_HEADER_BYTES = 1 << 24


def write_frame(stream: BinaryIO, header: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Write one frame and flush."""
    shapes = [{"dtype": array.dtype.str, "shape": array.shape} for array in arrays]
    text = json.dumps(header | {"arrays": shapes}).encode()
    stream.write(struct.pack("<I", len(text)) + text)
    for array in arrays:
        stream.write(array.tobytes())
    stream.flush()


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Read one frame.

    Raises:
        EOFError: the other side is gone.
        ValueError: the bytes are not a frame.
    """
    (length,) = struct.unpack("<I", _read_exactly(stream, 4))
    if length > MAX_HEADER_BYTES:
        raise ValueError("not a frame")
    header = json.loads(_read_exactly(stream, length))
    return header, [_read_array(stream, **item) for item in header.pop("arrays")]


def _read_array(stream: BinaryIO, dtype: str, shape: list[int]) -> NDArray[Any]:
    kind = np.dtype(dtype)
    size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    return np.frombuffer(_read_exactly(stream, size), dtype=kind).reshape(shape)


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
