"""The pixel contract as TensorFlow operators: for training's input pipeline and for graphs that take file bytes.

Equal to contract/image/decode.py for plain JPEG and PNG files (tests/runtimes/tf_graph/test_graph_pixels.py), but for
colour files of a model that takes grey ones: TensorFlow rounds grey otherwise than Pillow, by one step of 255.
"""

from typing import Any

import tensorflow as tf

from ...contract.image.pixels import PixelContract


def decode(contents: Any, contract: PixelContract) -> Any:
    """Decode a scalar string tensor, a JPEG or PNG file, to (height, width, channel) uint8. EXIF is ignored.

    The operator is DecodeJpeg, which TensorFlow 1 clients know; its INTEGER_ACCURATE method equals Pillow bit for bit.
    """
    return tf.image.decode_jpeg(contents, channels=contract.channels, dct_method="INTEGER_ACCURATE")


def to_pixels(image: Any, contract: PixelContract) -> Any:
    """Bring (height, width, channel) uint8 into the contract's form, as contract.image.decode.to_pixels does."""
    if contract.preprocessing == "in_graph":
        return image
    return _rescale(_resize(image, contract), (0.0, 255.0), contract.value_range)


def as_trained(pixels: Any, taken: PixelContract, trained: PixelContract) -> Any:
    """Bring a batch in the form that an artifact takes into the form that its model was trained on.

    Args:
        pixels: (batch, height, width, channel), or as the layout of `taken` says.
        taken: of the artifact.
        trained: of the model.

    Returns:
        (batch, height, width, channel) float32; `pixels` itself where both are the same.
    """
    if taken.layout == "NCHW":
        pixels = tf.transpose(pixels, (0, 2, 3, 1))
    if taken.preprocessing == "in_graph":
        pixels = _resize(pixels, trained)
    return _rescale(pixels, taken.value_range, trained.value_range)


def _resize(images: Any, contract: PixelContract) -> Any:
    images = tf.cast(images, tf.float32)  # first: TFLite resizes no uint8 to float32
    return tf.image.resize(images, (contract.height, contract.width), method="bilinear", antialias=False)


def _rescale(pixels: Any, given: tuple[float, float], wanted: tuple[float, float]) -> Any:
    if given == wanted:
        return pixels
    scale = (wanted[1] - wanted[0]) / (given[1] - given[0])
    shift = wanted[0] - given[0] * scale
    scaled = pixels * scale
    return scaled + shift if shift else scaled
