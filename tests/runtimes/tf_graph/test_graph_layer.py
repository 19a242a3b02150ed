"""A frozen graph as a layer of one model.keras."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="graphs need the extra [tensorflow]")

import keras
import tensorflow as tf
from modelport.contract.errors import InputError
from modelport.runtimes.tf_graph.graph_layer import OWN_LAYERS, GraphLayer
from modelport.training.adopt.rewrite.freeze_into_layer import freeze_into_layer

SHAPE = (4, 4, 3)
KERNEL = np.arange(6, dtype=np.float32).reshape(3, 2) / 10


def _run(pixels: Any) -> Any:
    """By hand: channel means times KERNEL."""
    return tf.linalg.matmul(tf.reduce_mean(pixels, axis=(1, 2)), tf.constant(KERNEL))


def _model(run: Any = _run) -> Any:
    layer, values = freeze_into_layer(run, SHAPE, "here")
    image = keras.Input(SHAPE)
    model = keras.Model(image, layer(image))
    layer.set_weights(values)
    return model


@pytest.fixture
def pixels() -> Any:
    return np.random.default_rng(0).random((5, *SHAPE), dtype=np.float32)


def test_answers_survive_the_file_in_eager_and_in_graph_mode(tmp_path: Path, pixels: Any) -> None:
    _model().save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras", custom_objects=OWN_LAYERS, compile=False)
    expected = pixels.mean(axis=(1, 2)) @ KERNEL
    np.testing.assert_allclose(expected, loaded(pixels, training=False), atol=1e-6)
    np.testing.assert_allclose(expected, tf.function(loaded)(pixels), atol=1e-6)
    np.testing.assert_allclose(expected[:2], loaded(pixels[:2], training=False), atol=1e-6)


def test_weights_are_in_the_file_once_and_counted(tmp_path: Path) -> None:
    """A constant of 40,000 numbers is 160 kB; twice it would be 320."""
    wide = np.random.default_rng(0).random((48, 40_000 // 48), dtype=np.float32)
    model = _model(lambda pixels: tf.linalg.matmul(tf.reshape(pixels, (-1, 48)), tf.constant(wide)))
    assert wide.size == model.count_params()
    model.save(tmp_path / "m.keras")
    assert wide.nbytes < (tmp_path / "m.keras").stat().st_size < 1.3 * wide.nbytes


@pytest.mark.filterwarnings("ignore:Skipping nested container")  # Keras looks a second time at what failed
def test_a_graph_that_reads_files_is_not_loaded(tmp_path: Path) -> None:
    """Somebody edits the asset inside a .keras file."""
    _model().save(tmp_path / "m.keras")
    with tf.Graph().as_default() as graph:
        tf.io.read_file("/etc/hostname", name="steals")
    with zipfile.ZipFile(tmp_path / "m.keras") as old, zipfile.ZipFile(tmp_path / "evil.keras", "w") as new:
        for name in old.namelist():
            is_graph = name.endswith("graph.pb")
            new.writestr(name, graph.as_graph_def().SerializeToString() if is_graph else old.read(name))
    with pytest.raises(ValueError, match="ReadFile"):
        keras.models.load_model(tmp_path / "evil.keras", custom_objects=OWN_LAYERS, compile=False)


def _graph_of(operator: str) -> bytes:
    graph = tf.compat.v1.GraphDef()
    graph.node.add(name="evil", op=operator)
    return bytes(graph.SerializeToString())


@pytest.mark.filterwarnings("ignore:Skipping nested container")  # Keras looks a second time at what failed
@pytest.mark.parametrize("operator", ["DebugIdentityV3", "RestoreV2", "GenerateVocabRemapping", "VarHandleOp"])
def test_a_graph_with_operators_that_are_not_listed_is_not_loaded(tmp_path: Path, operator: str) -> None:
    """Not even variables, which a SavedModel has: freezing took them out."""
    _model().save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as old, zipfile.ZipFile(tmp_path / "evil.keras", "w") as new:
        for name in old.namelist():
            new.writestr(name, _graph_of(operator) if name.endswith("graph.pb") else old.read(name))
    with pytest.raises(ValueError, match=f"{operator} is not among"):
        keras.models.load_model(tmp_path / "evil.keras", custom_objects=OWN_LAYERS, compile=False)


def test_a_graph_that_the_configuration_brings_is_searched_as_well() -> None:
    """Keras writes bytes into a configuration, and reads them from it."""
    config = _model().layers[-1].get_config()
    assert "graph" not in config
    with pytest.raises(InputError, match="WriteFile is not among"):
        GraphLayer(**config | {"graph": _graph_of("WriteFile")})


def test_freezing_refuses_what_is_not_listed() -> None:
    """The operator is named, and what to do."""

    def run(pixels: Any) -> Any:
        one = tf.raw_ops.DebugIdentityV3(input=pixels, debug_urls=["file:///nowhere"], tensor_name="t:0")
        return _run(one)

    with pytest.raises(InputError, match=r"DebugIdentityV3 is not among[\s\S]*inference only"):
        _model(run)


def test_the_layer_does_not_learn() -> None:
    assert [] == _model().trainable_weights
    assert isinstance(_model().layers[-1], GraphLayer)
