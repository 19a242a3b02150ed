import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.errors import InputError
from modelport.contract.narration import Silent
from modelport.training.fit.check_images import check_images
from PIL import Image


@pytest.fixture
def unprepared(dataset: Path, tmp_path: Path) -> Path:
    root = Path(shutil.copytree(dataset, tmp_path / "set"))
    (root / "dataset.json").unlink()
    return root


def test_jpeg_and_png_that_decode_pass(unprepared: Path) -> None:
    check_images(open_dataset(unprepared), Silent())


def saved(mode: str, **how: Any) -> Callable[[Path], None]:
    return lambda path: Image.new(mode, (8, 8)).save(path, **how)


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        pytest.param("text.jpg", lambda path: path.write_text("no image"), "not an image", id="text"),
        pytest.param("empty.png", lambda path: path.touch(), "not an image", id="empty"),
        pytest.param("is.bmp", saved("RGB", format="BMP"), "format BMP", id="bmp"),
        pytest.param("gif.jpg", saved("L", format="GIF"), "format GIF", id="gif-named-jpg"),
        pytest.param("cmyk.jpg", saved("CMYK", format="JPEG"), "mode CMYK", id="cmyk"),
        pytest.param("palette.png", saved("P", format="PNG"), "", id="palette"),
        pytest.param("deep.png", saved("I;16", format="PNG"), "16 bits", id="16-bit"),
    ],
)
def test_what_decoders_read_differently_or_not_at_all_is_refused(
    unprepared: Path, name: str, write: Callable[[Path], Any], message: str
) -> None:
    path = unprepared / "val" / "red" / name
    write(path)
    with pytest.raises(InputError, match="an image cannot be trained on") as caught:
        check_images(open_dataset(unprepared), Silent())
    assert str(caught.value.received).startswith(f"{path}: {message}")
    assert "modelport prepare" in str(caught.value.fix)


def test_truncated_images_are_refused_and_all_of_them_are_counted(unprepared: Path) -> None:
    broken = sorted((unprepared / "train").rglob("*.jpg"))[:13]
    for path in broken:
        path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(InputError, match="13 images cannot be trained on") as caught:
        check_images(open_dataset(unprepared), Silent())
    received = str(caught.value.received).splitlines()
    assert [f"{path}: image cannot be decoded" for path in broken[:10]] == [
        line.rpartition(": ")[0] for line in received[:10]
    ]
    assert "and 3 more" == received[10]


def test_a_class_folder_that_another_system_would_rename_is_refused(unprepared: Path) -> None:
    for split in ("train", "val", "test"):
        (unprepared / split / "red").rename(unprepared / split / "aux")
    with pytest.raises(InputError, match="names that not every system can hold"):
        check_images(open_dataset(unprepared), Silent())


def test_an_image_of_60000_pixels_is_refused_with_its_size(unprepared: Path) -> None:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    (unprepared / "val" / "red" / "x.png").write_bytes(
        header + b"\0\0\0\0IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    )
    with pytest.raises(InputError, match="an image cannot be trained on") as caught:
        check_images(open_dataset(unprepared), Silent())
    assert "too large to decode: 3,600,000,000 pixels" in str(caught.value.received)
