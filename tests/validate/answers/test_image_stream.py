"""Images are decoded once, within a limit of memory."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.decode import decode_image, load_pixels
from modelport.contract.image.pixels import PixelContract
from modelport.validate.answers import image_stream
from modelport.validate.answers.image_stream import ImageStream, batches
from PIL import Image

_CONTRACT = PixelContract(height=5, width=7, value_range=(-1, 1))


@pytest.mark.parametrize("kept_bytes", [0, 3 * 8 * 8 * 3, 10**6])
def test_pixels_are_those_of_the_contract_whatever_the_memory(tmp_path: Path, made: Any, kept_bytes: int) -> None:
    paths = tuple(made.write_images(tmp_path, per_class=2))
    stream = ImageStream(paths, _CONTRACT, kept_bytes=kept_bytes)
    rows = np.array([4, 1, 5])
    np.testing.assert_array_equal([load_pixels(paths[row], _CONTRACT) for row in rows], stream.pixels(rows, _CONTRACT))


@pytest.mark.parametrize(("kept", "again"), [(6, 0), (2, 4), (0, 6)])
def test_each_image_is_decoded_once_as_far_as_the_memory_goes(
    tmp_path: Path, made: Any, monkeypatch: pytest.MonkeyPatch, kept: int, again: int
) -> None:
    seen: list[Path] = []

    def decode(data: bytes, contract: PixelContract, where: Path) -> object:
        seen.append(where)
        return decode_image(data, contract)

    monkeypatch.setattr(image_stream, "decode_image", decode)
    paths = tuple(made.write_images(tmp_path, per_class=2))
    stream = ImageStream(paths, _CONTRACT, kept_bytes=kept * 8 * 8 * 3)
    assert sorted(paths) == sorted(seen)  # by several threads, in whatever order
    stream.pixels(np.arange(6), _CONTRACT)
    assert len(seen) == 6 + again


def test_files_come_byte_for_byte_and_know_what_graphs_can_decode(tmp_path: Path) -> None:
    paths = tuple(tmp_path / name for name in ("a.png", "b.jpg", "c.bmp"))
    for path in paths:
        Image.new("RGB", (4, 4)).save(path)
    stream = ImageStream(paths, _CONTRACT)
    assert stream.encodable.tolist() == [True, True, False]
    assert [paths[1].read_bytes()] == stream.encoded(np.array([1]))


def test_an_image_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with pytest.raises(InputError, match=r"broken\.png"):
        ImageStream((tmp_path / "broken.png",), _CONTRACT)


def test_batches_hold_every_row_once_in_order() -> None:
    assert [piece.tolist() for piece in batches(np.arange(5), 2)] == [[0, 1], [2, 3], [4]]
