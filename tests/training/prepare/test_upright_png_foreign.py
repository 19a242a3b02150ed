"""What a re-encoded file shows, against TensorFlow's decoders of the original: another implementation."""

import io
from typing import Any

import numpy as np
import pytest
from modelport.contract.image.decode import open_image
from modelport.training.prepare.upright_png import encode_upright_png
from numpy.typing import NDArray
from PIL import Image

tf = pytest.importorskip("tensorflow", reason="its decoders are the other implementation")

_RANDOM = np.random.default_rng(0)
#: 24 x 16, an odd corner each, so that a wrong turn cannot pass.
PHOTO = Image.fromarray(_RANDOM.integers(0, 256, (4, 6, 3), dtype=np.uint8)).resize((24, 16), Image.Resampling.BICUBIC)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def written(data: bytes) -> NDArray[np.uint8]:
    """The pixels of the file that `prepare` writes, read by TensorFlow."""
    pixels: NDArray[np.uint8] = tf.io.decode_png(encode_upright_png(open_image(data, "test"))).numpy()
    return pixels


def jpeg(data: bytes) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE").numpy()
    return pixels


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(saved(PHOTO.quantize(16), "PNG"), id="palette"),
        pytest.param(saved(PHOTO.convert("1"), "PNG"), id="black-and-white"),
        pytest.param(saved(PHOTO.convert("L"), "PNG"), id="grey"),
    ],
)
def test_png_files_keep_their_colours(data: bytes) -> None:
    np.testing.assert_array_equal(tf.io.decode_png(data, channels=3).numpy(), written(data))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_an_alpha_channel_is_dropped_and_nothing_is_blended(mode: str) -> None:
    image = PHOTO.convert(mode)
    image.putalpha(Image.linear_gradient("L").resize(PHOTO.size))
    data = saved(image, "PNG")
    channels = tf.io.decode_png(data).numpy()
    expected = channels[:, :, :3] if mode == "RGBA" else np.repeat(channels[:, :, :1], 3, axis=2)
    np.testing.assert_array_equal(expected, written(data))


def test_16_bits_of_grey_become_their_high_byte() -> None:
    data = saved(Image.fromarray(_RANDOM.integers(0, 65536, (16, 24), dtype=np.uint16)), "PNG")
    high = tf.io.decode_png(data, dtype=tf.uint16).numpy() >> 8
    np.testing.assert_array_equal(np.repeat(high, 3, axis=2), written(data))


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        pytest.param(3, lambda pixels: np.rot90(pixels, 2), id="upside-down"),
        pytest.param(6, lambda pixels: np.rot90(pixels, -1), id="turned-left"),
        pytest.param(8, np.rot90, id="turned-right"),
        pytest.param(2, lambda pixels: pixels[:, ::-1], id="mirrored"),
    ],
)
def test_exif_turns_what_was_stored(orientation: int, upright: Any) -> None:
    """EXIF 2.32: 6 means that row 0 of the stored picture is the visual right-hand side."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(PHOTO, "JPEG", exif=exif)
    np.testing.assert_array_equal(upright(jpeg(data)), written(data))


def test_the_first_picture_of_an_animation_is_what_remains() -> None:
    frames = [PHOTO.quantize(32), PHOTO.rotate(180).quantize(32)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    decoded = tf.io.decode_gif(data).numpy()
    assert 2 == len(decoded)
    np.testing.assert_array_equal(decoded[0], written(data))


def test_cmyk_becomes_rgb_as_tensorflow_has_it() -> None:
    """Both multiply each ink's share with black's; one rounds and one truncates: a level may be between them."""
    data = saved(PHOTO.convert("CMYK"), "JPEG", quality=95)
    difference = jpeg(data).astype(int) - written(data)
    assert 1 >= np.abs(difference).max()
