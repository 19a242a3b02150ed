"""Which files are linked, which re-encoded, and into what. Expected pixels come from Pillow's own tools or by hand."""

import io
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.decode import decode_image, open_image
from modelport.contract.image.pixels import PixelContract
from modelport.training.prepare.find_images import FoundImage
from modelport.training.prepare.inspect_image import InspectedImage, inspect_image
from modelport.training.prepare.quarantine import Quarantined
from modelport.training.prepare.upright_png import encode_upright_png, why_not_plain
from PIL import Image, ImageOps

NOISE = Image.frombytes("RGB", (12, 8), random.Random(0).randbytes(12 * 8 * 3))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation  # the tag "Orientation" of EXIF 2.32
    return exif


def png_of_16_bits(values: list[int]) -> bytes:
    """A grey PNG file of one row, written by hand from the PNG specification."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", len(values), 1, 16, 0, 0, 0, 0)
    row = b"\0" + struct.pack(f">{len(values)}H", *values)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(row)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def upright(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(encode_upright_png(open_image(data, "test"))))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(saved(NOISE, "JPEG"), id="jpeg"),
        pytest.param(saved(NOISE, "JPEG", progressive=True, quality=30), id="progressive"),
        pytest.param(saved(NOISE.convert("L"), "JPEG"), id="grey-jpeg"),
        pytest.param(saved(NOISE, "JPEG", exif=turned(1)), id="upright-exif"),
        pytest.param(saved(NOISE, "MPO", save_all=True, append_images=[NOISE.rotate(180)]), id="mpo"),
        pytest.param(saved(NOISE, "PNG"), id="png"),
        pytest.param(saved(NOISE.convert("L"), "PNG"), id="grey-png"),
    ],
)
def test_plain_files_stay_as_they_are(data: bytes) -> None:
    assert why_not_plain(open_image(data, "test"), data) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        *(
            pytest.param(saved(NOISE, "JPEG", exif=turned(turn)), f"EXIF orientation {turn}", id=f"turned-{turn}")
            for turn in range(2, 9)
        ),
        pytest.param(saved(NOISE, "PNG", exif=turned(6)), "EXIF orientation 6", id="turned-png"),
        pytest.param(saved(NOISE.convert("CMYK"), "JPEG"), "mode CMYK", id="cmyk"),
        pytest.param(saved(NOISE.convert("RGBA"), "PNG"), "mode RGBA", id="rgba"),
        pytest.param(saved(NOISE.convert("LA"), "PNG"), "mode LA", id="grey-alpha"),
        pytest.param(saved(NOISE.quantize(64), "PNG"), "mode P", id="palette"),
        pytest.param(saved(NOISE.convert("1"), "PNG"), "1 bits", id="black-and-white"),
        pytest.param(saved(NOISE, "PNG", transparency=(1, 2, 3)), "transparent colour", id="transparent-colour"),
        pytest.param(png_of_16_bits([0, 65535]), "16 bits", id="16-bit"),
        pytest.param(saved(NOISE, "PNG", save_all=True, append_images=[NOISE.rotate(180)]), "animated", id="apng"),
        *(pytest.param(saved(NOISE, kind), f"format {kind}", id=kind) for kind in ("BMP", "GIF", "WEBP", "TIFF")),
    ],
)
def test_what_decoders_disagree_about_becomes_an_rgb_png_of_the_same_size(data: bytes, reason: str) -> None:
    opened = open_image(data, "test")
    assert reason == why_not_plain(opened, data)
    encoded = encode_upright_png(opened)
    again = open_image(encoded, "encoded")
    assert why_not_plain(again, encoded) is None
    assert ("PNG", "RGB") == (again.format, again.mode)
    assert sorted(opened.size) == sorted(again.size)


@pytest.mark.parametrize("turn", range(1, 9))
def test_turned_images_become_upright_as_pillow_turns_them(turn: int) -> None:
    data = saved(NOISE, "PNG", exif=turned(turn))
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert expected.size == ((12, 8) if turn < 5 else (8, 12))
    np.testing.assert_array_equal(np.asarray(expected), np.asarray(upright(data)))


@pytest.mark.parametrize("kind", ["BMP", "TIFF"])
def test_lossless_formats_keep_every_pixel(kind: str) -> None:
    np.testing.assert_array_equal(np.asarray(NOISE), np.asarray(upright(saved(NOISE, kind))))


def test_alpha_is_dropped_not_blended() -> None:
    """The same as `decode_image` does, and as DecodeJpeg does with three channels."""
    clear = NOISE.copy()
    clear.putalpha(0)
    np.testing.assert_array_equal(np.asarray(NOISE), np.asarray(upright(saved(clear, "PNG"))))


def test_16_bits_are_scaled_not_clipped() -> None:
    values = [0, 255, 256, 4096, 32768, 65535]
    expected = [value // 256 for value in values]
    assert expected == np.asarray(upright(png_of_16_bits(values)))[0, :, 0].tolist()


def test_16_bit_tiff_is_scaled_not_clipped() -> None:
    data = saved(Image.fromarray(np.array([[0, 256, 65535]], dtype=np.uint16)), "TIFF")
    assert [0, 1, 255] == np.asarray(upright(data))[0, :, 0].tolist()


def test_pixels_without_a_range_are_refused() -> None:
    with pytest.raises(InputError, match="32-bit"):
        upright(saved(Image.new("F", (4, 4), 0.5), "TIFF"))


def test_the_first_frame_of_an_animation_is_taken() -> None:
    red, blue = (Image.new("RGB", (4, 4), colour) for colour in ("#ff0000", "#0000ff"))
    assert (255, 0, 0) == upright(saved(red, "GIF", save_all=True, append_images=[blue])).getpixel((0, 0))


@pytest.mark.parametrize("missing", range(1, 17))
def test_a_png_without_its_last_chunk_is_refused(missing: int) -> None:
    """Pillow decodes it (13.0 does), DecodeJpeg of TensorFlow 2.21 does not."""
    data = saved(NOISE, "PNG")[:-missing]
    with pytest.raises(InputError, match=r"truncated|cannot be decoded"):
        why_not_plain(open_image(data, "test"), data)


def test_a_png_with_a_wrong_checksum_is_refused() -> None:
    data = bytearray(saved(NOISE, "PNG"))
    data[-1] ^= 1
    with pytest.raises(InputError, match="damaged") as caught:
        why_not_plain(open_image(bytes(data), "test"), bytes(data))
    assert "IEND" in str(caught.value.received)


def test_damaged_exif_turns_nothing_and_stops_nothing() -> None:
    data = saved(NOISE, "JPEG", exif=b"Exif\0\0nonsense")
    assert why_not_plain(open_image(data, "test"), data) is None
    data = saved(NOISE, "WEBP", lossless=True, exif=b"nonsense")  # for which Pillow raises SyntaxError
    np.testing.assert_array_equal(np.asarray(NOISE), np.asarray(upright(data)))


def test_no_damaged_file_escapes_as_a_foreign_error(tmp_path: Path) -> None:
    """Every answer is an image or a quarantined file, whatever bytes come."""
    rng, kinds = random.Random(0), ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP")
    answers = set()
    for number in range(600):
        data = bytearray(saved(NOISE, kinds[number % 6]))
        for _ in range(rng.randint(1, 5)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path = tmp_path / "image"
        path.write_bytes(data)
        found = FoundImage(path=path, source="a/image", label="a", split=None)
        answers.add(type(inspect_image(found, tmp_path / "staged.png")))
    assert {InspectedImage, Quarantined} == answers


@pytest.mark.parametrize(
    "kind", ["turned", "cmyk", "palette", "alpha", "BMP", "GIF", "WEBP", "TIFF", "16-bit", "plain"]
)
def test_what_a_data_set_holds_is_the_same_for_tensorflow_as_for_us(tmp_path: Path, kind: str) -> None:
    tf = pytest.importorskip("tensorflow")
    data = {
        "turned": saved(NOISE, "JPEG", exif=turned(6)),
        "cmyk": saved(NOISE.convert("CMYK"), "JPEG"),
        "palette": saved(NOISE.quantize(64), "PNG"),
        "alpha": saved(NOISE.convert("RGBA"), "PNG"),
        "16-bit": png_of_16_bits([0, 300, 65535]),
        "plain": saved(NOISE, "JPEG"),
    }.get(kind) or saved(NOISE, kind)
    (tmp_path / "photo").write_bytes(data)
    found = FoundImage(path=tmp_path / "photo", source="a/photo", label="a", split=None)
    inspected = inspect_image(found, tmp_path / "staged.png")
    assert isinstance(inspected, InspectedImage)
    written = (inspected.staged or inspected.found.path).read_bytes()
    expected = tf.io.decode_jpeg(written, channels=3, dct_method="INTEGER_ACCURATE").numpy()
    np.testing.assert_array_equal(expected, decode_image(written, PixelContract()))
