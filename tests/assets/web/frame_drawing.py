"""Crop, centre and invert what is drawn on a canvas, as the contract's drawing part says: page/drawing.js in NumPy."""

import math

import numpy as np
from modelport.contract.errors import InputError
from modelport.contract.image.drawing import Drawing
from numpy.typing import NDArray

#: Largest side of a canvas in pixels: so all sums stay whole numbers in JavaScript, too.
MAX_CANVAS_SIDE = 4096

#: Ink is taken to be at least this part of the canvas wide or high, so that a dot does not become a blot.
SMALLEST_SHARE = 4


def frame_drawing(ink: NDArray[np.uint8], drawing: Drawing) -> NDArray[np.uint8]:
    """Make the image that a data set would hold of a drawing: cropped, centred, in its grid, in its polarity.

    All arithmetic is on integers, but for one division in double precision: assets/web/page/drawing.js does the same in
    the same order, and gives the same bytes.

    Args:
        ink: (height, width) uint8, how much of each pixel of a canvas is covered, 255: all of it.
        drawing: what training images look like.

    Returns:
        (side, side, 3) uint8; without ink the empty background.

    Raises:
        InputError: a canvas of another dtype or shape, or larger than MAX_CANVAS_SIDE.
    """
    if ink.ndim != 2 or ink.dtype != np.uint8 or not 0 < min(ink.shape) <= max(ink.shape) <= MAX_CANVAS_SIDE:
        expected = f"(height, width) uint8, sides of 1 to {MAX_CANVAS_SIDE}"
        raise InputError("not a canvas", expected=expected, received=f"{ink.shape} {ink.dtype}")
    cells = np.zeros((drawing.grid, drawing.grid), dtype=np.int64)
    if ink.any():
        top, left, size = frame_of(ink, drawing)
        rows = _cover(ink.shape[0], top, size, drawing.grid)
        columns = _cover(ink.shape[1], left, size, drawing.grid)
        area = size * size
        cells = (2 * (rows @ ink.astype(np.int64) @ columns.T) + area) // (2 * area)
    grey = cells if drawing.ink == "light_on_dark" else 255 - cells
    block = drawing.side // drawing.grid
    image = np.repeat(np.repeat(grey, block, axis=0), block, axis=1).astype(np.uint8)
    return np.repeat(image[:, :, None], 3, axis=2)


def frame_of(ink: NDArray[np.uint8], drawing: Drawing) -> tuple[int, int, int]:
    """Return top, left and size, in pixels of the canvas, of the square that becomes the image; it may reach beyond."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    top, bottom, left, right = (int(end) for end in (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1))
    longest = max(bottom - top, right - left, -(-min(ink.shape) // SMALLEST_SHARE))
    size = math.floor(longest / (1 - 2 * drawing.margin) + 0.5)
    return (top + bottom - size) // 2, (left + right - size) // 2, size


def _cover(pixels: int, start: int, size: int, grid: int) -> NDArray[np.int64]:
    """Return (grid, pixels): how much of each pixel lies in each cell of `size` pixels from `start`, in 1/grid."""
    pixel = (np.arange(pixels, dtype=np.int64)[None, :] - start) * grid
    cell = np.arange(grid, dtype=np.int64)[:, None] * size
    shared: NDArray[np.int64] = np.minimum(pixel + grid, cell + size) - np.maximum(pixel, cell)
    return np.maximum(0, shared, out=shared)
