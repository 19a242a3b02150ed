"""Open a .keras or legacy .h5 file that somebody else wrote: first Keras 3, then tf-keras."""

import importlib.util
import re
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from ....contract.errors import InputError, MissingExtraError
from ....runtimes.facts.description import TensorInfo
from ....runtimes.keras_file.config import KerasConfig, read_config
from ....runtimes.keras_file.stored_object import KerasObject, unlisted_sentence
from ....runtimes.keras_file.weights import check_all_is_inside
from ....runtimes.tf_graph.graph_layer import GraphLayer  # noqa: F401  # registers the layer of adopted models with Keras
from .float32_twin import float32_twin, float32_twin_of_tf_keras
from .foreign_model import ForeignModel

#: How Keras 3 words that it will not load something for security; its errors have no class for that.
_REFUSAL = re.compile(r"not allowed|disallow|secur|unsafe|safe_mode|malicious|external link|path traversal", re.I)


def open_keras(path: Path, *, allow_lambda: bool) -> ForeignModel:
    """Open a file after all that it would rebuild was found in modelport's lists, and all its data in the file itself.

    What both Keras libraries get to see is checked before either: neither is asked to be the other's guard.

    Args:
        path: a .keras or .h5 file.
        allow_lambda: run the Python code of Lambda layers.

    Raises:
        InputError: code or custom layers in it, links to other files, or neither Keras reads it.
        MissingExtraError: Keras 3 does not read it, and tf-keras is not installed.
    """
    config = read_config(path)
    code = [item for item in config.objects if item.is_code]
    _check_code(path, code, allow_lambda=allow_lambda)
    _check_custom(path, [item for item in config.objects if item.is_custom])
    _check_listed(path, config.objects)
    check_all_is_inside(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras 3 warns of what it does not restore, such as the optimizer
        try:
            model = keras.models.load_model(path, compile=False, safe_mode=not code)
        except Exception as error:  # Keras raises whatever it meets
            if _REFUSAL.search(str(error)):  # of a danger that Keras 3 knows: tf-keras may not know it
                raise _unreadable(path, config, error) from error
            return _open_with_tf_keras(path, config, error)
        model, notes = float32_twin(model, path)
    holds_code = bool(code) or not _is_functional(model)
    return ForeignModel(
        where=str(path),
        loader=f"keras {version('keras')}",
        inputs=_infos(model.inputs),
        outputs=_infos(model.outputs),
        run=lambda pixels: only_value(model(pixels, training=False)),
        keras_model=None if holds_code else model,
        notes=notes,
    )


def only_value(answer: Any) -> Any:
    """Return the tensor in an answer that may be a dictionary or a list of one."""
    if isinstance(answer, dict):
        (answer,) = answer.values()
    elif isinstance(answer, list | tuple):
        (answer,) = answer
    return answer


def _is_functional(model: Any) -> bool:
    return isinstance(model, keras.Sequential) or type(model).__name__ == "Functional"


def _open_with_tf_keras(path: Path, config: KerasConfig, reason: Exception) -> ForeignModel:
    if not (config.keras_version or "2").startswith("2"):
        raise _unreadable(path, config, reason) from reason
    if importlib.util.find_spec("tf_keras") is None:
        needed_for = f"reading {path.name}, which Keras {config.keras_version} wrote and Keras 3 does not read,"
        raise MissingExtraError("tf-keras", needed_for=needed_for) from reason
    import tf_keras

    tf_keras.mixed_precision.set_global_policy("float32")
    try:
        model, twin_notes = float32_twin_of_tf_keras(tf_keras.models.load_model(path, compile=False))
    except Exception as error:  # as above
        raise _unreadable(path, config, error) from error
    return ForeignModel(
        where=str(path),
        loader=f"tf-keras {version('tf-keras')}",
        inputs=_infos(model.inputs),
        outputs=_infos(model.outputs, tuple(model.output_names)),
        run=lambda pixels: tf.cast(only_value(model(pixels, training=False)), tf.float32),
        notes=(f"Keras 3 does not read it: {_first_line(reason)}", *twin_notes),
    )


def _infos(tensors: Any, names: tuple[str, ...] = ()) -> tuple[TensorInfo, ...]:
    named = names or tuple(tensor.name for tensor in tensors)
    return tuple(
        TensorInfo(name=name, dtype=keras.backend.standardize_dtype(tensor.dtype), shape=tuple(tensor.shape))
        for name, tensor in zip(named, tensors, strict=True)
    )


def _check_code(path: Path, code: list[KerasObject], *, allow_lambda: bool) -> None:
    names = sorted({str(item) for item in code if item.class_name != "__lambda__"})
    only_lambda = all(item.class_name in ("Lambda", "__lambda__") for item in code)
    if not code or (allow_lambda and only_lambda):
        return
    raise InputError(
        "model runs Python code that the file's author wrote" if only_lambda else "model runs what other files hold",
        where=path,
        expected="layers of Keras only",
        received=", ".join(names),
        fix="if you trust who wrote the file, pass --allow-lambda; the run will hold the graph, and no code"
        if only_lambda
        else "export it as a SavedModel where its code is (model.export('FOLDER')), and adopt that",
    )


def _check_custom(path: Path, custom: list[KerasObject]) -> None:
    if custom:
        raise InputError(
            "model has layers that are not Keras' own",
            where=path,
            expected="layers of Keras only: importing others would run their code",
            received=", ".join(sorted({str(item) for item in custom})[:8]),
            fix="export it as a SavedModel where its code is (model.export('FOLDER')), and adopt that",
        )


def _check_listed(path: Path, objects: tuple[KerasObject, ...]) -> None:
    sentence = unlisted_sentence(objects)
    if sentence:
        raise InputError(
            "model asks for more than layers that compute",
            where=path,
            expected="layers of Keras, and functions of TensorFlow, that only compute",
            received=sentence,
            fix="export it as a SavedModel where it was made (model.export('FOLDER')), and adopt that",
        )


def _unreadable(path: Path, config: KerasConfig, error: Exception) -> InputError:
    return InputError(
        "model cannot be rebuilt",
        where=path,
        expected=f"a whole model that Keras {version('keras')} reads",
        received=f"written by Keras {config.keras_version}; {_first_line(error)}",
        fix="export it as a SavedModel where it was made (model.export('FOLDER')), and adopt that",
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
