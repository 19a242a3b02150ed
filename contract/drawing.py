"""The drawing part of a contract: how ink on a canvas becomes an image like those that the model was trained on.

For canvases only. Image files, those of the data set and those that a user opens, are never cropped, centred or
inverted: they enter the model as `decode.py` and `resize.py` say, whatever stands here.
"""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .field_types import check_field_types

INKS = ("light_on_dark", "dark_on_light")

#: Largest side of a framed drawing in pixels, and of a canvas: so all sums stay whole numbers in JavaScript, too.
MAX_SIDE = 1024
MAX_CANVAS_SIDE = 4096

#: Ink is taken to be at least this share of the canvas wide or high, so that a dot does not become a blot.
SMALLEST_SHARE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What training images of drawings look like.

    Attributes:
        ink: "light_on_dark" or "dark_on_light": the polarity of the training images.
        margin: empty border around the ink's bounding box, whose centre is the image's; fraction of the side, in
            [0, 0.45].
        stroke: width of a line; fraction of the side, in (0, 0.5]. The page draws with it.
        grid: cells a side in which the training images hold ink: each is the mean of what it covers, one grey.
        side: pixels a side of the square image file that this makes; a multiple of `grid`, at most MAX_SIDE.
    """

    ink: str
    margin: float
    stroke: float
    grid: int
    side: int

    def __post_init__(self) -> None:
        check_field_types(self, "contract, drawing", ink=str, grid=int, side=int)
        for name in ("margin", "stroke"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise InputError(f"contract: {name} of drawings is no number", received=repr(value))
            object.__setattr__(self, name, float(value))
        sizes = 1 <= self.grid <= self.side <= MAX_SIDE and self.side % self.grid == 0
        if self.ink not in INKS or not 0 <= self.margin <= 0.45 or not 0 < self.stroke <= 0.5 or not sizes:
            raise InputError(
                "contract: drawing is not supported",
                expected=f"ink {' or '.join(INKS)}; margin 0 to 0.45; stroke above 0, to 0.5; "
                f"side, at most {MAX_SIDE}, a multiple of grid",
                received=asdict(self),
            )

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> "Drawing":
        """Read what `to_json` wrote; raises InputError on other keys or values."""
        names = {field.name for field in fields(cls)}
        if not isinstance(value, dict) or set(value) != names:
            raise InputError("contract: drawing keys differ", expected=sorted(names), received=value)
        return cls(**value)


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
    return np.maximum(0, np.minimum(pixel + grid, cell + size) - np.maximum(pixel, cell))
