"""Small pictures of the images that artifacts answer otherwise, for the page. They are made while the images are there.

They show what was judged: the image as the contract decodes it, in its own shape.
"""

import io
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract.errors import InputError
from ...contract.image.decode import read_image
from ...contract.image.pixels import PixelContract
from ..findings.outcome import Outcome
from ..scores.head_scores import ClassificationScores

#: Flips that the page shows of one head of one artifact.
SHOWN_FLIPS = 12
#: Longest side in pixels, on the page at most 96 CSS pixels wide: sharp on a telephone's screen, too.
LONGEST_SIDE = 160
#: All thumbnails together. A page of this size is still opened by every mail program and browser at once.
MOST_BYTES = 3_000_000


def thumbnails_of(outcomes: Iterable[Outcome], paths: Mapping[str, Path], contract: PixelContract) -> dict[str, bytes]:
    """Return image name to a small JPEG or PNG, whichever is smaller, of the flips that the page shows.

    An image that can no longer be read has none.

    Args:
        outcomes: of the artifacts.
        paths: image name to its file.
        contract: how files are decoded.

    """
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    for name in _shown(outcomes):
        if name in found or name not in paths:
            continue
        with suppress(InputError):
            data = _small(read_image(paths[name], contract))
            if len(data) <= left:
                left -= len(data)
                found[name] = data
    return found


def _shown(outcomes: Iterable[Outcome]) -> Iterable[str]:
    for outcome in outcomes:
        for scores in outcome.doors.get(outcome.worst_door or "", ()):
            if isinstance(scores, ClassificationScores) and scores.parity:
                yield from (flip.image for flip in scores.parity.flips[:SHOWN_FLIPS])


def _small(pixels: NDArray[np.uint8]) -> bytes:
    """Return (height, width, 3 or 1) uint8 as a file."""
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    files = []
    for kind in ("PNG", "JPEG"):
        file = io.BytesIO()
        image.save(file, format=kind, optimize=True, quality=80)
        files.append(file.getvalue())
    return min(files, key=len)
