"""Open a SavedModel folder that somebody else wrote."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from ....contract.errors import InputError
from ....runtimes.facts.description import TensorInfo
from ....runtimes.tf_graph.graph_operators import check_names
from ....runtimes.tf_graph.saved_model_operators import unlisted_in_saved_model
from .foreign_model import ForeignModel

DEFAULT_SIGNATURE = "serving_default"


def open_saved_model(path: Path) -> ForeignModel:
    """Open a folder after its operators were searched for those that reach beyond the model.

    Raises:
        InputError: such operators, a damaged folder, or no signature that is the obvious one.
    """
    _check_before_loading(path)
    try:
        loaded = tf.saved_model.load(str(path))
    except Exception as error:  # TensorFlow raises whatever it meets
        raise _unreadable(path, error) from error
    name, function = _signature(path, dict(loaded.signatures))
    _, keywords = function.structured_input_signature
    outputs = function.structured_outputs
    return ForeignModel(
        where=str(path),
        loader=f"tensorflow {version('tensorflow')}, signature {name}",
        inputs=tuple(_info(key, spec) for key, spec in sorted(keywords.items())),
        outputs=tuple(_info(key, spec) for key, spec in sorted(outputs.items())),
        run=_Signature(loaded, function),
    )


class _Signature:
    """Calls a signature by its only argument; keeps the loaded object, whose variables go when it goes."""

    def __init__(self, loaded: Any, function: Any) -> None:
        self._loaded, self._function = loaded, function

    def __call__(self, pixels: Any) -> Any:
        (key,) = self._function.structured_input_signature[1]
        (answer,) = self._function(**{key: pixels}).values()
        return tf.cast(answer, tf.float32)


def _check_before_loading(path: Path) -> None:
    try:
        definition = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
    except Exception as error:  # OSError, and protobuf's DecodeError
        raise _unreadable(path, error) from error
    for meta in definition.meta_graphs:
        check_names(unlisted_in_saved_model(meta), path)


def _signature(path: Path, signatures: dict[str, Any]) -> tuple[str, Any]:
    if DEFAULT_SIGNATURE in signatures:
        return DEFAULT_SIGNATURE, signatures[DEFAULT_SIGNATURE]
    if len(signatures) == 1:
        return next(iter(signatures.items()))
    raise InputError(
        "SavedModel has no signature to call",
        where=path,
        expected=f"{DEFAULT_SIGNATURE}, or a single one",
        received=", ".join(sorted(signatures)) or "none: it holds weights or a checkpoint",
        fix="save it with model.export('FOLDER'), or tf.saved_model.save(model, 'FOLDER', signatures=FUNCTION)",
    )


def _info(name: str, spec: Any) -> TensorInfo:
    shape = tuple(spec.shape.as_list()) if spec.shape.rank is not None else ()
    return TensorInfo(name=name, dtype=spec.dtype.name, shape=shape)


def _unreadable(path: Path, error: Exception) -> InputError:
    received = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    return InputError("SavedModel cannot be read", where=path, received=received)
