"""The pixel contract as TensorFlow operators: for training's input pipeline and for graphs that take file bytes.

Equal to contract/decode.py for plain JPEG and PNG files (tests/runtimes/test_graph_pixels.py).
"""

from typing import Any

import tensorflow as tf

from ..contract.pixels import PixelContract


def decode(contents: Any, contract: PixelContract) -> Any:
    """Decode a scalar string tensor, a JPEG or PNG file, to (height, width, channel) uint8. EXIF is ignored.

    The operator is DecodeJpeg, which TensorFlow 1 clients know; its INTEGER_ACCURATE method equals Pillow bit for bit.
    """
    return tf.image.decode_jpeg(contents, channels=contract.channels, dct_method="INTEGER_ACCURATE")


def to_pixels(image: Any, contract: PixelContract) -> Any:
    """Resize (height, width, channel) uint8 and scale it: (height, width, channel) float32 in the contract's range."""
    low, high = contract.value_range
    resized = tf.image.resize(image, (contract.height, contract.width), method="bilinear", antialias=False)
    return tf.cast(resized, tf.float32) * ((high - low) / 255) + low
