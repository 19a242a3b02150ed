"""`modelport ship` from an empty folder, killed twice on the way: how long it takes, and what is not done again.

python benchmarks/ship_killed.py PHOTOS --groups PHOTOS/signers.csv --weights BACKBONE.weights.h5 [--epochs 8] [--keep]

`kill -9` comes once in the training, after its third epoch, and once while formats are written, after the fifth
artifact. The same command then goes on, and at the end is given once more, with nothing to do.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EPOCHS_BEFORE_THE_FIRST_KILL, ARTIFACTS_BEFORE_THE_SECOND = 3, 5
_POLL_S = 0.05


@dataclass(frozen=True)
class Run:
    """One process: how it ended, how long it took, and what it said."""

    code: int
    seconds: float
    told: str
    table: list[dict[str, Any]]

    def lines(self, word: str) -> list[str]:
        """Return what it says it `wrote` or `kept`, by name."""
        found = [line.split() for line in self.told.splitlines()]
        return [words[1] for words in found if len(words) > 1 and words[0] == word]

    @property
    def epochs(self) -> int:
        """How many epochs it trained."""
        return sum(line.startswith("phase ") and "  epoch " in line for line in self.told.splitlines())


def ship(folder: Path, is_time: Callable[[], bool] | None = None) -> Run:
    """Ship; kill the process, and it alone, once it `is_time`."""
    command = [sys.executable, "-P", "-m", "modelport", "ship", str(folder / "modelport.toml"), "--json"]
    begun = time.monotonic()
    with open(folder / "told.txt", "w+") as told, open(folder / "table.json", "w+") as table:
        process = subprocess.Popen(command, stdout=table, stderr=told, cwd=folder)
        while process.poll() is None:
            if is_time is not None and is_time():
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
            time.sleep(_POLL_S)
        seconds = time.monotonic() - begun
    rows = json.loads((folder / "table.json").read_text() or '{"steps": []}')["steps"]
    return Run(process.returncode, seconds, (folder / "told.txt").read_text(), rows)


def epochs_of(folder: Path) -> int:
    """Return how many epochs are recorded."""
    return len(_read(folder / "work/run/training_history.json").get("phase", []))


def artifacts_of(folder: Path) -> dict[str, str]:
    """Return path to sha256 of the artifacts that the lock lists."""
    listed = _read(folder / "work/run/artifacts.json").get("artifacts", [])
    return {artifact["path"]: artifact["sha256"] for artifact in listed}


def _read(path: Path) -> dict[str, Any]:
    value = json.loads(path.read_text()) if path.is_file() else {}
    assert isinstance(value, dict)
    return value


def dates_of(folder: Path, names: list[str]) -> dict[str, int]:
    """Return when each file of the run was written."""
    return {name: (folder / "work/run" / name).stat().st_mtime_ns for name in names}


def describe(photos: Path, groups: Path | None, weights: str, epochs: int) -> str:
    """Return the modelport.toml."""
    lines = ["[data]", f"images = {json.dumps(str(photos.absolute()))}"]
    lines += [f"groups = {json.dumps(str(groups.absolute()))}"] if groups else []
    given = weights if weights in ("none", "imagenet") else str(Path(weights).absolute())
    lines += ["[train]", f"epochs = {epochs}", "image_size = [64, 64]", f"weights = {json.dumps(given)}"]
    lines += ["[deliver.flutter]", 'target = "app"', "[deliver.archive]", 'target = "release.zip"']
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--groups", type=Path)
    parser.add_argument("--weights", default="none")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--keep", action="store_true", help="leave the folder, and print where it is")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="ship-killed-"))
    try:
        (folder / "modelport.toml").write_text(describe(given.photos, given.groups, given.weights, given.epochs))
        measure(folder)
    finally:
        if given.keep:
            print(folder)
        else:
            shutil.rmtree(folder)


def measure(folder: Path) -> None:
    """Ship four times: killed twice, then to the end, then with nothing to do."""
    first = ship(folder, lambda: epochs_of(folder) >= EPOCHS_BEFORE_THE_FIRST_KILL)
    trained = epochs_of(folder)
    print(f"1  killed in train   {first.seconds:6.1f} s  {trained} epochs recorded", flush=True)
    second = ship(folder, lambda: len(artifacts_of(folder)) >= ARTIFACTS_BEFORE_THE_SECOND)
    made = artifacts_of(folder)
    before = dates_of(folder, ["model.keras", "reference.npz", *made])
    print(
        f"2  killed in quantize {second.seconds:5.1f} s  went on after epoch {trained}, trained {second.epochs} more;",
        end="",
    )
    print(f" wrote {', '.join(second.lines('wrote'))}", flush=True)
    third = ship(folder)
    after = artifacts_of(folder)
    print(
        f"3  to the end        {third.seconds:6.1f} s  exit code {third.code}; trained {third.epochs} epochs;", end=""
    )
    print(f" wrote {', '.join(third.lines('wrote'))}")
    for row in third.table:
        print(f"     {row['step']:<16}{row['state']:<8}{row['seconds']:6.1f} s  {row['came']}")
    fourth = ship(folder)
    print(f"4  nothing to do     {fourth.seconds:6.1f} s  {', '.join(sorted({row['state'] for row in fourth.table}))}")
    total = sum(run.seconds for run in (first, second, third))
    twice = second.epochs + third.epochs - (epochs_of(folder) - trained)
    print(f"in all {total:.1f} s; {epochs_of(folder)} epochs, of which trained twice: {twice}")
    again = [name for name in made if after[name] != made[name]]
    print(f"artifacts of run 2 written again by run 3: {again or 'none'}; dates changed: ", end="")
    print(", ".join(name for name, date in dates_of(folder, list(before)).items() if date != before[name]) or "none")
    assert (-signal.SIGKILL, -signal.SIGKILL, 0, 0) == (first.code, second.code, third.code, fourth.code), third.told
    assert {"kept"} == {row["state"] for row in fourth.table}, fourth.told


if __name__ == "__main__":
    main()
