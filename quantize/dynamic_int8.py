"""dynamic_int8: weights int8, activations quantized image by image."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from ..convert.options.export_options import TfliteOptions
from ..convert.source.source import Source
from ..convert.to_tflite.writer import DEFAULTS, tflite_bytes


def write_dynamic_int8(source: Source, destination: Path, options: TfliteOptions = DEFAULTS) -> None:
    """Write a .tflite whose weights are int8; input and output are float32.

    Dense layers get one scale for the whole layer: one per channel is FULLY_CONNECTED version 12, which TensorFlow Lite
    has served since 2.17 only, and older runtimes refuse the file (DESIGN.md, fact 16). With one scale it is version 9,
    served since 2.3. Convolutions keep one scale per channel.
    """
    destination.write_bytes(tflite_bytes(source, _configure, options))


def _configure(converter: Any) -> None:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter._experimental_disable_per_channel_quantization_for_dense_layers = True
