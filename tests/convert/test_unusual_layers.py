"""Layers that Keras writes in ways of its own: each format answers as Keras does, or names the layer it cannot hold."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance

keras = pytest.importorskip("keras", reason="makes the models")

from modelport.convert.convert import WRITERS  # noqa: E402
from modelport.convert.source.source import Source  # noqa: E402
from modelport.runtimes.workers.workers import Workers  # noqa: E402

layers = keras.layers

CONTRACT = ModelContract(
    pixels=PixelContract(height=16, width=16),
    heads=(ClassificationHead(name="label", labels=("a", "b", "c")),),
    parameters=0,
    provenance=Provenance(run_id="run", model_sha256="0"),
)
#: One kind of layer each, on a map of 8 channels.
LAYERS = {
    "convolution in groups": lambda x: layers.Conv2D(8, 3, groups=4)(x),
    "GELU": lambda x: layers.Activation("gelu")(x),
    "dense on each pixel": lambda x: layers.Dense(6)(x),
    "gated unit": lambda x: layers.Multiply()([x, layers.Activation("sigmoid")(layers.Dense(8)(x))]),
    "transposed convolution": lambda x: layers.Conv2DTranspose(4, 3, strides=2)(x),
    "layer normalization": lambda x: layers.LayerNormalization()(x),
    "group normalization": lambda x: layers.GroupNormalization(4)(x),
    "bilinear upsampling": lambda x: layers.UpSampling2D(2, interpolation="bilinear")(x),
}


def model_of(kind: str) -> Any:
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 3), name="image")
    x = layers.Conv2D(8, 3, activation="relu")(image)
    x = layers.GlobalAveragePooling2D()(LAYERS[kind](x))
    return keras.Model(image, layers.Dense(3, activation="softmax", name="label")(x))


@pytest.fixture(scope="module")
def workers() -> Any:
    with Workers() as warm:
        yield warm


@pytest.mark.slow
@pytest.mark.parametrize("kind", LAYERS)
def test_every_format_answers_as_keras_does(
    kind: str, workers: Workers, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    model, pixels = model_of(kind), np.random.default_rng(0).random((3, 16, 16, 3), dtype=np.float32)
    source = Source(model=model, contract=CONTRACT, scratch=tmp_path)
    expected = np.asarray(model(pixels, training=False))
    for written in ("saved_model", "frozen_graph", "tflite", "onnx"):
        WRITERS[written].write(source, tmp_path / f"artifact {written}")
        with workers.open(tmp_path / f"artifact {written}", written, CONTRACT, log=tmp_path / "log") as session:
            np.testing.assert_allclose(expected, session.predict(pixels)["label"], atol=1e-5, err_msg=written)


@pytest.mark.parametrize("format", ["onnx", "tflite", "tfjs"])
def test_a_layer_that_a_format_cannot_hold_is_named_with_its_operator(format: str, tmp_path: Path) -> None:
    image = keras.Input((16, 16, 3), name="image")
    spoiled = Bessel(name="odd_layer")(image)
    model = keras.Model(image, layers.Dense(3, activation="softmax")(layers.Flatten()(spoiled)))
    source = Source(model=model, contract=CONTRACT, scratch=tmp_path)
    with pytest.raises(InputError, match="BesselI0e") as refusal:
        WRITERS[format].write(source, tmp_path / "artifact")
    assert "odd_layer" in str(refusal.value.where)
    assert not (tmp_path / "artifact").exists()


class Bessel(layers.Layer):  # type: ignore[misc,name-defined]
    """An operator that ONNX, TensorFlow Lite and TensorFlow.js lack."""

    def call(self, x: Any) -> Any:
        import tensorflow as tf

        return tf.math.bessel_i0e(x)
