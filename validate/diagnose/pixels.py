"""The usual mistakes with pixels inside an artifact, which cannot be undone in what is fed: each is made on purpose.

They are made on what a network takes, after decoding and resizing. An artifact that makes one answers as its network
does to pixels that were changed so.
"""

from collections.abc import Callable, Iterator

import numpy as np

from ...contract.image.pixels import PixelContract
from ...contract.image.value_range_text import range_text
from ...contract.image.value_scalings import NORMALISATIONS, SCALINGS, Pixels
from .inputs import RANGES, InputMistake, arrangements, different

#: How bright red, green and blue are: ITU-R BT.601, as rounded in tf.image.rgb_to_grayscale of TensorFlow 2.21.
_LUMA = np.array([0.2989, 0.587, 0.114])

#: Less than what dividing by 256 for 255 makes.
_NEAR = 1e-4

#: What is tried, in words.
KINDS = ("value range", "channels", "turned or mirrored images", "grey")


def pixel_mistakes(taken: PixelContract, does: str = "takes") -> list[InputMistake]:
    """Return the mistakes whose `change` makes them, of pixels (n, height, width, channel) in the contract's range.

    Args:
        taken: what the network takes: float32 pixels of its own size.
        does: see `arrangements`.

    """
    made = [*_scaled_again(taken), *_ranges(taken), *arrangements(taken, does)]
    if taken.channels == 3:
        made += [*_normalised(taken), *_grey(taken)]
    return different(made, taken, _NEAR)


def _scaled_again(taken: PixelContract) -> Iterator[InputMistake]:
    low, high = taken.value_range
    twice = f"input is scaled twice: inside, pixels that are in {range_text(low, high)} already are"
    for one in SCALINGS:
        yield InputMistake(f"{twice} {one.done}", one.apply)


def _ranges(taken: PixelContract) -> Iterator[InputMistake]:
    low, high = taken.value_range

    def put_in(lowest: float, highest: float, words: str) -> InputMistake:
        return InputMistake(words, lambda x: (x - low) * ((highest - lowest) / (high - low)) + lowest)

    for lowest, highest in RANGES:
        what = "is not scaled" if highest - lowest > 10 * (high - low) else "has another value range"
        gets = f"the network gets pixels in {range_text(lowest, highest)}, and the contract says"
        yield put_in(lowest, highest, f"input {what}: inside, {gets} {range_text(low, high)}")
    step = (high - low) / 256
    yield put_in(low, high - step, "input has another value range: inside, pixels are divided by 256, not by 255")
    yield put_in(high, low, f"input is inverted: inside, black becomes {high:g} and white {low:g}")


def _normalised(taken: PixelContract) -> Iterator[InputMistake]:
    low, high = taken.value_range
    again = f"pixels in {range_text(low, high)}, which the contract says are enough"
    for one in NORMALISATIONS:
        for made in (one, one.of_range(low, high)):
            yield InputMistake(f"input is normalised twice: inside, {one.done} {again}", made.apply)


def _grey(taken: PixelContract) -> list[InputMistake]:
    def by(weights: Pixels) -> Callable[[Pixels], Pixels]:
        return lambda x: np.broadcast_to((x @ weights)[..., None], x.shape)

    words = "images are made grey inside"
    return [InputMistake(words, by(_LUMA)), InputMistake(f"{words}, by the mean of R, G and B", by(np.full(3, 1 / 3)))]
