"""Every image format of the table, from a folder of photos into a data set."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.image.decode import open_image
from modelport.contract.image.image_formats import ENCODABLE, IMAGE_FORMATS, ImageFormat
from modelport.training.prepare.options import PrepareOptions
from modelport.training.prepare.prepare import prepare
from PIL import Image, features

Image.init()


def draw(path: Path, content: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.frombytes("RGB", (8, 8), random.Random(content).randbytes(192)).save(path)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two classes, a and b, of three PNG images."""
    for number in range(6):
        draw(tmp_path / "photos" / "ab"[number % 2] / f"{number}.png", number)
    return tmp_path / "photos"


def read(dataset: Path) -> Any:
    return json.loads((dataset / "dataset.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", IMAGE_FORMATS, ids=lambda row: row.name)
def test_a_file_of_every_format_is_found_and_becomes_what_graphs_decode(
    row: ImageFormat, photos: Path, tmp_path: Path
) -> None:
    if row.name not in Image.OPEN or (row.pillow_feature and not features.check(row.pillow_feature)):
        pytest.skip(f"Pillow without {row.name}")
    names = {f"a/photo{number}{suffix}" for number, suffix in enumerate((*row.suffixes, row.suffixes[0].upper()))}
    for number, name in enumerate(sorted(names)):
        draw(photos / name, 100 + number)
    prepare(photos, tmp_path / "dataset", PrepareOptions())
    assert [] == read(tmp_path / "dataset")["quarantine"]
    placed = {image["source"]: tmp_path / "dataset" / image["path"] for image in read(tmp_path / "dataset")["images"]}
    assert names == {source for source in placed if source.startswith("a/photo")}
    opened = [open_image(placed[name].read_bytes(), name) for name in names]
    assert {image.format for image in opened} <= {name for each in ENCODABLE for name in each.pillow_names}


def test_an_avif_is_quarantined_with_the_reason_where_pillow_lacks_its_library(photos: Path, tmp_path: Path) -> None:
    (photos / "a" / "photo.avif").write_bytes(b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(99))
    script = (
        "import sys; sys.modules['PIL._avif'] = None\n"
        "from modelport.training.prepare.prepare import prepare\n"
        "from modelport.training.prepare.options import PrepareOptions\n"
        "prepare(*sys.argv[1:], PrepareOptions())\n"
    )
    command = [sys.executable, "-P", "-W", "error", "-c", script, str(photos), str(tmp_path / "dataset")]
    subprocess.run(command, check=True)
    (left_out,) = read(tmp_path / "dataset")["quarantine"]
    assert "a/photo.avif" == left_out["path"]
    assert "AVIF images cannot be decoded here: Pillow" in left_out["reason"]
