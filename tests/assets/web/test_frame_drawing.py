"""Framing by hand, and against Pillow's mean over whole pixels."""

from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.drawing import Drawing
from modelport.tests.assets.web.frame_drawing import frame_drawing, frame_of
from numpy.typing import NDArray
from PIL import Image, ImageDraw


def drawing(**changes: Any) -> Drawing:
    usual: dict[str, Any] = {"ink": "light_on_dark", "margin": 0.0, "stroke": 0.1, "grid": 2, "side": 2}
    return Drawing(**usual | changes)


def canvas(height: int, width: int, *lines: tuple[int, ...], pen: int = 9) -> NDArray[np.uint8]:
    image = Image.new("L", (width, height))
    for line in lines:
        ImageDraw.Draw(image).line(line, fill=255, width=pen)
    return np.asarray(image)


def test_ink_in_a_corner_is_cropped_and_fills_the_image() -> None:
    ink = np.zeros((8, 8), np.uint8)
    ink[6:, :2] = [[255, 0], [100, 255]]
    assert [[255, 0], [100, 255]] == frame_drawing(ink, drawing())[:, :, 0].tolist()


def test_a_margin_is_left_on_all_sides() -> None:
    """By hand: a box of 2 pixels, a quarter of the side on each side: 4 x 4 cells of a pixel each."""
    ink = np.zeros((8, 8), np.uint8)
    ink[3:5, 5:7] = 255
    framed = frame_drawing(ink, drawing(margin=0.25, grid=4, side=4))[:, :, 0]
    assert [[0, 0, 0, 0], [0, 255, 255, 0], [0, 255, 255, 0], [0, 0, 0, 0]] == framed.tolist()


def test_the_shorter_side_is_centred_also_beyond_the_canvas() -> None:
    """By hand: a bar of 8 x 4 at the left border; its frame reaches two pixels out of the canvas."""
    ink = np.zeros((8, 8), np.uint8)
    ink[:, :4] = 255
    assert (0, -2, 8) == frame_of(ink, drawing())
    framed = frame_drawing(ink, drawing(grid=4, side=4))[:, :, 0]
    assert [[0, 255, 255, 0]] * 4 == framed.tolist()


def test_a_cell_holds_the_mean_rounded_half_up() -> None:
    """By hand: (255 + 0 + 0 + 0) / 4 = 63.75; (2 + 0) / 4 = 0.5."""
    ink = np.zeros((4, 4), np.uint8)
    ink[0, 0], ink[3, 3], ink[0, 3], ink[3, 0] = 255, 255, 2, 1
    assert [[64, 1], [0, 64]] == frame_drawing(ink, drawing())[:, :, 0].tolist()


def test_dark_ink_is_inverted_and_cells_become_blocks_of_all_channels() -> None:
    ink = np.array([[255, 0], [0, 55]], np.uint8)
    framed = frame_drawing(ink, drawing(ink="dark_on_light", side=4))
    assert (4, 4, 3) == framed.shape
    assert [[0, 0, 255, 255], [0, 0, 255, 255], [255, 255, 200, 200], [255, 255, 200, 200]] == framed[:, :, 1].tolist()
    assert (framed == framed[:, :, :1]).all()


@pytest.mark.parametrize(("ink", "empty"), [("light_on_dark", 0), ("dark_on_light", 255)])
def test_without_ink_there_is_only_background(ink: str, empty: int) -> None:
    assert {empty} == set(frame_drawing(np.zeros((5, 9), np.uint8), drawing(ink=ink)).ravel().tolist())


def test_a_dot_stays_small() -> None:
    """A pixel on a canvas of 40 is framed as if it were a quarter of the canvas, 10 pixels: one cell of 10 x 10."""
    ink = np.zeros((40, 40), np.uint8)
    ink[20, 20] = 255
    framed = frame_drawing(ink, drawing(grid=10, side=10))[:, :, 0]
    assert [255] == framed[framed > 0].tolist()


@pytest.mark.parametrize("margin", [0.0, 1 / 28, 0.2])
@pytest.mark.parametrize("grid", [8, 28, 50])
def test_framing_equals_pillows_mean_of_an_enlarged_canvas_to_a_level(grid: int, margin: float) -> None:
    """Every pixel becomes grid x grid, so that the cells of the frame end where pixels do; Pillow takes their means."""
    for seed in range(4):
        ink = canvas(48, 60, tuple(np.random.default_rng(seed).integers(4, 44, 8).tolist()), pen=5)
        made = drawing(margin=margin, grid=grid, side=grid)
        top, left, size = frame_of(ink, made)
        around = np.pad(ink, 60)[60 + top :, 60 + left :][:size, :size]
        enlarged = Image.fromarray(around).resize((size * grid, size * grid), Image.Resampling.NEAREST)
        expected = np.asarray(enlarged.reduce(size)).astype(int)
        received = frame_drawing(ink, made)[:, :, 0].astype(int)
        assert np.abs(expected - received).max() <= 1


@pytest.mark.parametrize(
    "ink",
    [
        pytest.param(np.zeros((4, 4, 1), np.uint8), id="channels"),
        pytest.param(np.zeros((4, 4), np.float32), id="floats"),
        pytest.param(np.zeros((0, 4), np.uint8), id="empty"),
        pytest.param(np.zeros((1, 4097), np.uint8), id="too-wide"),
    ],
)
def test_what_is_no_canvas_is_refused(ink: NDArray[Any]) -> None:
    with pytest.raises(InputError, match="not a canvas"):
        frame_drawing(ink, drawing())
