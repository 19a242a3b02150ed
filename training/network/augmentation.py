"""Random changes of training images, in the units of the contract's value range."""

from itertools import count
from typing import Any

import keras

from ...contract.image.pixels import PixelContract


def augmentation_layers(pixels: PixelContract, *, horizontal_flip: bool, seed: int) -> list[Any]:
    """Return the layers that change a batch of training images, in the order in which they are applied.

    Keras' RandomBrightness and RandomContrast work in [0, 255] unless told otherwise; on [0, 1] images that turns them
    black or blank (DESIGN.md, fact 2), so both get the contract's range.

    Args:
        pixels: the contract.
        horizontal_flip: mirror half of the images.
        seed: of the random numbers.
    """
    seeds = count(seed)  # one each: layers with the same seed draw the same numbers, image by image
    spread = {"fill_mode": "nearest", "dtype": "float32"}
    units = {"value_range": pixels.value_range, "dtype": "float32"}
    flip = [keras.layers.RandomFlip("horizontal", seed=next(seeds), dtype="float32")] if horizontal_flip else []
    return [
        *flip,
        keras.layers.RandomRotation(0.04, seed=next(seeds), **spread),  # of a full turn: 14 degrees either way
        keras.layers.RandomTranslation(0.08, 0.08, seed=next(seeds), **spread),
        keras.layers.RandomZoom(0.1, seed=next(seeds), **spread),
        keras.layers.RandomBrightness(0.15, seed=next(seeds), **units),
        keras.layers.RandomContrast(0.2, seed=next(seeds), **units),
    ]
