"""The lists of what is rebuilt from a stranger's Keras file; the oracles are Keras and tf-keras."""

import inspect
from typing import Any

import pytest
from modelport.runtimes.keras_file import known_names as names

pytest.importorskip("tensorflow", reason="the oracle is Keras")

import keras
import tensorflow as tf


@pytest.fixture
def tf_keras() -> Any:
    return pytest.importorskip("tf_keras", reason="the oracle is tf-keras")


def test_every_class_is_keras_or_tf_keras_own(tf_keras: Any) -> None:
    from tf_keras.src.layers import serialization

    serialization.populate_deserializable_objects()
    places = (
        "layers models initializers regularizers constraints dtype_policies quantizers losses metrics optimizers random"
    )
    known = {"Functional", "Policy", *serialization.LOCAL.ALL_OBJECTS}
    for library in (keras, tf_keras):
        for place in [getattr(library, name, None) for name in places.split()]:
            known |= {name for name in dir(place) if inspect.isclass(getattr(place, name))}
    from keras.src.applications import convnext

    known |= {*dir(keras.optimizers.schedules), *dir(convnext)}
    assert [] == sorted(names.CLASSES - names.VALUES - known)
    assert [] == sorted(names.CLASSES & names.REFUSED_OF_KERAS)


def test_no_class_in_the_list_takes_a_function_a_file_or_code(tf_keras: Any) -> None:
    """By what its constructor takes, in both libraries."""
    told = {"function", "fn", "vocabulary", "filepath", "filename", "path", "module", "call_fn", "node_def", "symbol"}
    found = {}
    for library in (keras.layers, tf_keras.layers):
        for name in sorted(names.LAYERS & set(dir(library))):
            taken = set(inspect.signature(getattr(library, name).__init__).parameters) & told
            if taken:
                found[name] = taken
    assert {} == found


def test_every_function_is_keras_own(tf_keras: Any) -> None:
    places = [getattr(library, name) for library in (keras, tf_keras) for name in ("activations", "losses", "metrics")]
    known = {name for place in places for name in dir(place) if inspect.isfunction(getattr(place, name))}
    assert [] == sorted(names.FUNCTIONS - known)
    assert [] == sorted(names.FUNCTIONS & {"get", "serialize", "deserialize"}), "these build other objects"


def test_every_operation_is_keras_own() -> None:
    import importlib

    from keras.src.ops import core
    from keras.src.ops.operation import Operation

    assert all(importlib.import_module(name) for name in names.OPERATION_MODULES)
    assert all(issubclass(getattr(core, name), Operation) for name in names.CORE_OPERATIONS)


def test_every_symbol_is_a_function_that_a_legacy_file_can_name(tf_keras: Any) -> None:
    from tf_keras.src.layers.core.tf_op_layer import get_symbol_from_name

    assert [] == [name for name in sorted(names.TENSORFLOW_SYMBOLS) if get_symbol_from_name(name) is None]


def test_symbols_are_of_arrays_only() -> None:
    """Whole modules of TensorFlow that reach files, other code, or build graphs are absent, and so are callbacks."""
    modules = {name.rpartition(".")[0] for name in names.TENSORFLOW_SYMBOLS}
    assert modules <= {
        *("", "__operators__", "compat.v1", "compat.v1.nn", "dtypes", "image", "linalg", "math", "nn"),
        *("keras.activations", "keras.backend"),
    }
    taken = {"fn", "func", "function", "body", "true_fn", "filename", "path", "library_filename", "library_location"}
    for name in sorted(names.TENSORFLOW_SYMBOLS):
        if not name.startswith(("keras.", "__operators__", "compat.")):
            value = tf
            for part in name.split("."):
                value = getattr(value, part)
            assert not taken & set(inspect.signature(value).parameters), name


@pytest.mark.parametrize(
    "name",
    """load_op_library load_library io.write_file io.read_file io.gfile.remove io.gfile.rename print py_function
    numpy_function map_fn function while_loop cond custom_gradient graph_util.import_graph_def saved_model.load
    keras.models.load_model keras.utils.get_file keras.backend.function raw_ops.WriteFile""".split(),  # noqa: SIM905
)
def test_what_reaches_files_or_code_is_in_no_list(name: str) -> None:
    assert name not in names.TENSORFLOW_SYMBOLS | names.FUNCTIONS | names.CLASSES
