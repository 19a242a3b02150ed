"""A SavedModel to TFLite, through TensorFlow's converter; needs no Keras model, so that another process can do it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from ...contract.errors import InputError
from ...runtimes.process.tasks import task

#: How the converter's errors name an operator and where in the model it is.
_LACKING = re.compile(r'fused\["(\w+):", "([^"@]+)')


@task
def convert_to_tflite(arguments: dict[str, Any]) -> dict[str, Any]:
    """Write what `run_converter` makes of "saved_model", "model" and "allow_flex" to the file "to"."""
    given = {name: arguments[name] for name in ("saved_model", "model", "allow_flex")}
    Path(arguments["to"]).write_bytes(run_converter(**given))
    return {}


def run_converter(
    saved_model: str | Path,
    model: str,
    *,
    allow_flex: bool,
    configure: Callable[[Any], None] = lambda converter: None,
) -> bytes:
    """Run TensorFlow's converter, with built-in operators only unless Flex is allowed.

    Args:
        saved_model: the folder; its signature "serving_default" is converted.
        model: its name, for errors.
        allow_flex: whether the file may need the Flex delegate.
        configure: sets a recipe's options on the converter.

    Raises:
        InputError: an operator has no TFLite counterpart.
    """
    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved_model))
    builtin = [tf.lite.OpsSet.TFLITE_BUILTINS]
    converter.target_spec.supported_ops = [*builtin, tf.lite.OpsSet.SELECT_TF_OPS] if allow_flex else builtin
    configure(converter)
    try:
        return bytes(converter.convert())
    except Exception as error:  # ConverterError, and whatever a representative data set's callback meets
        lacking = sorted({f"{layer} ({operator})" for operator, layer in _LACKING.findall(str(error))})
        raise InputError(
            "the model cannot be converted to TFLite",
            where="\n".join([model, *lacking]),
            expected="built-in TFLite operators only",
            received="\n".join(str(error).strip().splitlines()[:4]),
            fix=None
            if allow_flex
            else "replace the operator, or pass --allow-flex: the file then needs the Flex delegate",
        ) from error
