"""The usual mistakes with pixels that a model was given: each is undone in what is fed, to see whether it was made.

An artifact that divides by 255 what is divided already answers right for pixels that are 255 times as large. So every
mistake is an order in words and a function from the pixels of the contract to those that the artifact would need.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...contract.image.pixels import PixelContract
from ...contract.image.value_range_text import range_text
from ...contract.image.value_scalings import NORMALISATIONS, SCALINGS, Pixels

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
        *(InputMistake(f"input is scaled twice: it {one.does} {again}", one.undo) for one in SCALINGS),
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
    found = [
        InputMistake(f"input is normalised twice: it {one.does} {again}", made.undo)
        for one in NORMALISATIONS
        for made in (one, one.of_range(low, high))
    ]
    words = "input is not normalised: it takes pixels less ImageNet's means and divided by its spread"
    by_spread = NORMALISATIONS[0].of_range(low, high)
    return [*found, InputMistake(f"{words}, and the contract says {range_text(low, high)}", by_spread.apply)]


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


def _mapped(low: float, lowest: float, factor: float) -> Callable[[Pixels], Pixels]:
    return lambda x: (x - low) * factor + lowest
