"""full_int8: weights and activations int8, with ranges measured on representative images."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ..contract.image.decode import load_pixels
from ..convert.options.export_options import TfliteOptions
from ..convert.source.source import Source
from ..convert.to_tflite.writer import DEFAULTS, tflite_bytes


def write_full_int8(
    source: Source, destination: Path, options: TfliteOptions = DEFAULTS, *, images: Sequence[Path]
) -> None:
    """Write a .tflite that computes in int8; input and output are float32, so that an app need not change.

    Args:
        source: the model.
        destination: the file.
        options: see TfliteOptions.
        images: representative images; they decide about the scales, and so about the bytes.
    """
    pixels = source.taken

    def representative() -> Iterator[list[NDArray[np.float32]]]:
        for image in images:
            yield [load_pixels(image, pixels)[None]]

    def configure(converter: Any) -> None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = representative
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]

    destination.write_bytes(tflite_bytes(source, configure, options))
