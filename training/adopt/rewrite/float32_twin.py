"""A model of mixed precision, rebuilt in float32: its exports would answer in float16, or need Flex."""

from pathlib import Path
from typing import Any

import keras

from ....contract.errors import InputError

_NARROW = ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float64")


def float32_twin(model: Any, where: Path) -> tuple[Any, tuple[str, ...]]:
    """Return the model if all of it is float32, else a twin that is, with the same weights; and notes.

    Raises:
        InputError: a layer that Keras quantized.
    """
    policies = {layer.dtype_policy.name for layer in model._flatten_layers()}
    quantized = sorted(name for name in policies if "_from_" in name)
    if quantized:
        fix = "adopt the model as it was before model.quantize(); modelport quantize makes smaller ones"
        raise InputError("model is quantized already", where=where, received=", ".join(quantized), fix=fix)
    narrow = sorted(policies & set(_NARROW))
    if not narrow:
        return model, ()
    twin = keras.saving.deserialize_keras_object(_in_float32(keras.saving.serialize_keras_object(model)))
    twin.set_weights(model.get_weights())
    return twin, (_note(narrow),)


def float32_twin_of_tf_keras(model: Any) -> tuple[Any, tuple[str, ...]]:
    """Do the same for a model that tf-keras opened; one that cannot be rebuilt is returned as it is, to be refused."""
    narrow = sorted({layer.dtype_policy.name for layer in model._flatten_layers()} & set(_NARROW))
    if not narrow:
        return model, ()
    try:
        twin = type(model).from_config(_in_float32(model.get_config()))
        twin.set_weights(model.get_weights())
    except Exception:  # tf-keras raises whatever it meets
        return model, ()
    return twin, (_note(narrow),)


def _note(narrow: list[str]) -> str:
    return f"It was built under {' and '.join(narrow)}; here it computes in float32."


def _in_float32(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        if value.get("class_name") in ("DTypePolicy", "Policy"):  # Keras 3's and tf-keras' name for it
            return value | {"config": {"name": "float32"}}
        return {name: _in_float32(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_in_float32(item) for item in value]
    return "float32" if key == "dtype" and value in _NARROW else value
