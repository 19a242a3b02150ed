"""Pipelines and models that scale twice, written as users write them: each is stopped, and the message is shown."""

from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.image.value_scalings import SCALINGS, Scaling
from numpy.typing import NDArray

pytest.importorskip("tensorflow", reason="the check needs the extra [tensorflow]")

import keras
from modelport.training.fit.range_check import check_input_ranges, range_at_first_weights

UNIT = PixelContract(height=32, width=32)
EXPECTS = (-1.0, 1.0)


@pytest.fixture
def levels() -> NDArray[np.float32]:
    """Decoded images: grey levels in [0, 255]."""
    return np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3)).astype(np.float32)


def network(*before: Any) -> Any:
    """Layers, then a convolution."""
    return keras.Sequential([keras.Input((32, 32, 3)), *before, keras.layers.Conv2D(2, 3)], name="network")


def scaling() -> Any:
    return keras.layers.Rescaling(2.0, -1.0)


def message_of(*arguments: Any, **how: Any) -> str:
    with pytest.raises(InputError) as caught:
        check_input_ranges(*arguments, **how)
    message = str(caught.value)
    print(message)
    return message


def test_one_scaling_passes(levels: NDArray[np.float32]) -> None:
    brightness = keras.layers.RandomBrightness(0.2, value_range=(0, 1))
    flip = keras.layers.RandomFlip()
    check_input_ranges(network(scaling()), UNIT, EXPECTS, levels / np.float32(255), [brightness, flip])


def test_a_pipeline_that_divides_twice_is_stopped(levels: NDArray[np.float32]) -> None:
    message = message_of(network(scaling()), UNIT, EXPECTS, levels / np.float32(255 * 255))
    assert message.startswith("input is scaled twice: data pipeline")
    assert "expected  pixels in [0, 1]" in message
    assert "a batch of 4 images in [0, 0.003922]" in message


def test_a_model_with_preprocessing_inside_fed_unit_pixels_is_stopped(levels: NDArray[np.float32]) -> None:
    """The real project's mistake: 43 % in the place of 95 % (DESIGN.md, section 1)."""
    image = keras.Input((32, 32, 3))
    model = keras.applications.MobileNetV3Small(
        input_tensor=image, include_top=False, include_preprocessing=True, weights=None
    )
    message = message_of(model, UNIT, EXPECTS, levels / 255)
    assert message.startswith("input is scaled twice: model 'MobileNetV3Small'")
    assert "expected  [-1, 1] at the first convolution" in message
    assert "received  [-1, -0.9922]: pixels in [0, 1] through Rescaling(0.00784314, -1)" in message
    assert "include_preprocessing=False" in message


def test_the_same_model_fed_grey_levels_passes(levels: NDArray[np.float32]) -> None:
    image = keras.Input((32, 32, 3))
    model = keras.applications.MobileNetV3Small(
        input_tensor=image, include_top=False, include_preprocessing=True, weights=None
    )
    check_input_ranges(model, PixelContract(value_range=(0, 255)), EXPECTS, levels)


def test_two_rescalings_in_a_model_are_stopped(levels: NDArray[np.float32]) -> None:
    model = network(keras.layers.Rescaling(1 / 255), keras.layers.Rescaling(1 / 127.5, -1.0))
    message = message_of(model, PixelContract(value_range=(0, 255)), EXPECTS, levels)
    assert message.startswith("input is scaled twice")
    assert "through Rescaling(0.00392157, 0), Rescaling(0.00784314, -1)" in message


@pytest.mark.parametrize("scaling", SCALINGS, ids=lambda one: one.does)
@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0)], ids=str)
def test_a_pipeline_that_applies_a_usual_scaling_again_is_stopped(
    levels: NDArray[np.float32], scaling: Scaling, value_range: tuple[float, float]
) -> None:
    low, high = value_range
    batch = scaling.apply(levels / np.float32(255) * (high - low) + low)
    message = message_of(network(), PixelContract(height=32, width=32, value_range=value_range), value_range, batch)
    assert message.startswith("input is scaled twice: data pipeline")


def test_doubling_twice_in_a_model_is_stopped(levels: NDArray[np.float32]) -> None:
    """As when a backbone with its own Rescaling(2, -1) gets another one."""
    message = message_of(network(scaling(), scaling()), UNIT, EXPECTS, levels / 255)
    assert message.startswith("input is scaled twice")
    assert "received  [-3, 1]" in message


def test_a_rescaling_inside_a_model_inside_is_followed(levels: NDArray[np.float32]) -> None:
    inner = network(keras.layers.Rescaling(1 / 127.5, -1.0))
    image = keras.Input((32, 32, 3))
    outer = keras.Model(image, inner(keras.layers.Rescaling(1 / 127.5, -1.0)(image)))
    assert "input is scaled twice" in message_of(outer, PixelContract(value_range=(0, 255)), EXPECTS, levels)


@pytest.mark.parametrize("name", ["RandomBrightness", "RandomContrast"])
def test_an_augmentation_in_grey_levels_on_unit_pixels_is_stopped(levels: NDArray[np.float32], name: str) -> None:
    layer = getattr(keras.layers, name)(0.2, name="changed")  # value_range is (0, 255) unless told otherwise
    message = message_of(network(scaling()), UNIT, EXPECTS, levels / 255, [layer])
    assert message.startswith("augmentation works in another range than the images: changed")
    assert "value_range=[0, 1]" in message
    assert "value_range=[0, 255]" in message
    assert f"{name}(..., value_range=(0.0, 1.0))" in message


def test_a_pipeline_that_does_not_scale_is_stopped(levels: NDArray[np.float32]) -> None:
    message = message_of(network(scaling()), UNIT, EXPECTS, levels)
    assert message.startswith("pixels are outside the contract's range: data pipeline")
    assert "[0, 255]" in message


def test_pixels_that_are_no_numbers_are_stopped(levels: NDArray[np.float32]) -> None:
    levels[0, 0, 0, 0] = np.nan
    assert "outside the contract's range" in message_of(network(scaling()), UNIT, EXPECTS, levels / 255)


def test_a_model_without_its_scaling_is_stopped(levels: NDArray[np.float32]) -> None:
    message = message_of(network(), UNIT, EXPECTS, levels / 255)
    assert message.startswith("input is scaled to another range than the backbone's")
    assert "received  [0, 1]: pixels in [0, 1] through nothing" in message


def test_a_rescaling_behind_the_first_weights_does_not_count() -> None:
    model = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Conv2D(3, 1), keras.layers.Rescaling(9.0)])
    assert ((0.0, 1.0), []) == range_at_first_weights(model, (0.0, 1.0))


def test_dark_photos_pass(levels: NDArray[np.float32]) -> None:
    check_input_ranges(network(scaling()), UNIT, EXPECTS, levels / np.float32(2550))
