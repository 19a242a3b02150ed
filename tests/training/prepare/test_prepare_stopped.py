"""`prepare` is stopped for real after every step on disk: the data set is whole or absent, and the next run goes on."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from modelport.cli.main import cli
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.files.hashing import files_below, sha256_of, sha256_of_file
from modelport.contract.files.json_file import read_json
from PIL import Image

STOPPED_PROCESS = Path(__file__).parents[2] / "stopped_process.py"
STOPPED = 77


@dataclass(frozen=True)
class Walk:
    """A folder with images/, and with an older dataset/ maybe; `arguments` of the command that is stopped."""

    start: Path
    arguments: tuple[str, ...]

    def run(self, place: Path, stop_after: int) -> subprocess.CompletedProcess[str]:
        shutil.copytree(self.start, place)
        command = [sys.executable, str(STOPPED_PROCESS), str(stop_after), *self.arguments]
        return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)

    def steps(self, place: Path) -> list[str]:
        """Run to the end; return the steps."""
        done = self.run(place, 0)
        assert 0 == done.returncode, done.stderr
        return [line.removeprefix("step: ") for line in done.stdout.splitlines() if line.startswith("step: ")]

    def go_on(self, place: Path) -> int:
        """The same command again, in this process, an hour later; return its exit code."""
        for entry in (entry for hidden in place.glob(".part-*") for entry in (hidden, *hidden.rglob("*"))):
            os.utime(entry, (time.time() - 7200, time.time() - 7200))
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(place)
            return CliRunner().invoke(cli, self.arguments).exit_code


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """Two classes of three images; one has to be re-encoded."""
    random, start = np.random.default_rng(0), tmp_path / "start"
    for label in ("a", "b"):
        (start / "images" / label).mkdir(parents=True)
        for number in range(3):
            suffix = "bmp" if (label, number) == ("a", 1) else "png"
            image = Image.fromarray(random.integers(0, 255, (8, 8, 3), dtype=np.uint8))
            image.save(start / "images" / label / f"{label}{number}.{suffix}")
    return start


def is_whole(dataset: Path) -> bool:
    """Whether the folder opens as a data set and holds exactly the files that its dataset.json lists."""
    open_dataset(dataset)
    listed = {item["path"]: item["sha256"] for item in read_json(dataset / "dataset.json")["images"]}
    files = {path.relative_to(dataset).as_posix(): sha256_of_file(path) for path in files_below(dataset)}
    files.pop("dataset.json")
    return listed == files


def walk_all(walk: Walk, tmp_path: Path) -> tuple[list[str], list[str]]:
    """Stop after every step, check what is left, and go on.

    Returns:
        The steps, and after each of them what was at DATASET: its hash, or "absent".
    """
    steps = walk.steps(tmp_path / "whole")
    places = [tmp_path / f"stopped{number}" for number in range(1, len(steps) + 1)]
    with ThreadPoolExecutor(2) as pool:
        codes = [done.returncode for done in pool.map(walk.run, places, range(1, len(steps) + 1))]
    assert [STOPPED] * len(steps) == codes
    images = sha256_of(walk.start / "images")
    states = []
    for place in places:
        dataset = place / "dataset"
        assert not dataset.exists() or is_whole(dataset), place
        states.append(sha256_of(dataset) if dataset.exists() else "absent")
        finished = "--overwrite" not in walk.arguments and dataset.exists()
        assert (2 if finished else 0) == walk.go_on(place), place
        assert sha256_of(tmp_path / "whole" / "dataset") == sha256_of(dataset), place
        assert images == sha256_of(place / "images"), place
        assert finished or ["dataset", "images"] == sorted(path.name for path in place.iterdir())
    return steps, states


@pytest.mark.slow
def test_a_new_data_set_is_whole_or_absent_after_every_step(start: Path, tmp_path: Path) -> None:
    steps, states = walk_all(Walk(start, ("prepare", "images", "dataset")), tmp_path)
    assert {"make", "create", "write", "fsync", "rename", "link", "remove"} == {step.split()[0] for step in steps}
    new = sha256_of(tmp_path / "whole" / "dataset")
    assert {"absent", new} == set(states)
    print(f"prepare: {len(steps)} points, {len(set(states))} distinct states, 0 not whole")


@pytest.mark.slow
def test_a_replaced_data_set_is_the_old_one_or_the_new_one_or_absent(start: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(start)
        assert CliRunner().invoke(cli, ["prepare", "images", "dataset"]).exit_code == 0
    old = sha256_of(start / "dataset")
    arguments = ("prepare", "images", "dataset", "--copy", "--seed", "1", "--overwrite")
    steps, states = walk_all(Walk(start, arguments), tmp_path)
    assert "copy" in {step.split()[0] for step in steps}
    new = sha256_of(tmp_path / "whole" / "dataset")
    assert old != new
    assert [old, "absent", new] == list(dict.fromkeys(states))
    assert 1 == states.count("absent")
    print(f"prepare --overwrite: {len(steps)} points, {len(set(states))} distinct states, 0 not whole")


def test_a_data_set_that_was_moved_aside_comes_back(start: Path, tmp_path: Path) -> None:
    """Between the two renames neither has the name: the next run brings the old one back before it does its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(start)
        assert CliRunner().invoke(cli, ["prepare", "images", "dataset"]).exit_code == 0
        old = sha256_of(start / "dataset")
        walk = Walk(start, ("prepare", "images", "dataset", "--seed", "1", "--overwrite"))
        steps = walk.steps(tmp_path / "whole")
        place = tmp_path / "stopped"
        walk.run(place, steps.index("rename dataset.old") + 1)
        assert not (place / "dataset").exists()
        patch.chdir(place)
        again = CliRunner().invoke(cli, ["prepare", "images", "dataset"])
    assert (2, True) == (again.exit_code, "output exists" in again.output)
    assert old == sha256_of(place / "dataset")
