"""Framing of drawings whose framing is known: drawn here, and the demo's digits."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from modelport.contract.dataset.prepared_dataset import LabelledImage
from modelport.contract.errors import InputError
from modelport.contract.image.drawing import Drawing
from modelport.training.adopt.options import AdoptOptions
from modelport.training.run.measure_drawing import measure_drawing
from modelport.training.train_options import TrainOptions
from PIL import Image, ImageDraw


def draw(
    folder: Path, *, side: int = 56, border: int = 7, pen: int = 4, block: int = 1, paper: int = 0, suffix: str = "png"
) -> list[LabelledImage]:
    """Write 12 images of a frame of lines, `border` pixels from the sides."""
    found = []
    for number in range(12):
        image = Image.new("L", (side, side), paper)
        low, high = border, side - 1 - border
        corners = [(low, low), (high, low), (high, high), (low, high), (low, low)][: 4 + number % 2]
        for start, end in pairwise(corners):
            box = (min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1]))
            grown = [max(low, box[0] - pen + 1), max(low, box[1] - pen + 1), box[2], box[3]]
            if grown[2] - grown[0] < pen - 1:
                grown[2] = grown[0] + pen - 1
            if grown[3] - grown[1] < pen - 1:
                grown[3] = grown[1] + pen - 1
            ImageDraw.Draw(image).rectangle(tuple(grown), fill=255 - paper)
        path = folder / f"{number}.{suffix}"
        image.resize((side * block, side * block), Image.Resampling.NEAREST).save(path)
        found.append(LabelledImage(path, number % 2))
    return found


def curves(folder: Path, *, width: float, grid: int) -> list[LabelledImage]:
    """Write 12 images of closed curves in all directions, their lines `width` of the side, in a grid of means."""
    found = []
    for number in range(12):
        side, random = 32 * grid, np.random.default_rng(number)
        image, pen = Image.new("L", (side, side)), round(width * side)
        low, high = 0.05 * side, 0.95 * side
        squeeze = float(random.uniform(0.6, 0.9))
        box = (low, side / 2 - squeeze * (high - low) / 2, high, side / 2 + squeeze * (high - low) / 2)
        ImageDraw.Draw(image).arc(box, 0, float(random.uniform(250, 360)), fill=255, width=pen)
        path = folder / f"{number}.png"
        image.resize((grid, grid), Image.Resampling.BOX).save(path)
        found.append(LabelledImage(path, 0))
    return found


@pytest.mark.parametrize(
    ("grid", "width"), [(8, 0.1), (8, 0.16), (8, 0.2), (16, 0.08), (28, 0.04), (28, 0.1), (64, 0.05)]
)
def test_the_width_of_lines_is_that_drawn_however_coarse_the_grid(tmp_path: Path, grid: int, width: float) -> None:
    found = measure_drawing(curves(tmp_path, width=width, grid=grid), 1, "light-on-dark")
    assert width == pytest.approx(found.stroke, abs=0.3 / grid)


@pytest.mark.parametrize(("paper", "option"), [(0, "light-on-dark"), (255, "dark-on-light")])
def test_margin_width_and_side_are_those_drawn(tmp_path: Path, paper: int, option: str) -> None:
    found = measure_drawing(draw(tmp_path, paper=paper), 2, option)
    assert (option.replace("-", "_"), 56, 56) == (found.ink, found.grid, found.side)
    assert 7 / 56 == pytest.approx(found.margin, abs=1e-4)
    assert 4 / 56 == pytest.approx(found.stroke, rel=0.4)


def test_jpeg_files_are_measured_as_png_files_are(tmp_path: Path) -> None:
    found = measure_drawing(draw(tmp_path, suffix="jpg"), 2, "light-on-dark")
    assert 7 / 56 == pytest.approx(found.margin, abs=1 / 56)
    assert 56 == found.grid


def test_blocks_of_one_grey_are_the_grid(tmp_path: Path) -> None:
    found = measure_drawing(draw(tmp_path, side=28, border=3, pen=2, block=3), 2, "light-on-dark")
    assert (28, 84) == (found.grid, found.side)


def test_the_demos_digits_fill_their_height_in_a_grid_of_8(tmp_path: Path) -> None:
    """scikit-learn's digits: 8 x 8 means of 4 x 4 pixels of bitmaps that were cropped to 32 x 32 (Alpaydin 1998)."""
    digits = pytest.importorskip("modelport.assets.digits", reason="the digits are scikit-learn's")
    digits.write_digits(tmp_path, (0, 1, 7))
    images = [LabelledImage(path, 0) for path in sorted(tmp_path.rglob("*.png"))]
    found = measure_drawing(images, 1, "light-on-dark")
    assert Drawing(ink="light_on_dark", margin=0.0, stroke=found.stroke, grid=8, side=72) == found
    assert 0.14 < found.stroke < 0.19


def test_the_other_polarity_is_refused_with_the_right_option(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="other polarity") as caught:
        measure_drawing(draw(tmp_path, paper=255), 2, "light-on-dark")
    assert "--drawing dark-on-light" == caught.value.fix
    assert "grey 255" in str(caught.value)


def test_photos_that_are_not_square_are_refused(tmp_path: Path) -> None:
    Image.new("L", (60, 40)).save(tmp_path / "wide.png")
    with pytest.raises(InputError, match="not square"):
        measure_drawing([LabelledImage(tmp_path / "wide.png", 0)], 1, "light-on-dark")


def test_drawings_without_ink_and_of_more_than_1024_pixels_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((16, 16), np.uint8)).save(tmp_path / "empty.png")
    with pytest.raises(InputError, match="no ink"):
        measure_drawing([LabelledImage(tmp_path / "empty.png", 0)], 1, "light-on-dark")
    Image.fromarray(np.eye(1030, dtype=np.uint8) * 255).save(tmp_path / "large.png")
    with pytest.raises(InputError, match="too large"):
        measure_drawing([LabelledImage(tmp_path / "large.png", 0)], 1, "light-on-dark")


def test_training_and_adopting_refuse_what_is_no_drawing_before_they_begin(dataset: Path, tmp_path: Path) -> None:
    """The fixture's images are 64 x 40 and 56 x 72 pixels."""
    pytest.importorskip("tensorflow", reason="training needs the extra [tensorflow]")
    from modelport.training.adopt.adopt import adopt
    from modelport.training.fit.train import train

    options = TrainOptions(weights="none", drawing="light-on-dark")
    with pytest.raises(InputError, match="not square"):
        train(dataset, tmp_path / "run", options)
    (tmp_path / "labels.txt").write_text("blue\ngreen\nred\n")
    (tmp_path / "model.h5").write_bytes(b"never opened")
    adopting = AdoptOptions(drawing="light-on-dark")
    with pytest.raises(InputError, match="not square"):
        adopt(tmp_path / "model.h5", tmp_path / "run", tmp_path / "labels.txt", dataset, adopting)
    assert not (tmp_path / "run").exists()
