"""Bit for bit what tf.image.resize does without antialias."""

import numpy as np
import pytest
from modelport.contract.image.resize import resize_bilinear

SIZES = [(100, 100), (64, 48), (200, 200), (1, 1), (7, 331), (333, 5), (640, 480)]


@pytest.mark.parametrize("wanted", [(200, 200), (64, 64), (128, 96), (1, 1), (3, 257)])
@pytest.mark.parametrize("size", SIZES)
def test_resize_equals_tensorflow_bit_for_bit(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    tf = pytest.importorskip("tensorflow")
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    expected = tf.image.resize(image, wanted, method="bilinear", antialias=False).numpy()
    received = resize_bilinear(image, *wanted)
    assert np.float32 == received.dtype
    np.testing.assert_array_equal(expected, received)


def test_pixel_centres_are_half_and_nothing_is_smoothed() -> None:
    """By hand: 4 -> 2 samples at 0.5 and 2.5, the middle of two pixels each; antialias would weigh all four."""
    image = np.array([0, 100, 200, 40], dtype=np.uint8).reshape(1, 4, 1)
    assert [50.0, 120.0] == resize_bilinear(image, 1, 2).ravel().tolist()


def test_enlarging_repeats_the_border() -> None:
    """By hand: 2 -> 4 samples at -0.25, 0.25, 0.75 and 1.25; outside of the centres the border's value holds."""
    image = np.array([0, 100], dtype=np.uint8).reshape(1, 2, 1)
    assert [0.0, 25.0, 75.0, 100.0] == resize_bilinear(image, 1, 4).ravel().tolist()


def test_the_right_size_changes_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    np.testing.assert_array_equal(image.astype(np.float32), resize_bilinear(image, 5, 6))
