"""A decoder that repeats chroma, against TensorFlow's libjpeg told to do so, and a closed form."""

import io

import numpy as np
import pytest
from modelport.assets.golden.repeated_chroma import decode_repeating_chroma
from PIL import Image


def jpeg_of(image: np.ndarray, quality: int = 90) -> bytes:
    written = io.BytesIO()
    Image.fromarray(image).save(written, "JPEG", quality=quality, subsampling="4:2:0")
    return written.getvalue()


@pytest.mark.parametrize("size", [(16, 16), (33, 47), (72, 55), (1, 1), (40, 1)], ids=str)
def test_it_is_what_libjpeg_does_without_fancy_upsampling(size: tuple[int, int]) -> None:
    tf = pytest.importorskip("tensorflow", reason="its decoder can be told not to blend")
    data = jpeg_of(np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8))
    expected = tf.io.decode_jpeg(data, dct_method="INTEGER_ACCURATE", fancy_upscaling=False).numpy()
    received = decode_repeating_chroma(data)
    assert expected.shape == received.shape
    assert np.abs(expected.astype(int) - received).max() <= 1, "colours are rounded in another place"
    if min(size) > 1:
        blended = np.asarray(Image.open(io.BytesIO(data)))
        assert np.abs(blended.astype(int) - received).max() > 10, "and it is not what Pillow does"


def test_one_colour_is_one_colour() -> None:
    """Without detail there is nothing to blend: both decoders agree to rounding."""
    data = jpeg_of(np.full((20, 20, 3), (200, 30, 90), np.uint8), quality=100)
    blended = np.asarray(Image.open(io.BytesIO(data))).astype(int)
    assert np.abs(blended - decode_repeating_chroma(data)).max() <= 1
