"""model.h5 in the hands of its readers: tf-keras, which is Keras 2, in this process and in one of its own."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from modelport.contract.errors import InputError, UsageError
from modelport.contract.image.pixels import InputForm, PixelContract
from modelport.contract.labels.heads import ClassificationHead, RegressionHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.runtimes.inspect.inspect_file import inspect_here

keras = pytest.importorskip("keras", reason="makes the model")
tf_keras = pytest.importorskip("tf_keras", reason="reads the file")

from modelport.convert.convert import convert  # noqa: E402
from modelport.convert.options.export_options import ExportOptions  # noqa: E402
from modelport.convert.source.source import Source  # noqa: E402
from modelport.convert.to_h5.writer import write_h5  # noqa: E402
from modelport.runtimes.keras_file.h5_driver import H5Driver  # noqa: E402

CONTRACT = ModelContract(
    pixels=PixelContract(height=16, width=16),
    heads=(ClassificationHead(name="mood", labels=("calm", "glad", "sad")),),
    parameters=0,
    provenance=Provenance(run_id="run", model_sha256="0"),
)
LAYERS = keras.layers


def pixels_of(side: int, n: int = 3) -> Any:
    return np.random.default_rng(0).random((n, side, side, 3), dtype=np.float32)


def source_of(model: Any, scratch: Path, **contract: Any) -> Source:
    return Source(model=model, contract=replace(CONTRACT, **contract), scratch=scratch)


def answer_of(path: Path, pixels: Any) -> Any:
    return tf_keras.models.load_model(path, compile=False)(pixels, training=False)


def small(*behind: Any, activation: str = "softmax") -> Any:
    """One convolution, what is given, and three values."""
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 3), name="image")
    value = LAYERS.Conv2D(4, 3)(image)
    for layer in behind:
        value = layer(value)
    return keras.Model(image, LAYERS.Dense(3, activation=activation, name="mood")(LAYERS.Flatten()(value)))


@pytest.mark.parametrize(
    "backbone",
    [
        *("MobileNetV3Small", "MobileNet"),
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("MobileNetV2", "EfficientNetB0")),
    ],
)
def test_keras_2_answers_as_keras_3_does(backbone: str, tmp_path: Path) -> None:
    """Arithmetic between tensors and numbers, hard-swish, ReLU6, swish, Normalization; BatchNorm that has learnt."""
    keras.utils.set_random_seed(0)
    model = getattr(keras.applications, backbone)(input_shape=(32, 32, 3), weights=None, classes=3)
    random = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, LAYERS.BatchNormalization):
            layer.set_weights([random.uniform(0.5, 1.5, value.shape) for value in layer.get_weights()])
    write_h5(source_of(model, tmp_path, pixels=PixelContract(height=32, width=32)), tmp_path / "model.h5")
    answer = answer_of(tmp_path / "model.h5", pixels_of(32))
    np.testing.assert_allclose(model(pixels_of(32), training=False), answer, atol=1e-5)
    expected = {tuple(weight.shape) for weight in model.weights}
    assert expected == {tuple(weight.shape) for weight in tf_keras.models.load_model(tmp_path / "model.h5").weights}


@pytest.mark.parametrize("activation", ["hard_sigmoid", "hard_silu", "relu6", "silu", "gelu", "elu"])
def test_activations_keep_their_meaning(activation: str, tmp_path: Path) -> None:
    """Keras 2 has a hard_sigmoid, too, and it is another one: clip(0.2 x + 0.5)."""
    model = small(activation=activation)
    write_h5(source_of(model, tmp_path), tmp_path / "model.h5")
    answer = answer_of(tmp_path / "model.h5", 4 * pixels_of(16) - 2)
    np.testing.assert_allclose(model(4 * pixels_of(16) - 2), answer, atol=1e-5)


def test_models_inside_and_layers_used_twice_stay_so(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    inner = keras.Sequential([keras.Input((16, 16, 3)), LAYERS.Conv2D(3, 3, padding="same"), LAYERS.LeakyReLU(0.2)])
    image = keras.Input((16, 16, 3), name="image")
    value = LAYERS.GlobalAveragePooling2D()(inner(inner(image)) - 0.25)
    model = keras.Model(image, LAYERS.Dense(3, activation="softmax")(value))
    write_h5(source_of(model, tmp_path), tmp_path / "model.h5")
    loaded = tf_keras.models.load_model(tmp_path / "model.h5", compile=False)
    assert model.count_params() == loaded.count_params()
    np.testing.assert_allclose(model(pixels_of(16)), loaded(pixels_of(16)), atol=1e-5)


@pytest.mark.parametrize(
    "layer",
    [
        LAYERS.GroupNormalization(2, axis=-1, epsilon=0.1, beta_initializer="ones"),
        LAYERS.UnitNormalization(),
        LAYERS.Resizing(9, 5),
        LAYERS.CenterCrop(7, 5),
        LAYERS.RandomFlip(),
        LAYERS.RandomRotation(0.3),
        LAYERS.RandomTranslation(0.2, 0.2),
        LAYERS.RandomZoom(0.2),
        LAYERS.RandomContrast(0.2),
        LAYERS.RandomBrightness(0.2, value_range=(0, 1)),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_layers_of_both_answer_alike(layer: Any, tmp_path: Path) -> None:
    """Those of augmentation let images pass as they are; they are inside the model in Keras' own tutorials."""
    model = small(layer)
    write_h5(source_of(model, tmp_path), tmp_path / "model.h5")
    answer = answer_of(tmp_path / "model.h5", pixels_of(16))
    np.testing.assert_allclose(model(pixels_of(16), training=False), answer, atol=1e-5)


@pytest.mark.parametrize("first", [True, False], ids=["1 - x", "x - 1"])
def test_a_number_may_stand_on_either_side_of_a_minus(first: bool, tmp_path: Path) -> None:
    model = small((lambda value: 1 - value) if first else (lambda value: value - 1))
    write_h5(source_of(model, tmp_path), tmp_path / "model.h5")
    np.testing.assert_allclose(model(pixels_of(16)), answer_of(tmp_path / "model.h5", pixels_of(16)), atol=1e-5)


def test_heads_of_a_dictionary_come_in_the_order_of_the_contract(tmp_path: Path) -> None:
    """An .h5 file has no names for its outputs: a client finds the first head at the first place."""
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 3), name="image")
    pooled = LAYERS.GlobalAveragePooling2D()(LAYERS.Conv2D(8, 3)(image))
    heads = {"mood": LAYERS.Dense(3, activation="softmax")(pooled), "age": LAYERS.Dense(1)(pooled)}
    model = keras.Model(image, heads)
    source = source_of(model, tmp_path, heads=(*CONTRACT.heads, RegressionHead(name="age", unit="years")))
    write_h5(source, tmp_path / "model.h5")
    mood, age = answer_of(tmp_path / "model.h5", pixels_of(16))
    np.testing.assert_allclose(model(pixels_of(16))["mood"], mood, atol=1e-5)
    np.testing.assert_allclose(model(pixels_of(16))["age"], age, atol=1e-5)


def test_another_value_range_is_put_in_front(tmp_path: Path) -> None:
    model = small()
    source = source_of(model, tmp_path).taking(InputForm(value_range=(-1.0, 1.0)))
    write_h5(source, tmp_path / "model.h5")
    np.testing.assert_allclose(model(pixels_of(16)), answer_of(tmp_path / "model.h5", pixels_of(16) * 2 - 1), atol=1e-5)


def test_two_heads_are_told_apart_by_the_driver(tmp_path: Path) -> None:
    """By name the second would be the first."""
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 3), name="image")
    pooled = LAYERS.GlobalAveragePooling2D()(LAYERS.Conv2D(8, 3)(image))
    mood = LAYERS.Dense(3, activation="softmax", name="probabilities")(pooled)
    model = keras.Model(image, [mood, LAYERS.Dense(1, name="years")(pooled)])
    heads = (*CONTRACT.heads, RegressionHead(name="age", unit="years"))
    source = source_of(model, tmp_path, heads=heads)
    write_h5(source, tmp_path / "model.h5")
    answers = H5Driver(str(tmp_path / "model.h5"), source.contract).predict(pixels_of(16))
    expected = model(pixels_of(16))
    np.testing.assert_allclose(expected[0], answers["mood"], atol=1e-5)
    np.testing.assert_allclose(expected[1], answers["age"], atol=1e-5)


def test_the_contract_is_inside_and_a_second_file_has_the_same_bytes(tmp_path: Path) -> None:
    source = source_of(small(), tmp_path)
    for name in ("a.h5", "b.h5"):
        write_h5(source, tmp_path / name)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    with h5py.File(tmp_path / "a.h5") as file:
        assert CONTRACT.promise() == json.loads(file["modelport_contract"][()])
        assert "training_config" not in file.attrs
    told = inspect_here(tmp_path / "a.h5")
    assert ("inside", ("calm", "glad", "sad"), ()) == (told.contract_from, told.labels, told.missing)


def test_a_contract_that_lies_in_another_file_is_not_followed(tmp_path: Path) -> None:
    for name in ("a.h5", "b.h5"):
        write_h5(source_of(small(), tmp_path), tmp_path / name)
    with h5py.File(tmp_path / "b.h5", "a") as file:
        del file["modelport_contract"]
        file["modelport_contract"] = h5py.ExternalLink(str(tmp_path / "a.h5"), "modelport_contract")
    assert inspect_here(tmp_path / "b.h5").contract is None


def test_the_configuration_names_nothing_that_the_last_keras_2_in_tensorflow_refuses(tmp_path: Path) -> None:
    """TensorFlow 2.15.1: "Unrecognized keyword arguments: ['optional']" of an InputLayer; it loads what is left."""
    write_h5(source_of(small(LAYERS.BatchNormalization()), tmp_path), tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5") as file:
        layers = {
            one["class_name"]: one["config"] for one in json.loads(file.attrs["model_config"])["config"]["layers"]
        }
    assert "optional" not in layers["InputLayer"]
    assert "synchronized" not in layers["BatchNormalization"]
    assert [None, 16, 16, 3] == layers["InputLayer"]["batch_input_shape"]


def test_keras_3_reads_it_too(tmp_path: Path) -> None:
    model = small(LAYERS.DepthwiseConv2D(3), LAYERS.BatchNormalization())
    write_h5(source_of(model, tmp_path), tmp_path / "model.h5")
    loaded = keras.models.load_model(tmp_path / "model.h5", compile=False)
    np.testing.assert_allclose(model(pixels_of(16)), loaded([pixels_of(16)]), atol=1e-5)


class Strange(LAYERS.Layer):  # type: ignore[misc,name-defined]
    """Keras 2 does not have it."""

    def call(self, value: Any) -> Any:
        """Change nothing."""
        return value


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (Strange(name="mine"), "Strange"),
        (LAYERS.RMSNormalization(name="mine"), "RMSNormalization"),
        (LAYERS.Activation("sparse_plus", name="mine"), "sparse_plus"),
        (lambda value: keras.ops.sin(value), "operation Sin"),
    ],
)
def test_what_keras_2_does_not_have_is_named(layer: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot hold") as caught:
        write_h5(source_of(small(layer), tmp_path), tmp_path / "model.h5")
    assert said in str(caught.value.received)
    assert "--to saved_model" in str(caught.value.fix)
    assert not (tmp_path / "model.h5").exists()


def test_a_layer_that_answers_otherwise_is_found_by_its_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for a layer whose meaning changed from Keras 2 to Keras 3."""

    class Other(tf_keras.layers.ReLU):  # type: ignore[misc,name-defined]
        def call(self, inputs: Any) -> Any:
            return super().call(inputs) / 2

    monkeypatch.setattr(tf_keras.layers, "ReLU", Other)
    with pytest.raises(InputError, match="answers otherwise in Keras 2"):
        write_h5(source_of(small(LAYERS.ReLU()), tmp_path), tmp_path / "model.h5")


def test_images_of_any_size_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pixels of one size") as caught:
        convert(tmp_path, ["saved_model", "h5"], ExportOptions(form=InputForm(preprocessing="in_graph")))
    assert "--preprocessing in-graph" in str(caught.value)


def test_code_in_a_file_is_refused_before_it_is_rebuilt(tmp_path: Path) -> None:
    image = tf_keras.Input((16, 16, 3))
    model = tf_keras.Model(image, tf_keras.layers.Lambda(lambda value: value)(image))
    with pytest.warns(UserWarning, match="legacy"):
        model.save(tmp_path / "model.h5")
    with pytest.raises(InputError, match="holds Python code"):
        H5Driver(str(tmp_path / "model.h5"), CONTRACT)


@pytest.mark.slow
def test_a_process_that_knows_keras_2_alone_loads_it(tmp_path: Path) -> None:
    model = small(LAYERS.Activation("hard_silu"))
    write_h5(source_of(model, tmp_path), tmp_path / "model.h5")
    np.save(tmp_path / "pixels.npy", pixels_of(16))
    code = (
        "import os, sys; os.environ['TF_USE_LEGACY_KERAS'] = '1'; import numpy as np, tensorflow as tf; "
        "model = tf.keras.models.load_model(sys.argv[1]); assert 'tf_keras' in type(model).__module__; "
        "np.save(sys.argv[3], model(np.load(sys.argv[2])))"
    )
    paths = [str(tmp_path / name) for name in ("model.h5", "pixels.npy", "answer.npy")]
    subprocess.run([sys.executable, "-c", code, *paths], check=True, capture_output=True)
    np.testing.assert_allclose(model(pixels_of(16)), np.load(paths[2]), atol=1e-5)
