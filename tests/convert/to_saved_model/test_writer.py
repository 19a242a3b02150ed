import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="a SavedModel is TensorFlow's")


@pytest.fixture(scope="module")
def loaded(exported_run: Path) -> Any:
    return tf.saved_model.load(str(exported_run / "saved_model"))


def test_serving_default_answers_as_keras_does(loaded: Any, oracle: Any) -> None:
    answers = loaded.signatures["serving_default"](image=tf.constant(oracle.pixels))
    assert {"label"} == set(answers)
    np.testing.assert_allclose(oracle.answers, answers["label"], atol=1e-5)


def test_batches_of_any_size_are_taken(loaded: Any, oracle: Any) -> None:
    answers = loaded.signatures["serving_default"](image=tf.constant(oracle.pixels[:2]))
    np.testing.assert_allclose(oracle.answers[:2], answers["label"], atol=1e-5)


def test_serve_encoded_answers_files_as_keras_answers_their_pixels(loaded: Any, oracle: Any) -> None:
    """JPEG and PNG files of two sizes in one batch, none of them of the model's size."""
    files = tf.constant([file.read_bytes() for file in oracle.files])
    assert {".jpg", ".png"} == {file.suffix for file in oracle.files}
    np.testing.assert_allclose(oracle.answers, loaded.signatures["serve_encoded"](encoded=files)["label"], atol=1e-4)


def test_contract_is_inside_without_date_path_or_hash(exported_run: Path) -> None:
    promise = json.loads((exported_run / "saved_model" / "assets.extra" / "contract.json").read_text())
    assert ["blue", "green", "red"] == promise["heads"][0]["labels"]
    assert "provenance" not in promise


def test_every_weight_is_held_once(exported_run: Path, keras_model: Any) -> None:
    """Model.export writes each twice: as Keras' variable, and as the tf.Variable inside it."""
    folder = exported_run / "saved_model"
    listed = tf.train.list_variables(str(folder / "variables" / "variables"))
    held = sum(int(np.prod(shape)) for name, shape in listed if not name.startswith("_CHECKPOINTABLE"))
    assert keras_model.count_params() == held
    checkpoint = sum(file.stat().st_size for file in (folder / "variables").iterdir())
    assert 4 * held < checkpoint < 4.2 * held + 100_000


def test_weights_are_variables_still(loaded: Any, keras_model: Any) -> None:
    """Not constants in the graph: whoever loads it can go on training it."""
    variables = loaded.signatures["serving_default"].variables
    trainable = [variable for variable in variables if variable.trainable]
    assert len(keras_model.weights) == len(variables)
    assert len(keras_model.trainable_variables) == len(trainable)


def test_the_weights_of_a_graph_layer_are_found_without_being_tracked(tmp_path: Path) -> None:
    """By hand: channel means times a kernel; a model whose weights were lost answers zeros or NaN."""
    import keras
    from modelport.convert.source.export_signatures import export_signatures
    from modelport.training.adopt.rewrite.freeze_into_layer import freeze_into_layer

    kernel = np.arange(6, dtype=np.float32).reshape(3, 2) / 10
    run = lambda pixels: tf.linalg.matmul(tf.reduce_mean(pixels, axis=(1, 2)), tf.constant(kernel))  # noqa: E731
    layer, values = freeze_into_layer(run, (4, 4, 3), "here")
    image = keras.Input((4, 4, 3))
    model = keras.Model(image, layer(image))
    layer.set_weights(values)
    spec = tf.TensorSpec((None, 4, 4, 3), tf.float32, name="image")
    export_signatures(tmp_path / "m", {"serving_default": (lambda image: {"y": model(image, training=False)}, spec)})
    pixels = np.random.default_rng(0).random((5, 4, 4, 3), dtype=np.float32)
    loaded = tf.saved_model.load(str(tmp_path / "m"))
    answer = loaded.signatures["serving_default"](image=tf.constant(pixels))["y"]
    np.testing.assert_allclose(pixels.mean(axis=(1, 2)) @ kernel, answer, atol=1e-6)
