"""float16: weights stored in half the bytes, and widened to float32 when the file is loaded."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from ..convert.options.export_options import TfliteOptions
from ..convert.source.source import Source
from ..convert.to_tflite.writer import DEFAULTS, tflite_bytes


def write_float16(source: Source, destination: Path, options: TfliteOptions = DEFAULTS) -> None:
    """Write a .tflite whose weights are float16; input, activations and output stay float32."""
    destination.write_bytes(tflite_bytes(source, _configure, options))


def _configure(converter: Any) -> None:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
