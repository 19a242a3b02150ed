"""CONTRIBUTING's "Adding a format", walked with a made-up one in a copy of the package: five places, and it works.

The made-up format is a Keras archive behind eight bytes of its own.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import modelport
import pytest

ROOT = Path(modelport.__path__[0])

DRIVER = '''"""Runs a made-up file."""

import tempfile
from pathlib import Path

import keras
import numpy as np

from ...contract.errors import InputError
from ..facts.description import Description, TensorInfo
from ..facts.driver import by_head


class MadeUpDriver:
    """A Keras archive behind eight bytes."""

    def __init__(self, path, contract):
        with tempfile.TemporaryDirectory() as folder:
            inner = Path(folder, "m.keras")
            inner.write_bytes(Path(path).read_bytes()[8:])
            self._model, self._contract = keras.models.load_model(inner, compile=False), contract
        self.description = Description(
            runtime="made-up 1.0",
            inputs=(TensorInfo(name="image", dtype="float32", shape=(None, *contract.pixels.shape)),),
            outputs=tuple(TensorInfo(name=h.name, dtype="float32", shape=(None, h.width)) for h in contract.heads),
        )

    def predict(self, pixels):
        return by_head({"answer": np.asarray(self._model(pixels, training=False))}, self._contract)

    def predict_encoded(self, files):
        raise InputError("a made-up file takes pixels")
'''

INSPECTOR = '''"""Reads a made-up file."""

from ..facts.inspection import Inspection


def inspect_made_up(path):
    """Say what it is."""
    return Inspection(path=str(path), format="made_up", variant="made-up 1", size_bytes=path.stat().st_size)
'''

WRITER = '''"""Writes a made-up file."""


def write_made_up(source, destination, options=None):
    """Write the archive behind eight bytes."""
    source.model.save(source.scratch / "m.keras")
    destination.write_bytes(b"MADE-UP1" + (source.scratch / "m.keras").read_bytes())
'''

#: The places that CONTRIBUTING names, in its order: a row in a table, or a room with its files.
ROWS = {
    "contract/formats.py": (
        "FORMATS = {\n",
        '    "made_up": Format(title="made up", path="model.mup", suffixes=(".mup",), begins=(0, b"MADE-UP1")),\n',
    ),
    "runtimes/facts/format_runtimes.py": (
        "RUNTIMES = {\n",
        """    "made_up": FormatRuntime(
        driver="made_up.driver:MadeUpDriver",
        inspector="made_up.inspect_made_up:inspect_made_up",
        packages=("keras",),
        extra="tensorflow",
    ),\n""",
    ),
    "convert/convert.py": ("WRITERS = {\n", '    "made_up": Writer(write_made_up),\n'),
}
ROOMS = {
    "runtimes/made_up/": {"__init__.py": "", "driver.py": DRIVER, "inspect_made_up.py": INSPECTOR},
    "convert/to_made_up/": {"__init__.py": "", "writer.py": WRITER},
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the package with the made-up format in it; the folder to import it from."""
    copy = tmp_path / "house" / "modelport"
    for part in (path.parent for path in ROOT.glob("*/__init__.py")):
        shutil.copytree(part, copy / part.name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("__init__.py", "__main__.py"):
        shutil.copyfile(ROOT / file, copy / file)
    for name, (table, row) in ROWS.items():
        text = (copy / name).read_text(encoding="utf-8")
        assert 1 == text.count(table)
        (copy / name).write_text(text.replace(table, table + row), encoding="utf-8")
    convert = copy / "convert" / "convert.py"
    line = "from .to_h5.writer import write_h5\n"
    text = convert.read_text(encoding="utf-8")
    assert line in text
    convert.write_text(text.replace(line, f"{line}from .to_made_up.writer import write_made_up\n"), encoding="utf-8")
    for room, files in ROOMS.items():
        (copy / room).mkdir()
        for file, content in files.items():
            (copy / room / file).write_text(content, encoding="utf-8")
    return copy.parent


@pytest.mark.slow
def test_five_places_are_all_that_a_format_needs(
    house: Path, trained_run: Path, dataset: Path, copy_of: Callable[[Path], Path]
) -> None:
    pytest.importorskip("tensorflow", reason="writing artifacts needs the extra [tensorflow]")
    run, environment = copy_of(trained_run), os.environ | {"PYTHONPATH": str(house)}

    def call(*words: str) -> str:
        command = [sys.executable, "-P", "-m", "modelport", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        assert 0 == done.returncode, done.stdout + done.stderr
        return done.stdout

    assert "made_up" in call("convert", "--help")
    call("convert", str(run), "--to", "made_up")
    budget = "max_bytes=20MB"  # a Keras archive has a folder for each layer, and is larger than any exported format
    report = json.loads(call("validate", str(run), "--only", "made_up", "--budget", budget, "--json"))
    (judged,) = report["artifacts"]
    assert ("model.mup", "made_up", "pass") == tuple(judged[key] for key in ("path", "format", "verdict"))
    assert judged["doors"]["pixels"][0]["parity"]["max_probability_difference"] < 1e-5
    image = next((dataset / "test" / "red").iterdir())
    assert "red" in call("predict", str(run / "model.mup"), str(image))
    assert "made-up 1" in call("inspect", str(run / "model.mup"))
    assert "model.mup" in call("inspect", str(run))
    assert "convert --to made_up" in call("doctor")
    call("init", str(run.parent / "modelport.toml"))
    assert 120 >= max(map(len, (run.parent / "modelport.toml").read_text(encoding="utf-8").splitlines()))


def test_contributing_names_these_places() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split("## Adding a format\n")[1].split("\n## ")[0]
    steps = [re.findall(r"`([\w/.]+)`", line)[0] for line in section.splitlines() if re.match(r"\d\. ", line)]
    places = [*ROWS, *ROOMS]
    assert {place.replace("made_up", "FORMAT") for place in places} == set(steps)
    assert len(steps) <= 5
