"""What the images cannot show is said."""

from pathlib import Path

import pytest
from modelport.contract.pixels import PixelContract
from modelport.validate.image_stream import ImageStream
from modelport.validate.notes import image_notes
from PIL import Image

GREY, SIZE = "grey", "size"


@pytest.mark.parametrize(
    ("colours", "size", "channels", "expected"),
    [
        pytest.param([(9, 9, 9), (200, 200, 200)], (5, 4), 3, {GREY}, id="grey"),
        pytest.param([(9, 9, 9), (9, 9, 10)], (5, 4), 3, set(), id="one has a colour"),
        pytest.param([(9, 9, 9)], (5, 4), 1, set(), id="the model takes grey"),
        pytest.param([(1, 2, 3)], (7, 5), 3, {SIZE}, id="width 7 and height 5, as the model takes"),
        pytest.param([(9, 9, 9)], (7, 5), 3, {GREY, SIZE}, id="both"),
    ],
)
def test_what_images_cannot_show_is_said(
    tmp_path: Path,
    colours: list[tuple[int, int, int]],
    size: tuple[int, int],
    channels: int,
    expected: set[str],
) -> None:
    paths = []
    for number, colour in enumerate(colours):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", size, colour).save(paths[-1])
    pixels = PixelContract(height=5, width=7, channels=channels)
    notes = image_notes(ImageStream(tuple(paths), pixels), pixels)
    assert expected == {word for word in (GREY, SIZE) if any(word in note for note in notes)}
    assert len(expected) == len(notes)
