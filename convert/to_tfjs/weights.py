"""Weights as TensorFlow.js stores them: one manifest, and files of at most 4 MiB.

References:
    tfjs-core 4.22.0, dist/io/io_utils.js, decodeWeight: a quantized weight is value * scale + min.
    tensorflowjs 4.22.0, quantization.py: the range is moved so that 0 is one of the 256 values.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.errors import InputError

#: What browsers keep of one file in their cache; the size that tensorflowjs_converter takes by default, too.
SHARD_BYTES = 4 * 1024 * 1024
_INT32 = np.iinfo(np.int32)


def stored_weight(name: str, value: NDArray[Any], quantize: str | None) -> tuple[dict[str, Any], bytes]:
    """Return the manifest's entry of a weight, and its bytes in the file.

    Args:
        name: of the Const node.
        value: any shape.
        quantize: "float16" or "uint8" for float weights but vectors; None: float32.

    Raises:
        InputError: a data type, or a number, that TensorFlow.js does not have.
    """
    value = _as_known(name, value)
    entry: dict[str, Any] = {"name": name, "shape": list(value.shape), "dtype": _DTYPES[value.dtype.name]}
    is_vector = value.size == max(value.shape, default=1)  # few bytes, and every channel hangs on them
    if quantize is None or value.dtype != np.float32 or is_vector:
        return entry, _bytes(value)
    if quantize == "float16":
        return _half(entry, value)
    return _affine(entry, value)


def shards(data: bytes) -> dict[str, bytes]:
    """Return file name to content."""
    pieces = [data[start : start + SHARD_BYTES] for start in range(0, len(data), SHARD_BYTES)] or [b""]
    return {f"group1-shard{number}of{len(pieces)}.bin": piece for number, piece in enumerate(pieces, 1)}


_DTYPES = {"float32": "float32", "int32": "int32", "bool": "bool"}


def _as_known(name: str, value: NDArray[Any]) -> NDArray[Any]:
    """Return the value in a data type of TensorFlow.js, where it has one that holds all of it."""
    if value.dtype.name in _DTYPES:
        return value
    if value.dtype == np.float16:
        return value.astype(np.float32)
    if value.dtype.kind in "iu" and (not value.size or (_INT32.min <= value.min() and value.max() <= _INT32.max)):
        return value.astype(np.int32)
    raise InputError(
        "TensorFlow.js has no such weight",
        where=name,
        expected="float32, int32, bool, or whole numbers that int32 holds",
        received=value.dtype.name,
        fix="build the layer under the float32 policy",
    )


def _half(entry: dict[str, Any], value: NDArray[Any]) -> tuple[dict[str, Any], bytes]:
    with np.errstate(over="ignore"):
        half = value.astype(np.float16)
    if not np.isfinite(half).all():
        largest = np.abs(value).max()
        raise InputError(
            "float16 does not hold a weight",
            where=entry["name"],
            expected="-65504 to 65504",
            received=f"{largest:g}",
            fix="drop --quantize-weights float16",
        )
    return entry | {"quantization": {"dtype": "float16", "original_dtype": "float32"}}, _bytes(half)


def _affine(entry: dict[str, Any], value: NDArray[Any]) -> tuple[dict[str, Any], bytes]:
    if not np.isfinite(value).all():
        raise InputError("a weight is no finite number", where=entry["name"], fix="train again: its loss was NaN")
    least, most = float(min(value.min(initial=0), 0)), float(max(value.max(initial=0), 0))
    scale = (most - least) / 255 or 1.0
    zero = round(-least / scale)
    codes = np.clip(np.rint(value.astype(np.float64) / scale) + zero, 0, 255).astype(np.uint8)
    facts = {"dtype": "uint8", "min": -zero * scale, "scale": scale, "original_dtype": "float32"}
    return entry | {"quantization": facts}, _bytes(codes)


def _bytes(value: NDArray[Any]) -> bytes:
    return value.astype(value.dtype.newbyteorder("<")).tobytes()
