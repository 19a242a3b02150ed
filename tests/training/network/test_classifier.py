from typing import Any

import numpy as np
import pytest
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.training.train_options import TrainOptions

pytest.importorskip("tensorflow", reason="the classifier needs the extra [tensorflow]")

import keras
from modelport.training.network.classifier import (
    FROM_SCRATCH_MOMENTUM,
    batch_norms,
    build_classifier,
    dtype_policy,
    rescaling,
    set_trainable,
)

HEAD = ClassificationHead(name="label", labels=("a", "b", "c"))
PIXELS = PixelContract(height=32, width=32)


def tiny(**how: Any) -> Any:
    options = TrainOptions(backbone="MobileNetV3Small", weights="none")
    return build_classifier(how.pop("options", options), how.pop("pixels", PIXELS), HEAD, **how)


@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
def test_the_rest_of_the_scaling_is_in_the_model(value_range: tuple[float, float]) -> None:
    """Grey levels scaled by hand to keras.applications' [-1, 1], through its own backbone, give the same answer."""
    pixels = PixelContract(height=32, width=32, value_range=value_range)
    options = TrainOptions(backbone="MobileNetV3Small", weights="none")
    model = build_classifier(options, pixels, HEAD)
    levels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.float32)

    backbone = keras.applications.MobileNetV3Small(
        input_shape=(32, 32, 3), include_top=False, include_preprocessing=False, weights=None
    )
    *features, kernel, bias = model.get_weights()
    backbone.set_weights(features)
    pooled = np.asarray(backbone(levels / 127.5 - 1, training=False)).mean(axis=(1, 2))
    exponent = np.exp(pooled @ kernel + bias)
    expected = exponent / exponent.sum(axis=1, keepdims=True)

    low, high = value_range
    received = np.asarray(model(levels / 255 * (high - low) + low, training=False))
    np.testing.assert_allclose(expected, received, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("source", "target"),
    [((0, 1), (-1, 1)), ((0, 255), (-1, 1)), ((-1, 1), (0, 255)), ((0, 1), (0, 1))],
    ids=str,
)
def test_rescaling_maps_ends_to_ends(source: tuple[float, float], target: tuple[float, float]) -> None:
    np.testing.assert_allclose(
        target, np.asarray(rescaling(source, target)(np.array([source], np.float32)))[0], atol=1e-6
    )


def test_input_and_output_have_the_contracts_names_and_shapes(tiny_backbone: None) -> None:
    model = tiny()
    assert ["image"] == [tensor.name for tensor in model.inputs]
    assert ["label"] == model.output_names
    assert [(None, 32, 32, 3), (None, 3)] == [model.inputs[0].shape, model.outputs[0].shape]


def test_phase_1_trains_the_head_only(tiny_backbone: None) -> None:
    model = tiny()
    set_trainable(model, backbone=False, batch_norm=False)
    assert [variable.path for variable in model.get_layer("logits").weights] == [
        variable.path for variable in model.trainable_variables
    ]


def test_phase_2_trains_all_but_batch_norm(tiny_backbone: None) -> None:
    """An unfrozen BatchNorm runs in training mode whatever the call says (DESIGN.md, fact 1)."""
    model = tiny()
    set_trainable(model, backbone=True, batch_norm=False)
    norms = {id(variable) for layer in batch_norms(model) for variable in layer.weights}
    trained = {id(variable) for variable in model.trainable_variables}
    assert 8 == len(norms)
    assert {id(variable) for variable in model.weights} - norms == trained
    features = np.random.default_rng(0).random((4, 32, 32, 3), np.float32)
    before = [layer.get_weights() for layer in batch_norms(model)]
    model(features, training=True)
    for old, layer in zip(before, batch_norms(model), strict=True):
        np.testing.assert_array_equal(old, layer.get_weights())


def test_from_scratch_batch_norm_learns_with_a_short_memory(tiny_backbone: None) -> None:
    model = tiny()
    set_trainable(model, backbone=True, batch_norm=True)
    assert {0.9} == {layer.momentum for layer in batch_norms(model)} == {FROM_SCRATCH_MOMENTUM}
    assert all(layer.trainable for layer in batch_norms(model))


def test_with_weights_the_momentum_stays(tiny_backbone: None, tiny_weights: Any) -> None:
    options = TrainOptions(backbone="MobileNetV3Small", weights=str(tiny_weights))
    assert {0.99} == {layer.momentum for layer in batch_norms(tiny(options=options))}  # Keras' default


def test_mixed_float16_keeps_float32_at_both_ends(tiny_backbone: None) -> None:
    model = tiny(policy="mixed_float16")
    assert "float16" == model.get_layer("conv_8").compute_dtype
    assert ["float32", "float32"] == [model.inputs[0].dtype, model.outputs[0].dtype]


def test_the_policy_is_restored_after_the_block_and_after_an_error() -> None:
    def failing() -> None:
        with dtype_policy("mixed_float16"):
            assert "mixed_float16" == keras.config.dtype_policy().name
            raise ZeroDivisionError

    before = keras.config.dtype_policy().name
    with pytest.raises(ZeroDivisionError):
        failing()
    assert before == keras.config.dtype_policy().name
