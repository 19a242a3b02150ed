"""The usual ways to scale pixels for a network; applied to pixels that need none, each is a usual mistake.

Whoever looks for that mistake takes its rows from here: training, and both diagnoses of an artifact.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]

#: What ImageNet models are often given: mean and standard deviation of R, G and B in [0, 1]; the means of B, G and R in
#: [0, 255]. Both as in keras.applications.imagenet_utils of Keras 3.15 ("torch" and "caffe"), read on 2026-11-21.
MEAN, SPREAD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
BGR_MEAN = np.array([103.939, 116.779, 123.68])


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """One way to scale pixels (..., channel).

    Attributes:
        does: what somebody does who scales so, up to the word "pixels".
        done: what then happens to pixels, after the word "are" or as a clause of its own.
        takes: the lowest and the highest pixel that it is meant for.
        apply: the scaling.
        undo: its inverse.
    """

    does: str
    done: str
    takes: tuple[float, float]
    apply: Callable[[Pixels], Pixels]
    undo: Callable[[Pixels], Pixels]

    def of_range(self, low: float, high: float) -> "Scaling":
        """Return the scaling of pixels in [low, high], which are brought to the range that it takes before."""
        least, most = self.takes
        factor = (most - least) / (high - low)
        return replace(
            self,
            takes=(low, high),
            apply=lambda x: self.apply((x - low) * factor + least),
            undo=lambda x: (self.undo(x) - least) / factor + low,
        )


SCALINGS = (
    Scaling(
        does="divides by 255",
        done="divided by 255 again",
        takes=(0.0, 255.0),
        apply=lambda x: x / 255,
        undo=lambda x: x * 255,
    ),
    Scaling(
        does="divides by 127.5 and subtracts 1 from",
        done="divided by 127.5 again, less 1",
        takes=(0.0, 255.0),
        apply=lambda x: x / 127.5 - 1,
        undo=lambda x: (x + 1) * 127.5,
    ),
    Scaling(
        does="doubles and subtracts 1 from",
        done="doubled, less 1",
        takes=(0.0, 1.0),
        apply=lambda x: x * 2 - 1,
        undo=lambda x: (x + 1) / 2,
    ),
)

#: The same for three channels, R, G and B.
NORMALISATIONS = (
    Scaling(
        does="subtracts ImageNet's means and divides by its spread",
        done="ImageNet's means are subtracted, and its spread divided, from",
        takes=(0.0, 1.0),
        apply=lambda x: (x - MEAN) / SPREAD,
        undo=lambda x: MEAN + SPREAD * x,
    ),
    Scaling(
        does="swaps the channels and subtracts ImageNet's means",
        done="the channels are swapped and ImageNet's means subtracted from",
        takes=(0.0, 255.0),
        apply=lambda x: x[..., ::-1] - BGR_MEAN,
        undo=lambda x: (x + BGR_MEAN)[..., ::-1],
    ),
)


def is_scaled_again(arrives: tuple[float, float], value_range: tuple[float, float]) -> bool:
    """Say whether a range is what most of `value_range` becomes when one of SCALINGS is applied to it."""
    (low, high), slack = value_range, (value_range[1] - value_range[0]) * 1e-3
    for scaling in SCALINGS:
        least, most = scaling.undo(np.array(arrives))
        if low - slack <= least and most <= high + slack and most - least > (high - low) / 2:
            return True
    return False
