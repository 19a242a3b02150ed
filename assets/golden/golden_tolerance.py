"""How far the answers of another device may be from those of a golden vector, and where each number comes from."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.labels.heads import Head
from .repeated_chroma import decode_repeating_chroma

Asked = Callable[[NDArray[np.uint8]], dict[str, NDArray[np.float32]]]

#: Steps of float32 by which the input of another program may differ; see golden.json.
INPUT_STEPS = 8

#: Two steps of an int8 softmax: TFLite gives every one the scale 1/256 (its quantization specification, SOFTMAX).
_INT8_STEPS = 2 / 256

#: A regression's values have a unit: where no budget says more, the thousandth part of the largest answer.
_REGRESSION_PART = 0.001

_DRAWS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegTolerance:
    """What another JPEG decoder may change.

    Attributes:
        mean_levels, max_levels: difference of the pixels of two decoders, in grey levels.
        mean_levels_tolerance: how far the pixels of another decoder may be off in the mean: twice that, and one level
            of rounding. Exchanged colours are further off in any picture that has some.
        change: head name to the largest change of an answer between them.
        tolerances: head name to tolerance.
        because: how they were derived.
    """

    mean_levels: float
    max_levels: int
    mean_levels_tolerance: float
    change: dict[str, float]
    tolerances: dict[str, float]
    because: str

    def to_json(self) -> dict[str, Any]:
        """Return what golden.json says of it, besides the tolerances."""
        value = asdict(self)
        del value["tolerances"]
        return value


def answer_tolerances(
    images: Sequence[NDArray[np.uint8]], asked: Asked, heads: Sequence[Head], budget: float | None
) -> tuple[dict[str, float], str]:
    """Return head name to how far an answer to the same pixels may be off, and a sentence that says why.

    Args:
        images: (height, width, channel) uint8 each.
        asked: answers one image.
        heads: of the artifact.
        budget: largest probability difference that DESIGN.md allows its recipe; None: it names none (int8).
    """
    if budget is not None:
        because = f"{budget:g}: the largest probability difference that the artifact's recipe may have (DESIGN.md)"
        return {head.name: _scaled(head, images, asked, budget) for head in heads}, because
    change = _largest_change(images, asked, heads)
    because = (
        "an int8 recipe has no budget of this kind: the largest change of an answer when every value of the picture "
        "moves by up to one grey level, as another kernel's rounding moves it by one step; at least two steps of an "
        "int8 softmax, 2/256"
    )
    return {head.name: max(change[head.name], _scaled(head, images, asked, _INT8_STEPS)) for head in heads}, because


def jpeg_tolerances(
    encoded: bytes, image: NDArray[np.uint8], asked: Asked, heads: Sequence[Head], tolerances: dict[str, float]
) -> JpegTolerance:
    """Return how far the answers may be off where another decoder reads the JPEG.

    Args:
        encoded: the JPEG, 4:2:0; of one component where the model takes grey.
        image: as the contract's decoder reads it.
        asked: answers one image.
        heads: of the artifact.
        tolerances: of the same pixels.
    """
    other = decode_repeating_chroma(encoded) if image.shape[2] == 3 else image
    own = asked(image)
    moved = [other, *(_moved(other, seed) for seed in range(_DRAWS))]
    answers = [asked(one) for one in moved]
    change = {head.name: max(_distance(answer, own, head) for answer in answers) for head in heads}
    levels = np.abs(other.astype(int) - image.astype(int))
    return JpegTolerance(
        mean_levels=round(float(levels.mean()), 3),
        max_levels=int(levels.max()),
        change=change,
        tolerances={name: tolerances[name] + 2 * change[name] for name in change},
        mean_levels_tolerance=round(2 * float(levels.mean()) + 1, 3),
        because="twice the largest change of an answer when a decoder repeats chroma where libjpeg blends it (as "
        "package:image of Dart does) and rounds otherwise by up to one grey level; plus the tolerance of equal pixels",
    )


def _largest_change(images: Sequence[NDArray[np.uint8]], asked: Asked, heads: Sequence[Head]) -> dict[str, float]:
    change = dict.fromkeys((head.name for head in heads), 0.0)
    for image in images:
        own = asked(image)
        for seed in range(_DRAWS):
            moved = asked(_moved(image, seed))
            change = {head.name: max(change[head.name], _distance(moved, own, head)) for head in heads}
    return change


def _moved(image: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """Return the image with every value moved by -1, 0 or 1."""
    step = np.random.default_rng(seed).integers(-1, 2, image.shape)
    return np.clip(image.astype(int) + step, 0, 255).astype(np.uint8)


def _distance(one: dict[str, NDArray[np.float32]], other: dict[str, NDArray[np.float32]], head: Head) -> float:
    return float(np.abs(one[head.name] - other[head.name]).max())


def _scaled(head: Head, images: Sequence[NDArray[np.uint8]], asked: Asked, fraction: float) -> float:
    """Return a tolerance of probabilities, or for a regression the same part of its values."""
    if head.kind == "classification":
        return fraction
    largest = max(float(np.abs(asked(image)[head.name]).max()) for image in images)
    return max(fraction, _REGRESSION_PART) * max(largest, 1.0)
