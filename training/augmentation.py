"""Random changes of training images, in the units of the contract's value range."""

from typing import Any

import keras

from ..contract.pixels import PixelContract


def augmentation_layers(pixels: PixelContract, *, horizontal_flip: bool, seed: int) -> list[Any]:
    """Return the layers that change a batch of training images, in the order in which they are applied.

    Keras' RandomBrightness and RandomContrast work in [0, 255] unless told otherwise; on [0, 1] images that turns them
    black or blank (DESIGN.md, fact 2), so both get the contract's range.

    Args:
        pixels: the contract.
        horizontal_flip: mirror half of the images.
        seed: of the random numbers.
    """
    spread = {"fill_mode": "nearest", "seed": seed, "dtype": "float32"}
    units = {"value_range": pixels.value_range, "seed": seed, "dtype": "float32"}
    flip = [keras.layers.RandomFlip("horizontal", seed=seed, dtype="float32")] if horizontal_flip else []
    return [
        *flip,
        keras.layers.RandomRotation(0.04, **spread),  # of a full turn: 14 degrees either way
        keras.layers.RandomTranslation(0.08, 0.08, **spread),
        keras.layers.RandomZoom(0.1, **spread),
        keras.layers.RandomBrightness(0.15, **units),
        keras.layers.RandomContrast(0.2, **units),
    ]
