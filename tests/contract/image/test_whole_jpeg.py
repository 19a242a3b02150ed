"""Pictures are cut here by hand, at a known byte of their data, and get an end marker."""

import io
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.decode import open_image
from modelport.contract.image.whole_jpeg import is_cut
from PIL import Image

#: A smooth gradient with noise on it, 240 x 160.
_RAMP = np.add.outer(np.arange(160), np.arange(240))[:, :, None] * np.array([0.5, 0.4, 0.3])
PHOTO = Image.fromarray((_RAMP + np.random.default_rng(0).integers(0, 40, (160, 240, 3))).astype(np.uint8))
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("RGB", {}),
    "full-chroma": ("RGB", {"subsampling": 0}),
    "grey": ("L", {}),
    "cmyk": ("CMYK", {}),
    "progressive": ("RGB", {"progressive": True}),
    "restarts-by-row": ("RGB", {"restart_marker_rows": 1}),
    "restarts-by-block": ("RGB", {"restart_marker_blocks": 3}),
}


def jpeg(image: Image.Image, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=85, **options)
    return stream.getvalue()


def of_kind(kind: str) -> bytes:
    mode, options = KINDS[kind]
    return jpeg(PHOTO.convert(mode), **options)


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_picture_is_not_cut(kind: str) -> None:
    assert not is_cut(decoded(of_kind(kind)), of_kind(kind))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.7, 0.95])
@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_picture_with_an_end_marker_is_seen(kind: str, share: float) -> None:
    data = of_kind(kind)
    begin = data.index(b"\xff\xda") + 14
    cut = data[: begin + int((len(data) - begin) * share)] + b"\xff\xd9"
    try:
        image = decoded(cut)
    except OSError:  # Pillow saw it by itself: the cut is inside a table of a progressive file
        assert "progressive" == kind
        return
    assert is_cut(image, cut)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
@pytest.mark.parametrize("level", [126, 127, 128, 129])
def test_a_picture_that_is_grey_itself_is_not_taken_for_a_cut_one(level: int, options: dict[str, Any]) -> None:
    """128 is what decoders make of missing blocks."""
    data = jpeg(Image.new("RGB", (100, 70), (level, level, level)), **options)
    assert not is_cut(decoded(data), data)


def test_the_thumbnail_inside_is_not_mistaken_for_the_picture() -> None:
    """A thumbnail has an end marker of its own, in the EXIF segment before the picture."""
    exif = b"Exif\0\0" + jpeg(PHOTO.resize((24, 16)))
    data = jpeg(PHOTO, exif=exif)
    assert data.index(b"\xff\xd9") < data.rindex(b"\xff\xda")
    assert not is_cut(decoded(data), data)
    cut = data[: len(data) // 2] + b"\xff\xd9"
    assert is_cut(decoded(cut), cut)


def test_what_follows_the_end_marker_is_not_looked_at() -> None:
    data = of_kind("plain") + b"\0" * 100 + of_kind("plain")[:200]
    assert not is_cut(decoded(data), data)


def test_a_cut_picture_is_refused_wherever_images_are_decoded() -> None:
    data = of_kind("plain")
    with pytest.raises(InputError, match="image is not whole"):
        open_image(data[: len(data) // 2] + b"\xff\xd9", "photo.jpg")
