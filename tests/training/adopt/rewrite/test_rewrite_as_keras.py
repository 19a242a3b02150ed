"""Models as others write them; the oracle is the library that wrote them, or a closed form."""

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError, MissingExtraError

pytest.importorskip("tensorflow", reason="rewriting models needs the extra [tensorflow]")

import keras
import tensorflow as tf
from modelport.runtimes.tf_graph.graph_layer import OWN_LAYERS, GraphLayer
from modelport.training.adopt.rewrite.rewrite_as_keras import rewrite_as_keras

layers = keras.layers
SIZE = (8, 8, 3)


@pytest.fixture(autouse=True)
def no_warnings_of_formats() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras calls .h5 legacy whenever it writes one
        yield


@pytest.fixture
def pixels() -> Any:
    return np.random.default_rng(0).random((5, *SIZE), dtype=np.float32)


def _network(*inner: Any, size: tuple[Any, ...] = SIZE, last: str | None = "softmax", width: int = 4) -> Any:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input(size),
            layers.Conv2D(6, 3, activation="relu"),
            *inner,
            layers.GlobalAveragePooling2D(),
            layers.Dense(width, activation=last, name="last"),
        ]
    )


def _rewrite(path: Path, tmp_path: Path, **options: Any) -> tuple[dict[str, Any], Any]:
    defaults = {"image_size": None, "softmax": False, "allow_lambda": False, "input_name": None, "output_name": None}
    arguments = defaults | options
    destination = tmp_path / "model.keras"
    told = rewrite_as_keras(arguments | {"path": str(path), "destination": str(destination)})
    json.dumps(told)
    return told, keras.models.load_model(destination, custom_objects=OWN_LAYERS, compile=False, safe_mode=True)


def _saved(model: Any, path: Path) -> Path:
    model.save(path)
    return path


def _export(tmp_path: Path, run: Callable[..., Any], *specs: Any) -> Path:
    """Save a function of its own as a SavedModel."""
    module = tf.Module()
    module.run = tf.function(run, input_signature=list(specs))
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures={"serving_default": module.run})
    return tmp_path / "saved"


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_keras_layers_are_kept_and_answer_the_same(tmp_path: Path, pixels: Any, name: str) -> None:
    model = _network(layers.BatchNormalization())
    told, rewritten = _rewrite(_saved(model, tmp_path / name), tmp_path)
    np.testing.assert_array_equal(model(pixels, training=False), rewritten(pixels, training=False))
    assert ([8, 8, 3], 4, True) == (told["shape"], told["width"], told["layers"])
    assert 3 * 3 * 3 * 6 + 6 + 4 * 6 + 6 * 4 + 4 == told["parameters"], "by hand: kernel, bias, BatchNorm, dense"


def test_a_saved_model_becomes_one_file_that_answers_the_same(tmp_path: Path, pixels: Any) -> None:
    model = _network()
    model.export(str(tmp_path / "exported"), verbose=False)
    expected = tf.saved_model.load(str(tmp_path / "exported")).signatures["serving_default"](tf.constant(pixels))
    told, rewritten = _rewrite(tmp_path / "exported", tmp_path)
    np.testing.assert_allclose(next(iter(expected.values())), rewritten(pixels), atol=1e-6)
    assert (model.count_params(), False) == (told["parameters"], told["layers"])


def test_a_file_that_only_tf_keras_reads_is_rewritten(tmp_path: Path, pixels: Any) -> None:
    """`+ 3.0` on a tensor is a TFOpLambda there, which Keras 3 does not know."""
    tf_keras = pytest.importorskip("tf_keras", reason="legacy models need tf-keras")
    image = tf_keras.Input(SIZE)
    features = tf.nn.relu(tf_keras.layers.Conv2D(6, 3)(image) + 3.0)
    answer = tf_keras.layers.Dense(4, activation="softmax")(tf_keras.layers.Flatten()(features))
    model = tf_keras.Model(image, answer)
    told, rewritten = _rewrite(_saved(model, tmp_path / "m.h5"), tmp_path)
    assert told["loader"].startswith("tf-keras ")
    assert "Keras 3 does not read it" in told["notes"][0]
    np.testing.assert_allclose(model(pixels), rewritten(pixels), atol=1e-6)


def test_without_tf_keras_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tf_keras = pytest.importorskip("tf_keras", reason="legacy models need tf-keras")
    image = tf_keras.Input(SIZE)
    _saved(tf_keras.Model(image, tf_keras.layers.Flatten()(image + 3.0)), tmp_path / "m.h5")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"tf-keras[\s\S]*pip install"):
        _rewrite(tmp_path / "m.h5", tmp_path)


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_a_lambda_is_refused_before_it_runs_and_gone_once_it_was_allowed(
    tmp_path: Path, pixels: Any, name: str
) -> None:
    model = _network(layers.Lambda(lambda x: x * 2.0, name="doubles"))
    path = _saved(model, tmp_path / name)
    with pytest.raises(InputError, match=r"Python code[\s\S]*'doubles'[\s\S]*--allow-lambda"):
        _rewrite(path, tmp_path)
    told, rewritten = _rewrite(path, tmp_path, allow_lambda=True)
    np.testing.assert_allclose(model(pixels), rewritten(pixels), atol=1e-6)
    assert not told["layers"]
    assert any(isinstance(layer, GraphLayer) for layer in rewritten.layers)


def test_a_custom_layer_is_refused_by_name(tmp_path: Path) -> None:
    @keras.saving.register_keras_serializable(package="their")
    class Squash(keras.layers.Layer):  # type: ignore[misc]  # keras ships no types
        def call(self, x: Any) -> Any:
            return x / (1 + keras.ops.abs(x))

    for name in ("m.keras", "m.h5"):
        path = _saved(_network(Squash(name="mine")), tmp_path / name)
        keras.saving.get_custom_objects().pop("their>Squash", None)
        with pytest.raises(InputError, match=r"not Keras' own[\s\S]*Squash[\s\S]*SavedModel"):
            _rewrite(path, tmp_path)


def test_mixed_precision_becomes_float32(tmp_path: Path, pixels: Any) -> None:
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = _network()
    finally:
        keras.config.set_dtype_policy("float32")
    told, rewritten = _rewrite(_saved(model, tmp_path / "m.keras"), tmp_path)
    answer = rewritten(pixels)
    assert "float32" == answer.dtype.name
    assert "mixed_float16" in told["notes"][0]
    np.testing.assert_allclose(np.asarray(model(pixels), dtype=np.float32), answer, atol=2e-3)


def test_mixed_precision_of_a_file_that_only_tf_keras_reads_becomes_float32(tmp_path: Path, pixels: Any) -> None:
    tf_keras = pytest.importorskip("tf_keras", reason="legacy models need tf-keras")
    tf_keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        image = tf_keras.Input(SIZE)
        features = tf.nn.relu(tf_keras.layers.Conv2D(6, 3)(image) + 1.0)  # a TFOpLambda: Keras 3 does not read it
        pooled = tf_keras.layers.GlobalAveragePooling2D()(features)
        model = tf_keras.Model(image, tf_keras.layers.Dense(4, activation="softmax", dtype="float32")(pooled))
    finally:
        tf_keras.mixed_precision.set_global_policy("float32")
    told, rewritten = _rewrite(_saved(model, tmp_path / "m.h5"), tmp_path)
    assert told["loader"].startswith("tf-keras")
    assert "mixed_float16" in told["notes"][-1]
    np.testing.assert_allclose(np.asarray(model(pixels), dtype=np.float32), rewritten(pixels), atol=2e-3)


def test_a_saved_model_that_computes_in_float16_is_refused(tmp_path: Path) -> None:
    keras.config.set_dtype_policy("mixed_float16")
    try:
        _network().export(str(tmp_path / "exported"), verbose=False)
    finally:
        keras.config.set_dtype_policy("float32")
    with pytest.raises(InputError, match=r"computes in float16[\s\S]*Conv2D[\s\S]*export it in float32"):
        _rewrite(tmp_path / "exported", tmp_path)


def test_a_saved_model_that_computes_in_float64_in_a_function_is_refused(tmp_path: Path) -> None:
    def run(image: Any) -> Any:
        twice = tf.function(lambda x: tf.cast(tf.cast(x, tf.float64) * 2, tf.float32))
        return tf.reduce_mean(twice(image), axis=(1, 2))

    path = _export(tmp_path, run, tf.TensorSpec((None, *SIZE), tf.float32))
    with pytest.raises(InputError, match=r"computes in float64[\s\S]*Mul x1"):
        _rewrite(path, tmp_path)


def test_weights_that_are_stored_in_float16_are_no_reason_to_refuse(tmp_path: Path, pixels: Any) -> None:
    weights = np.random.default_rng(0).random((3, 4)).astype(np.float16)

    def run(image: Any) -> Any:
        return tf.reduce_mean(image, axis=(1, 2)) @ tf.cast(tf.constant(weights), tf.float32)

    _, rewritten = _rewrite(_export(tmp_path, run, tf.TensorSpec((None, *SIZE), tf.float32)), tmp_path)
    expected = pixels.mean(axis=(1, 2)) @ weights.astype(np.float32)
    np.testing.assert_allclose(expected, rewritten(pixels), atol=1e-5)


@pytest.mark.parametrize("own", ["probabilities", "answer"])
def test_names_that_the_model_uses_are_not_used_again(tmp_path: Path, pixels: Any, own: str) -> None:
    """Its last layer, and a bare operation before it, are called as the appended softmax would be."""
    image = keras.Input(SIZE)
    mean = layers.GlobalAveragePooling2D()(image)
    doubled = keras.ops.multiply(mean, 2.0)
    model = keras.Model(image, layers.Dense(4, name=own)(doubled))
    _, rewritten = _rewrite(_saved(model, tmp_path / "m.keras"), tmp_path, softmax=True)
    np.testing.assert_allclose(keras.ops.softmax(model(pixels)), rewritten(pixels), atol=1e-6)


@pytest.mark.parametrize("name", ["image", "probabilities", "adopted"])
def test_a_model_of_any_size_may_have_any_name(tmp_path: Path, pixels: Any, name: str) -> None:
    image = keras.Input((None, None, 3), name="image")
    model = keras.Model(image, layers.Dense(4)(layers.GlobalAveragePooling2D()(image)), name=name)
    path = _saved(model, tmp_path / "m.keras")
    _, rewritten = _rewrite(path, tmp_path, image_size=[8, 8], softmax=True)
    np.testing.assert_allclose(keras.ops.softmax(model(pixels)), rewritten(pixels), atol=1e-6)


def test_a_softmax_is_appended_on_request(tmp_path: Path, pixels: Any) -> None:
    model = _network(last=None)
    _, rewritten = _rewrite(_saved(model, tmp_path / "m.keras"), tmp_path, softmax=True)
    powers = np.exp(np.asarray(model(pixels), dtype=np.float64))
    np.testing.assert_allclose(powers / powers.sum(axis=1, keepdims=True), rewritten(pixels), atol=1e-6)


def test_a_model_of_any_size_needs_one_and_keeps_it(tmp_path: Path, pixels: Any) -> None:
    model = _network(size=(None, None, 3))
    path = _saved(model, tmp_path / "m.keras")
    with pytest.raises(InputError, match=r"any size[\s\S]*--image-size"):
        _rewrite(path, tmp_path)
    told, rewritten = _rewrite(path, tmp_path, image_size=[8, 8])
    assert [8, 8, 3] == told["shape"]
    assert (None, 8, 8, 3) == rewritten.inputs[0].shape
    np.testing.assert_allclose(model(pixels), rewritten(pixels), atol=1e-6)


def _two_inputs() -> Any:
    one, other = keras.Input(SIZE), keras.Input((2,))
    return keras.Model([one, other], layers.Concatenate()([layers.Flatten()(one), other]))


def _two_outputs() -> Any:
    image = keras.Input(SIZE)
    return keras.Model(image, [layers.Dense(2)(layers.Flatten()(image)), layers.Dense(3)(layers.Flatten()(image))])


def _of(shape: tuple[Any, ...], **more: Any) -> Any:
    image = keras.Input(shape, **more)
    return keras.Model(image, layers.Dense(4)(layers.Flatten()(layers.Rescaling(1.0)(image))))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(_two_inputs, r"has 2 inputs[\s\S]*\(any, 2\)", id="two-inputs"),
        pytest.param(_two_outputs, "has 2 outputs", id="two-outputs"),
        pytest.param(lambda: _of((3, 8, 8)), "NCHW: the channels come first", id="nchw"),
        pytest.param(lambda: _of((8, 8, 4)), "no 1 or 3 channels", id="four-channels"),
        pytest.param(lambda: _of((8,)), "no image", id="vector"),
        pytest.param(lambda: _of(SIZE, dtype="uint8"), r"input is uint8[\s\S]*--source-range 0\.\.255", id="uint8"),
        pytest.param(lambda: _of(SIZE, batch_size=1), "batch is fixed to 1", id="batch-of-one"),
        pytest.param(lambda: _network(last="sigmoid", width=1), r"single output value[\s\S]*sigmoid", id="sigmoid"),
        pytest.param(lambda: keras.Sequential([keras.Input(SIZE), layers.Conv2D(4, 3)]), "no set of", id="feature-map"),
    ],
)
def test_what_is_no_classifier_of_images_is_refused(tmp_path: Path, make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        _rewrite(_saved(make(), tmp_path / "m.keras"), tmp_path)


def test_a_size_that_is_not_the_models_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--image-size 9 9[\s\S]*drop --image-size"):
        _rewrite(_saved(_network(), tmp_path / "m.keras"), tmp_path, image_size=[9, 9])


def test_weights_that_are_no_numbers_are_named_by_layer(tmp_path: Path) -> None:
    model = _network()
    kernel, bias = model.get_layer("last").get_weights()
    bias[1:3] = np.nan, np.inf
    model.get_layer("last").set_weights([kernel, bias])
    with pytest.raises(InputError, match=r"last/bias: 2 of 4 values"):
        _rewrite(_saved(model, tmp_path / "m.keras"), tmp_path)
    assert not (tmp_path / "model.keras").exists()


def test_a_saved_model_that_runs_python_or_reads_files_is_refused_before_loading(tmp_path: Path) -> None:
    def run(image: Any) -> Any:
        said = tf.strings.length(tf.io.read_file("secret.txt"))
        return tf.reduce_mean(image, axis=(1, 2)) + tf.cast(said, tf.float32)

    path = _export(tmp_path, run, tf.TensorSpec((None, *SIZE), tf.float32))
    with pytest.raises(InputError, match=r"more than compute[\s\S]*ReadFile"):
        _rewrite(path, tmp_path)


def test_a_saved_model_of_two_inputs_names_them(tmp_path: Path) -> None:
    image, mask = tf.TensorSpec((None, *SIZE), name="image"), tf.TensorSpec((None, 8, 8, 1), name="mask")
    path = _export(tmp_path, lambda image, mask: tf.reduce_mean(image * mask, axis=(1, 2)), image, mask)
    with pytest.raises(InputError, match=r"2 inputs[\s\S]*image[\s\S]*mask"):
        _rewrite(path, tmp_path)


def test_what_adopt_does_not_take_is_told(tmp_path: Path) -> None:
    for name in ("m.tflite", "m.onnx"):
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(InputError, match=r"does not take this[\s\S]*SavedModel folder, or a frozen graph"):
            _rewrite(tmp_path / name, tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        _rewrite(tmp_path / "gone.keras", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"folder without saved_model\.pb"):
        _rewrite(tmp_path / "empty", tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"garbage")
    with pytest.raises(InputError, match="part of a SavedModel"):
        _rewrite(tmp_path / "saved_model.pb", tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        _rewrite(tmp_path, tmp_path)
