"""The wheel holds what the package folders hold, and nothing else."""

import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = {".py", ".html", ".j2", ".dart", ".mjs", ".js", ".css", ".json", ".toml"}
NOT_SHIPPED = {"tests", "benchmarks", "docs", ".ci", "setup.py", "pyproject.toml", "ruff.toml"}


@pytest.fixture(scope="module")
def wheel_names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_wheel_holds_every_tracked_file_of_the_packages(wheel_names: set[str]) -> None:
    tracked = [Path(name) for name in git_lines("ls-files")]
    expected = {
        f"modelport/{path.as_posix()}"
        for path in tracked
        if path.suffix in SHIPPED and path.parts[0] not in NOT_SHIPPED and (ROOT / path).exists()
    }
    assert expected <= wheel_names


def test_wheel_holds_no_tests_no_benchmarks_and_no_settings(wheel_names: set[str]) -> None:
    folders = {Path(name).parts[1] for name in wheel_names if name.startswith("modelport/")}
    assert set() == folders & NOT_SHIPPED


def test_wheel_says_that_it_is_typed(wheel_names: set[str]) -> None:
    assert "modelport/py.typed" in wheel_names


def git_lines(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()
