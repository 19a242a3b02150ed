"""The usual mistakes with pixels that a model was given: each is undone in what is fed, to see whether it was made.

An artifact that divides by 255 what is divided already answers right for pixels that are 255 times as large. So every
mistake is an order in words and a function from the pixels of the contract to those that the artifact would need.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.image.pixels import PixelContract
from ...contract.image.value_range_text import range_text

Pixels = NDArray[Any]

#: What ImageNet models are often given: mean and standard deviation of R, G and B in [0, 1]; the means of B, G and R in
#: [0, 255]. Both as in keras.applications.imagenet_utils of Keras 3.15 ("torch" and "caffe"), read on 2026-11-21.
MEAN, SPREAD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
BGR_MEAN = np.array([103.939, 116.779, 123.68])

#: Ranges that models take.
RANGES = ((0.0, 255.0), (0.0, 1.0), (-1.0, 1.0), (-0.5, 0.5), (-128.0, 127.0))


@dataclass(frozen=True, slots=True)
class InputMistake:
    """One mistake.

    Attributes:
        words: what the artifact does wrong.
        change: of (n, height, width, channel) as the contract says: undoes the mistake, or makes it; see who made this.

    """

    words: str
    change: Callable[[Pixels], Pixels]


def input_mistakes(taken: PixelContract) -> list[InputMistake]:
    """Return the mistakes that can be undone in pixels of this form; each gives other pixels than the ones before."""
    mistakes = [*arrangements(taken), *_planes(taken)]
    if taken.preprocessing == "in_graph":  # 8 bits hold no other range
        return mistakes
    return different([*_scaled_again(taken), *_ranges(taken), *_normalised(taken), *mistakes], taken)


def kinds_of(taken: PixelContract) -> tuple[str, ...]:
    """Return in words what kinds of mistakes `input_mistakes` are."""
    kinds = ("channels",) if taken.channels == 3 else ()
    return (*(() if taken.preprocessing == "in_graph" else ("value range",)), *kinds, "turned or mirrored images")


def feed(pixels: Pixels, mistake: InputMistake, taken: PixelContract) -> Pixels:
    """Return a batch with the mistake's change, in the layout and data type of the contract."""
    is_nchw = taken.layout == "NCHW"
    batch = pixels.transpose(0, 2, 3, 1) if is_nchw else pixels
    changed = mistake.change(batch).astype(pixels.dtype)
    return np.ascontiguousarray(changed.transpose(0, 3, 1, 2) if is_nchw else changed)


def _scaled_again(taken: PixelContract) -> list[InputMistake]:
    low, high = taken.value_range
    again = f"pixels that come in {range_text(low, high)} already, as the contract says"
    return [
        InputMistake(f"input is scaled twice: it divides by 255 {again}", lambda x: x * 255),
        InputMistake(f"input is scaled twice: it divides by 127.5 and subtracts 1 from {again}", _undo_127),
        InputMistake(f"input is scaled twice: it doubles and subtracts 1 from {again}", lambda x: (x + 1) / 2),
        InputMistake(f"input is scaled back: it multiplies by 255 {again}", lambda x: x / 255),
    ]


def _ranges(taken: PixelContract) -> list[InputMistake]:
    low, high = taken.value_range
    found = []
    for lowest, highest in RANGES:
        factor, text = (highest - lowest) / (high - low), range_text(lowest, highest)
        what = "is not scaled" if factor < 0.1 else "is scaled twice" if factor > 10 else "has another value range"
        words = f"input {what}: it takes pixels in {text}, and the contract says {range_text(low, high)}"
        found.append(InputMistake(words, _mapped(low, lowest, factor)))
    words = f"input is inverted: it takes black as {high:g} and white as {low:g}"
    return [*found, InputMistake(words, _mapped(low, high, -1.0))]


def _normalised(taken: PixelContract) -> list[InputMistake]:
    if taken.channels != 3:
        return []
    low, high = taken.value_range
    again = f"pixels in {range_text(low, high)}, which the contract says are enough"

    def undo_torch(x: Pixels) -> Pixels:
        unit = MEAN + SPREAD * x
        return np.asarray(unit)

    def undo_caffe(x: Pixels) -> Pixels:
        return np.asarray((x + BGR_MEAN)[..., ::-1])

    return [
        InputMistake(
            f"input is normalised twice: it subtracts ImageNet's means and divides by its spread {again}", undo_torch
        ),
        InputMistake(
            f"input is normalised twice: it swaps the channels and subtracts ImageNet's means {again}", undo_caffe
        ),
        InputMistake(
            f"input is not normalised: it takes pixels less ImageNet's means and divided by its spread, and the "
            f"contract says {range_text(low, high)}",
            lambda x: ((x - low) / (high - low) - MEAN) / SPREAD,
        ),
    ]


def arrangements(taken: PixelContract, does: str = "takes") -> list[InputMistake]:
    """Return the mistakes in the order of pixels that undo themselves: made twice, they are none.

    Args:
        taken: the form of the pixels.
        does: "takes", or what else an artifact does with images.

    """
    found = []
    if taken.channels == 3:
        words = f"colour channels are swapped: it {does} BGR, and the contract says RGB"
        found.append(InputMistake(words, lambda x: x[..., ::-1]))
    if taken.height == taken.width or taken.preprocessing == "in_graph":
        words = f"height and width are exchanged: it {does} images that lie on their side"
        found.append(InputMistake(words, lambda x: x.transpose(0, 2, 1, 3)))
    found.append(InputMistake(f"images are upside down: it {does} the last row first", lambda x: x[:, ::-1]))
    found.append(InputMistake(f"images are mirrored: it {does} the last column first", lambda x: x[:, :, ::-1]))
    return found


def _planes(taken: PixelContract) -> list[InputMistake]:
    if taken.channels != 3 or taken.preprocessing == "in_graph":
        return []
    words = "channels are not where the contract has them: it reads one whole channel after the other"
    return [InputMistake(words, lambda x: np.ascontiguousarray(x.transpose(0, 3, 1, 2)).reshape(x.shape))]


def different(mistakes: list[InputMistake], taken: PixelContract, near: float = 0.01) -> list[InputMistake]:
    """Keep the first of those that come to the same, but for a share `near`; a range of its own is none."""
    low, high = taken.value_range
    sides = np.linspace(low, high, 4 * 4 * taken.channels).reshape(1, 4, 4, taken.channels)
    seen, kept = [sides], []
    for mistake in mistakes:
        made = mistake.change(sides)
        if not any(np.allclose(made, other, rtol=near, atol=near / 5 * float(np.ptp(other))) for other in seen):
            seen.append(made)
            kept.append(mistake)
    return kept


def _undo_127(x: Pixels) -> Pixels:
    return np.asarray((x + 1) * 127.5)


def _mapped(low: float, lowest: float, factor: float) -> Callable[[Pixels], Pixels]:
    return lambda x: (x - low) * factor + lowest
