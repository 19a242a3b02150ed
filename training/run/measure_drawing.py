"""Measure how the drawings of a data set are framed: margin, width of a line, grid and side. Polarity is given."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract.dataset.even_choice import choose_evenly
from ...contract.dataset.prepared_dataset import LabelledImage
from ...contract.errors import InputError
from ...contract.image.decode import read_image
from ...contract.image.drawing import MAX_SIDE, Drawing
from ...contract.image.pixels import PixelContract

#: Images that are measured; the median of each quantity counts.
SAMPLE = 400

#: Ink begins at a quarter of full ink: the grain of paper and the ringing of JPEG stay below.
INK_LEVEL = 64

#: Cells blur lines: a line looks wider than it is, by this part of a cell, as squares add. Fitted to lines of known
#: widths in grids of 8 to 64; from 0.8 cells on the result is right to 0.3
#: (tests/training/run/test_measure_drawing.py).
BLUR_CELLS = 0.8

GREY = PixelContract(channels=1)


def measure_drawing(images: Sequence[LabelledImage], classes: int, option: str) -> Drawing:
    """Return the contract's drawing part for training images of drawings.

    Args:
        images: of the training split, square, of one size (or nearly: the median counts).
        classes: number of labels.
        option: "light-on-dark" or "dark-on-light", as the user says; held against the images' borders.

    Raises:
        InputError: the polarity is the other one, or the images are not square, empty or too large.
    """
    chosen = [image.path for image in choose_evenly(images, classes, SAMPLE, seed=0)]
    ink = option.replace("-", "_")
    covered = [_coverage(path, ink) for path in chosen]
    _check_square(covered, chosen[0].parent)
    _check_polarity(covered, option, chosen[0].parent)
    side = int(np.median([one.shape[0] for one in covered]))
    if side > MAX_SIDE:
        fix = f"scale the images to {MAX_SIDE} pixels or fewer"
        raise InputError("drawings are too large", where=chosen[0].parent, received=f"{side} pixels a side", fix=fix)
    drawn = [one for one in covered if (one >= INK_LEVEL).any()]
    if not drawn:
        raise InputError("drawings hold no ink", where=chosen[0].parent, expected=f"ink that is {option}")
    grid = side // _block(covered, side)
    return Drawing(
        ink=ink,
        margin=round(min(0.45, float(np.median([_margin(one) for one in drawn]))), 4),
        stroke=round(min(0.5, float(np.median([_stroke(one, grid) for one in drawn]))), 4),
        grid=grid,
        side=side,
    )


def _coverage(path: Path, ink: str) -> NDArray[np.int64]:
    """Return (height, width) in 0 to 255: how much ink lies in each pixel."""
    grey = read_image(path, GREY)[:, :, 0].astype(np.int64)
    return grey if ink == "light_on_dark" else 255 - grey


def _check_square(covered: list[NDArray[np.int64]], where: Path) -> None:
    other = [one.shape for one in covered if abs(one.shape[0] - one.shape[1]) > 0.05 * max(one.shape)]
    if len(other) > len(covered) / 20:
        raise InputError(
            "drawings are not square: a framed canvas is",
            where=where,
            received=f"{len(other)} of {len(covered)} are not; one is {other[0][1]} x {other[0][0]} pixels",
            fix="pad the images to squares, or drop --drawing",
        )


def _check_polarity(covered: list[NDArray[np.int64]], option: str, where: Path) -> None:
    """Hold what the user says against the images' borders, which show the background."""
    borders = [np.concatenate([one[0], one[-1], one[:, 0], one[:, -1]]) for one in covered]
    median = float(np.median(np.concatenate(borders)))
    if median >= 128:
        other = "dark-on-light" if option == "light-on-dark" else "light-on-dark"
        grey = median if option == "light-on-dark" else 255 - median
        raise InputError(
            "drawings have the other polarity",
            where=where,
            expected=f"{option}, as --drawing says",
            received=f"borders of grey {grey:.0f} of 255",
            fix=f"--drawing {other}",
        )


def _margin(covered: NDArray[np.int64]) -> float:
    """Return what is left on each side of the bounding box's longer side, as a fraction of the image's."""
    ink = covered >= INK_LEVEL
    longest = max(int(np.ptp(np.flatnonzero(ink.any(axis=axis)))) + 1 for axis in (0, 1))
    side: int = max(covered.shape)
    return max(0.0, (side - longest) / 2 / side)


def _stroke(covered: NDArray[np.int64], grid: int) -> float:
    """Return the width of a line, as a fraction of the side: twice the ink's area by the length of its outline.

    The outline is the image's total variation. Along rows and columns it is longer than in truth, by 4/pi over all
    directions (Cauchy and Crofton).
    """
    padded = np.pad(covered, 1)
    outline = float(np.abs(np.diff(padded, axis=0)).sum() + np.abs(np.diff(padded, axis=1)).sum())
    looks = 2 * float(covered.sum()) / (outline * math.pi / 4) / max(covered.shape)
    sharp: float = max(looks**2 - (BLUR_CELLS / grid) ** 2, (looks / 2) ** 2)
    return math.sqrt(sharp)


def _block(covered: list[NDArray[np.int64]], side: int) -> int:
    """Return the side of the largest blocks of one grey that all images are made of: 1 for most data."""
    if any(one.shape != (side, side) for one in covered):
        return 1
    stack = np.stack(covered)
    for block in (size for size in range(side, 1, -1) if side % size == 0):
        first = stack[:, ::block, ::block]
        if np.array_equal(np.repeat(np.repeat(first, block, axis=1), block, axis=2), stack):
            return block
    return 1
