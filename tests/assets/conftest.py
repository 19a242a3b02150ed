"""The demo, run once for all tests that look at its run."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Demo:
    """A finished demo: where it ran, and what it printed."""

    folder: Path
    stdout: str
    stderr: str

    @property
    def run(self) -> Path:
        return self.folder / "run"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("empty")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "modelport", "demo", "demo"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Demo(folder / "demo", done.stdout, done.stderr)
