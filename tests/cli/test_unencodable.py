"""A pipe on Windows takes cp1252: labels beyond it must come through. The escapes are read back by `json`."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

BIRD = "\N{BIRD} bird"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number in range(6):
        path = tmp_path / "photos" / (BIRD, "手")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.frombytes("RGB", (8, 8), random.Random(number).randbytes(8 * 8 * 3)).save(path)
    return tmp_path / "photos"


def prepare(photos: Path, *options: str, encoding: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-P", "-m", "modelport", "prepare", str(photos), str(photos.parent / "out"), *options]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    return subprocess.run(command, env=environment, capture_output=True, check=False)


def test_text_has_escapes_where_the_encoding_has_no_letter(photos: Path) -> None:
    done = prepare(photos, encoding="cp1252")
    assert (0, b"") == (done.returncode, done.stderr)
    assert rb"2 classes: \u624b \ud83d\udc26 bird" in done.stdout


def test_json_is_still_json(photos: Path) -> None:
    done = prepare(photos, "--json", encoding="cp1252")
    assert {BIRD, "手"} == set(json.loads(done.stdout.decode("cp1252"))["counts"]["train"])


def test_an_error_message_is_shown_too(photos: Path) -> None:
    (photos / "手").rename(photos / "手:手")
    done = prepare(photos, encoding="cp1252")
    assert (2, True) == (done.returncode, rb"'\u624b:\u624b': holds :" in done.stderr)


def test_utf8_is_left_alone(photos: Path) -> None:
    assert f"2 classes: 手 {BIRD}".encode() in prepare(photos, encoding="utf-8").stdout
