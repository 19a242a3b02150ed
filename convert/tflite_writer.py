"""TFLite through TensorFlow's converter: float32 here; the quantization recipes set options on the same converter."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import tensorflow as tf

from ..contract.errors import InputError
from ..contract.tflite_release import release_key
from ..runtimes.tflite_file import read_tflite
from .export_options import TfliteOptions
from .source import Source
from .tflite_metadata import add_metadata

DEFAULTS = TfliteOptions()


def write_tflite(source: Source, destination: Path, options: TfliteOptions = DEFAULTS) -> None:
    """Write the float32 model: (1, height, width, channel) float32 in the contract's range -> heads, float32.

    Args:
        source: the model.
        destination: the file.
        options: see TfliteOptions.
    """
    destination.write_bytes(convert_to_tflite(source, options=options))


def convert_to_tflite(
    source: Source, configure: Callable[[Any], None] = lambda converter: None, *, options: TfliteOptions = DEFAULTS
) -> bytes:
    """Run TensorFlow's converter with built-in operators only, and add the metadata.

    Args:
        source: the model.
        configure: sets a recipe's options on the converter.
        options: see TfliteOptions.

    Returns:
        The file's bytes; input and outputs are float32 and have the names of the signature "serving_default".

    Raises:
        InputError: an operator has no TFLite counterpart, or one that is newer than what must run the file.
    """
    oldest = options.min_tflite or source.contract.min_tflite
    data = add_metadata(
        _convert(source, configure, options), replace(source.contract, pixels=source.taken, min_tflite=oldest), options
    )
    check_min_tflite(data, oldest, source.model.name)
    return data


def _convert(source: Source, configure: Callable[[Any], None], options: TfliteOptions) -> bytes:
    converter = tf.lite.TFLiteConverter.from_saved_model(str(source.exported))
    builtin = [tf.lite.OpsSet.TFLITE_BUILTINS]
    converter.target_spec.supported_ops = [*builtin, tf.lite.OpsSet.SELECT_TF_OPS] if options.allow_flex else builtin
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
            if options.allow_flex
            else "replace the operator, or pass --allow-flex: the file then needs the Flex delegate",
        ) from error


def check_min_tflite(data: bytes, oldest: str, where: str) -> None:
    """Raise InputError if the file's operators, as their content truly needs them, are newer than `oldest` serves.

    Args:
        data: a .tflite.
        oldest: the oldest TensorFlow Lite that must run it.
        where: the model's name, for the error.
    """
    facts = read_tflite(data)
    needed = facts["min_tflite"]
    if needed is None or release_key(needed) <= release_key(oldest):
        return
    raise InputError(
        "the file needs a newer TensorFlow Lite than the oldest that must run it",
        where=where,
        expected=f"operators that TensorFlow Lite {oldest} serves",
        received=f"TensorFlow Lite {needed}: {', '.join(facts['min_tflite_because'])}",
        fix=f"replace the operator, or choose another recipe; where every app has it: --min-tflite {needed}",
    )
