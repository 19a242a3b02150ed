"""Decoding against TensorFlow's DecodeJpeg, and what is refused."""

import io
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.decode import (
    MAX_PIXELS,
    decode_image,
    load_pixels,
    open_image,
    read_image,
    sha256_of_pixels,
    to_pixels,
)
from modelport.contract.image.pixels import PixelContract
from PIL import Image

RGB, GREY = PixelContract(), PixelContract(channels=1)
#: Smooth and noisy parts, and a size that is no multiple of a JPEG block.
PHOTO = Image.frombytes("RGB", (9, 7), random.Random(0).randbytes(9 * 7 * 3)).resize((61, 45), Image.Resampling.BICUBIC)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


ENCODED = [
    pytest.param(saved(PHOTO, "JPEG", quality=quality, subsampling=subsampling), id=f"q{quality}-{subsampling}")
    for quality in (30, 90)
    for subsampling in ("4:4:4", "4:2:2", "4:2:0")
] + [
    pytest.param(saved(PHOTO, "JPEG", progressive=True), id="progressive"),
    pytest.param(saved(PHOTO.convert("L"), "JPEG"), id="grey-jpeg"),
    pytest.param(saved(PHOTO, "PNG"), id="png"),
    pytest.param(saved(PHOTO.convert("L"), "PNG"), id="grey-png"),
    pytest.param(saved(PHOTO.convert("RGBA"), "PNG"), id="alpha"),
    pytest.param(saved(PHOTO, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"),
                 id="exif-ignored"),
]  # fmt: skip


@pytest.mark.parametrize("data", ENCODED)
def test_decoding_equals_tensorflow_bit_for_bit(data: bytes) -> None:
    tf = pytest.importorskip("tensorflow")
    expected = tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE").numpy()
    np.testing.assert_array_equal(expected, decode_image(data, RGB))


def test_grey_has_one_channel() -> None:
    image = decode_image(saved(PHOTO.convert("L"), "PNG"), GREY)
    np.testing.assert_array_equal(np.asarray(PHOTO.convert("L"))[:, :, None], image)


def test_exif_turns_the_image_only_where_the_contract_says_so() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to view it
    data = saved(PHOTO, "PNG", exif=exif)
    np.testing.assert_array_equal(np.asarray(PHOTO), decode_image(data, RGB))
    expected = np.rot90(np.asarray(PHOTO), -1)
    np.testing.assert_array_equal(expected, decode_image(data, PixelContract(exif="applied")))


@pytest.mark.parametrize(
    ("value_range", "expected"),
    [((0, 1), [0.0, 0.2, 1.0]), ((-1, 1), [-1.0, -0.6, 1.0]), ((0, 255), [0.0, 51.0, 255.0])],
)
def test_black_and_white_become_the_ends_of_the_range(value_range: tuple[float, float], expected: list[float]) -> None:
    contract = PixelContract(height=1, width=3, value_range=value_range)
    pixels = to_pixels(np.repeat(np.array([[[0], [51], [255]]], dtype=np.uint8), 3, axis=2), contract)
    assert np.float32 == pixels.dtype
    assert expected == pytest.approx(pixels[0, :, 0].tolist(), abs=1e-6)


def test_a_path_gives_the_same_pixels_as_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(saved(PHOTO, "PNG"))
    expected = to_pixels(np.asarray(PHOTO), RGB)
    np.testing.assert_array_equal(expected, load_pixels(tmp_path / "x.png", RGB))
    np.testing.assert_array_equal(expected, load_pixels(str(tmp_path / "x.png"), RGB))
    assert RGB.shape == expected.shape


@pytest.mark.parametrize(
    ("data", "what", "received"),
    [
        pytest.param(b"", "not an image", "an empty file", id="empty"),
        pytest.param(b"hello", "not an image", "5 bytes that begin with b'hello'", id="text"),
        pytest.param(saved(PHOTO, "JPEG")[:-200], "image cannot be decoded", "truncated", id="truncated-jpeg"),
        pytest.param(saved(PHOTO, "PNG")[:-200], "image cannot be decoded", "truncated", id="truncated-png"),
    ],
)
def test_what_is_no_whole_image_is_refused(data: bytes, what: str, received: str) -> None:
    with pytest.raises(InputError) as caught:
        open_image(data, "photo.jpg")
    assert (what, "photo.jpg") == (caught.value.what, caught.value.where)
    assert received in str(caught.value.received)


def test_a_bomb_is_refused_by_its_header(recwarn: pytest.WarningsRecorder) -> None:
    def png(width: int, height: int) -> bytes:
        chunks = (b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0), b"IDAT" + zlib.compress(b""))
        parts = (struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks)
        return b"\x89PNG\r\n\x1a\n" + b"".join(parts)

    with pytest.raises(InputError, match="too large") as caught:  # Pillow's own limit comes first, and names no size
        open_image(png(60_000, 60_000), "bomb.png")
    assert "3,600,000,000 pixels" == caught.value.received
    with pytest.raises(InputError, match="too large") as caught:
        open_image(png(MAX_PIXELS // 8192 + 1, 8192), "bomb.png")
    assert "16385 x 8192 pixels" == caught.value.received
    assert [] == recwarn.list


@pytest.mark.parametrize("data", [b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", b"P6 1 1 255 RGB", b"8BPS\0\1"])
def test_a_format_that_nobody_trains_on_is_not_opened_under_an_images_name(data: bytes) -> None:
    """Pillow starts Ghostscript for an EPS file, whatever it is called."""
    with pytest.raises(InputError, match="not an image"):
        open_image(data, "photo.jpg")


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="image cannot be read"):
        read_image(tmp_path / "gone.png", RGB)


def test_the_hash_of_pixels_sees_every_pixel_and_the_shape() -> None:
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    other = image.copy()
    other[1, 3, 2] += 1
    digests = {sha256_of_pixels(each) for each in (image, other, image.reshape(4, 2, 3))}
    assert 3 == len(digests)
    assert sha256_of_pixels(image) == sha256_of_pixels(np.asfortranarray(image))


def test_16_bits_are_scaled_and_not_clipped() -> None:
    """The high byte, as libpng's png_set_strip_16 and TensorFlow have it. Pillow's `convert` makes 255 of 256."""
    values = np.array([[0, 255, 256, 300, 32768, 65535]], dtype=np.uint16)
    data = saved(Image.fromarray(values), "PNG")
    assert [0, 0, 1, 1, 128, 255] == decode_image(data, GREY)[0, :, 0].tolist()
    assert [0, 0, 1, 1, 128, 255] == decode_image(data, RGB)[0, :, 1].tolist()


@pytest.mark.parametrize("mode", ["F", "I"])
def test_pixels_of_32_bits_are_refused(mode: str) -> None:
    data = saved(Image.new(mode, (4, 4), 1), "TIFF")
    with pytest.raises(InputError, match="32-bit pixels do not say") as caught:
        decode_image(data, RGB, where="photo.tiff")
    assert "photo.tiff" == caught.value.where
