"""Catch input that is scaled twice, or not at all, before an epoch is spent on it."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ...contract.errors import InputError
from ...contract.image.pixels import PixelContract
from ...contract.image.value_range_text import range_text
from ...contract.image.value_scalings import is_scaled_again

#: A batch of real images that uses less than this share of the contract's range was scaled once too often. Divided by
#: 255 twice, a batch uses 0.004 of it.
SMALLEST_SHARE = 0.05


def check_input_ranges(
    model: Any,
    pixels: PixelContract,
    expects: tuple[float, float],
    batch: NDArray[np.float32],
    augmentation: Iterable[Any] = (),
) -> None:
    """Follow the value range from the pipeline to the first convolution.

    Args:
        model: a Keras model; its Rescaling layers are followed from the input.
        pixels: the contract, which says the range that the pipeline should yield.
        expects: the range that the backbone's weights were trained on.
        batch: (batch, height, width, channel), pixels as the pipeline yields them, not augmented.
        augmentation: layers applied by the pipeline; those with a `value_range` must have the contract's.

    Raises:
        InputError: the pipeline yields another range than the contract's, an augmentation works in another one, or what
            arrives at the backbone is not what it expects.
    """
    _check_batch(batch, pixels)
    _check_augmentation(augmentation, pixels)
    arrives, steps = range_at_first_weights(model, pixels.value_range)
    if not np.allclose(arrives, expects, atol=0.01):
        shrunk = arrives[1] - arrives[0] < (expects[1] - expects[0]) / 2
        twice = shrunk or is_scaled_again(arrives, expects)
        raise InputError(
            "input is scaled twice" if twice else "input is scaled to another range than the backbone's",
            where=f"model {model.name!r}",
            expected=f"{range_text(*expects)} at the first convolution",
            received=f"{range_text(*arrives)}: pixels in {range_text(*pixels.value_range)} through "
            f"{', '.join(steps) or 'nothing'}",
            fix="scale once: build the backbone with include_preprocessing=False and one Rescaling, "
            "or let the pipeline yield [0, 255]",
        )


def range_at_first_weights(model: Any, value_range: tuple[float, float]) -> tuple[tuple[float, float], list[str]]:
    """Return the range that arrives at the first layer with weights, and the rescalings on the way.

    Args:
        model: a Keras model, functional or sequential, whose input passes one layer after the other up to that point.
        value_range: of the model's input.
    """
    (low, high), steps = value_range, []
    for layer in model.layers:
        if isinstance(layer, keras.layers.Rescaling):
            low, high = (float(np.ravel(layer.scale)[0]) * v + float(np.ravel(layer.offset)[0]) for v in (low, high))
            steps.append(f"Rescaling({np.ravel(layer.scale)[0]:.6g}, {np.ravel(layer.offset)[0]:.6g})")
        elif isinstance(layer, keras.Model):
            (low, high), inner = range_at_first_weights(layer, (low, high))
            return (low, high), steps + inner
        elif layer.weights:
            break
    return (low, high), steps


def _check_batch(batch: NDArray[np.float32], pixels: PixelContract) -> None:
    low, high = pixels.value_range
    least, most = float(batch.min()), float(batch.max())
    slack = (high - low) * 1e-3
    is_inside = low - slack <= least and most <= high + slack
    what = None
    if is_inside and most - least < (high - low) * SMALLEST_SHARE:
        what = "input is scaled twice"
    elif not is_inside:
        twice = is_scaled_again((least, most), (low, high))
        what = "input is scaled twice" if twice else "pixels are outside the contract's range"
    if what:
        raise InputError(
            what,
            where="data pipeline",
            expected=f"pixels in {range_text(low, high)}, as the contract says",
            received=f"a batch of {len(batch)} images in {range_text(least, most)}",
            fix="scale the images once, in the pipeline or in the model, and say which range the pipeline yields",
        )


def _check_augmentation(layers: Iterable[Any], pixels: PixelContract) -> None:
    for layer in layers:
        units = getattr(layer, "value_range", None)
        if units is not None and tuple(map(float, units)) != pixels.value_range:
            raise InputError(
                "augmentation works in another range than the images",
                where=layer.name,
                expected=f"value_range={range_text(*pixels.value_range)}",
                received=f"value_range={range_text(*units)}",
                fix=f"{type(layer).__name__}(..., value_range={pixels.value_range})",
            )
