"""TFLite through TensorFlow's converter: float32 here; the quantization recipes set options on the same converter."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from ..contract.errors import InputError
from .export_options import TfliteOptions
from .source import Source

DEFAULTS = TfliteOptions()


def write_tflite(source: Source, destination: Path, options: TfliteOptions = DEFAULTS) -> None:
    """Write the float32 model: (1, height, width, channel) float32 in the contract's range -> heads, float32.

    Args:
        source: the model.
        destination: the file.
        options: see TfliteOptions.
    """
    destination.write_bytes(convert_to_tflite(source, allow_flex=options.allow_flex))


def convert_to_tflite(
    source: Source, configure: Callable[[Any], None] = lambda converter: None, *, allow_flex: bool = False
) -> bytes:
    """Run TensorFlow's converter with built-in operators only.

    Args:
        source: the model.
        configure: sets a recipe's options on the converter.
        allow_flex: also allow operators that need the Flex delegate.

    Returns:
        The file's bytes; input and outputs are float32 and have the names of the signature "serving_default".

    Raises:
        InputError: an operator has no TFLite counterpart.
    """
    converter = tf.lite.TFLiteConverter.from_saved_model(str(source.exported))
    builtin = [tf.lite.OpsSet.TFLITE_BUILTINS]
    converter.target_spec.supported_ops = [*builtin, tf.lite.OpsSet.SELECT_TF_OPS] if allow_flex else builtin
    configure(converter)
    try:
        return bytes(converter.convert())
    except Exception as error:  # ConverterError, and whatever a representative data set's callback meets
        raise InputError(
            "the model cannot be converted to TFLite",
            where=source.model.name,
            expected="built-in TFLite operators only",
            received="\n".join(str(error).strip().splitlines()[:4]),
            fix=None
            if allow_flex
            else "replace the operator, or pass --allow-flex: the file then needs the Flex delegate",
        ) from error
