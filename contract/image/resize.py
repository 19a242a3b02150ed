"""Bilinear resize with half-pixel centres and without antialias, as TFLite, ONNX, TF.js and tf.image.resize do it."""

import numpy as np
from numpy.typing import NDArray


def resize_bilinear(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.float32]:
    """Resize one image.

    Args:
        image: (height, width, channel), uint8.
        height: wanted, in pixels.
        width: wanted, in pixels.

    Returns:
        (height, width, channel), float32 in [0, 255]; the input itself, as float32, where the size is right already.

    References:
        tf.image.resize(method="bilinear", antialias=False), equal to it bit for bit
        (tests/contract/image/test_resize.py).
    """
    if image.shape[:2] == (height, width):
        return image.astype(np.float32)
    above, below, down = _neighbours(image.shape[0], height)
    left, right, across = _neighbours(image.shape[1], width)
    across, down = across[None, :, None], down[:, None, None]
    pixels = image.astype(np.float32)
    rows_above, rows_below = pixels[above], pixels[below]
    top = rows_above[:, left] + (rows_above[:, right] - rows_above[:, left]) * across
    bottom = rows_below[:, left] + (rows_below[:, right] - rows_below[:, left]) * across
    return top + (bottom - top) * down


def _neighbours(size: int, wanted: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """For each wanted position: the index before it, the index after it, and the weight of the one after, in [0, 1)."""
    scale = np.float32(size) / np.float32(wanted)
    position = (np.arange(wanted, dtype=np.float32) + np.float32(0.5)) * scale - np.float32(0.5)
    before = np.floor(position)
    lower = np.maximum(before, 0).astype(np.intp)
    upper = np.minimum(before + 1, size - 1).astype(np.intp)
    return lower, upper, position - before
