"""The table of image formats, held to what Pillow writes and registers, to the specifications, and to the web page."""

import io
import json
import random
import re
import subprocess
import sys
from pathlib import Path

import modelport
import pytest
from modelport.contract.image.decode import open_image
from modelport.contract.image.image_formats import (
    IMAGE_FORMATS,
    IMAGE_SUFFIXES,
    JPEG,
    PNG,
    SIGNATURE_BYTES,
    ImageFormat,
    image_format_of,
    is_encodable,
)
from PIL import Image, features

PHOTO = Image.frombytes("RGB", (24, 16), random.Random(0).randbytes(24 * 16 * 3))


def saved(name: str) -> bytes:
    stream = io.BytesIO()
    PHOTO.save(stream, name)
    return stream.getvalue()


def is_lacking(row: ImageFormat) -> bool:
    return bool(row.name not in Image.OPEN or (row.pillow_feature and not features.check(row.pillow_feature)))


Image.init()
each_row = pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.name, marks=pytest.mark.skipif(is_lacking(row), reason=f"Pillow without {row.name}"))
        for row in IMAGE_FORMATS
    ],
)


@each_row
def test_what_pillow_writes_is_recognised_by_one_row_and_decoded(row: ImageFormat) -> None:
    data = saved(row.name)
    assert [row] == [each for each in IMAGE_FORMATS if each.signature.match(data[:SIGNATURE_BYTES])]
    image = open_image(data, "photo")
    assert image.format in row.pillow_names
    assert PHOTO.size == image.size


@each_row
def test_suffixes_and_media_types_are_those_that_pillow_registers(row: ImageFormat) -> None:
    registered = Image.registered_extensions()
    assert {row.name} == {registered[suffix] for suffix in row.suffixes}
    assert row.media_type == Image.MIME[row.name]


def test_no_suffix_stands_twice() -> None:
    assert len(IMAGE_SUFFIXES) == len(set(IMAGE_SUFFIXES))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(b"", None, id="empty"),
        pytest.param(b"\xff\xd8\xff\xe0", "JPEG", id="jpeg"),
        pytest.param(b"\xff\xd8\0\0", None, id="start-of-image-without-a-marker"),
        pytest.param(b"\x89PNG\n\x1a\n\0\0\0\rIHDR", None, id="png-transferred-as-text"),
        pytest.param(b"BM, or how a text begins that is no bitmap", None, id="text-with-bm"),
        pytest.param(b"BM" + bytes(12) + b"\x0c\0\0\0", "BMP", id="bitmap-of-os2"),
        pytest.param(b"GIF88a", None, id="gif-of-no-version"),
        pytest.param(b"RIFF\n\n\n\nWEBPVP8 ", "WEBP", id="webp-whose-size-holds-line-ends"),
        pytest.param(b"RIFF\x24\0\0\0WAVEfmt ", None, id="sound"),
        pytest.param(b"MM\0*\0\0\0\x08", "TIFF", id="big-endian-tiff"),
        pytest.param(b"II+\0\x08\0\0\0", "TIFF", id="bigtiff"),
        pytest.param(b"\0\0\0\x20ftypavis\0\0\0\0avismsf1", "AVIF", id="avif-sequence"),
        pytest.param(b"\0\0\0\x1cftypmif1\0\0\0\0mif1miafavif", "AVIF", id="heif-that-is-an-avif"),
        pytest.param(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", None, id="heif-that-is-a-heic"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", None, id="heic"),
        pytest.param(b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", None, id="video"),
    ],
)
def test_a_format_is_told_by_its_whole_signature(data: bytes, name: str | None) -> None:
    found = image_format_of(data)
    assert name == (found and found.name)
    assert (name in ("JPEG", "PNG")) == is_encodable(data)


def test_the_web_page_tells_jpeg_and_png_alike() -> None:
    """JavaScript cannot read the table; it takes EXIF out of these two, and of WebP."""
    script = (Path(modelport.__file__).parent / "assets/web/page/stored_pixels.js").read_text(encoding="utf-8")
    for name, row in (("JPEG", JPEG), ("PNG", PNG)):
        literal = re.search(rf"const {name} = \[([^\]]+)\]", script)
        assert literal
        bytes_there = bytes(int(number, 16) for number in literal[1].split(","))
        assert row.signature.fullmatch(bytes_there)


@pytest.mark.parametrize("absent", ["PIL._avif", "PIL.AvifImagePlugin"], ids=["built-without", "too-old"])
def test_a_format_that_the_installed_pillow_lacks_is_named(absent: str) -> None:
    """As in Pillow before 11.3, and in builds of later ones without the library."""
    script = (
        f"import sys; sys.modules[{absent!r}] = None\n"
        "from modelport.contract.image.decode import open_image\n"
        "from modelport.contract.errors import InputError\n"
        "try:\n"
        r"    open_image(b'\0\0\0\x1cftypavif\0\0\0\0' + bytes(99), 'photo.avif')" + "\n"
        "except InputError as error:\n"
        "    import json; print(json.dumps([error.what, str(error.received), error.fix]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", script], capture_output=True, text=True, check=True
    )
    what, received, fix = json.loads(ran.stdout)
    assert "AVIF" in what
    assert received.startswith("Pillow ")
    assert "pillow" in fix
