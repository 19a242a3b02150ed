"""`modelport ship` on real images: the whole way, again, with other budgets, and stopped on the way."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from modelport.assets.ship.engine.record import read_record
from modelport.cli.main import cli
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.run.run_folder import RunFolder

pytest.importorskip("tensorflow", reason="shipping needs the extra [tensorflow]")

STOPPED_PROCESS = Path(__file__).parents[2] / "stopped_process.py"
STOPPED = 77

#: As tests/conftest.py trains its run.
TRAIN = """
[train]
epochs = 8
batch_size = 4
image_size = [48, 48]
backbone = "MobileNetV3Small"
weights = "none"
augment = false
"""
EXPORT = """
[convert]
formats = ["tflite"]
[quantize]
recipes = []
[deliver.flutter]
target = "app"
[deliver.archive]
target = "release.zip"
name = "Colours"
"""


def ship(file: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    done = CliRunner().invoke(cli, ["ship", str(file), "--json", *options])
    return done.exit_code, json.loads(done.stdout), done.stderr


def states(table: dict[str, Any]) -> dict[str, str]:
    return {row["step"]: row["state"] for row in table["steps"]}


def dates(folder: Path) -> dict[Path, int]:
    """When each file was written; but the log of what TensorFlow printed, and what is rewritten in any case."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in ("ship.log", "ship.lock")]
    return {path: path.stat().st_mtime_ns for path in files}


def test_the_whole_way_of_a_run_that_is_there(images: Path, trained_run: Path, tmp_path: Path) -> None:
    """The run has no record, and its history says that it is what the file asks for: nothing is trained."""
    file = tmp_path / "modelport.toml"
    file.write_text(f"[data]\nimages = {json.dumps(str(images))}\n{TRAIN}{EXPORT}")
    run = Path(shutil.copytree(trained_run, tmp_path / "work" / "run"))
    trained = sha256_of_file(run / "model.keras")

    code, table, _ = ship(file)
    names = ["prepare", "train", "convert", "validate", "choose", "deliver.flutter", "deliver.archive"]
    assert (0, dict.fromkeys(names, "done") | {"train": "kept"}) == (code, states(table)), table
    (artifact,) = table["artifacts"]
    assert ("model.float32.tflite", ["flutter", "archive"]) == (artifact["path"], artifact["delivered"])
    delivered = {sha256_of_file(path) for path in (run / "model.tflite", tmp_path / "app/assets/model/model.tflite")}
    assert {artifact["sha256"]} == delivered
    with zipfile.ZipFile(tmp_path / "release.zip") as archive:
        assert archive.read("MODEL_CARD.md").startswith(b"# Colours\n")

    before = dates(tmp_path)
    code, table, _ = ship(file)
    assert (0, dict.fromkeys(names, "kept")) == (code, states(table))
    assert before == dates(tmp_path)

    text = file.read_text()
    file.write_text(f'{text}[budgets]\nmax_bytes = "1 kB"\n')
    code, table, told = ship(file)
    wanted = ["kept", "kept", "kept", "failed", "not reached", "not reached", "not reached"]
    assert (1, wanted) == (code, list(states(table).values()))
    assert re.search("bytes; budget at most 1,?000 ", told)
    assert before[tmp_path / "release.zip"] == (tmp_path / "release.zip").stat().st_mtime_ns

    file.write_text(f"{text}[budgets]\nmin_top1 = 0.5\n")
    code, table, _ = ship(file)
    assert (0, ["kept"] * 3) == (code, list(states(table).values())[:3])
    assert trained == sha256_of_file(run / "model.keras")

    (tmp_path / "app/assets/model/labels.txt").write_text("mine\n")
    code, table, told = ship(file)
    assert (2, "refused", "kept") == (code, *list(states(table).values())[-2:])
    assert "labels.txt" in told
    shown = CliRunner().invoke(cli, ["ship", str(file), "--dry-run"]).stdout
    assert re.search(r"\n ?deliver.flutter +would do ", shown)
    assert re.search(r"\n ?model.float32.tflite .* pass: .* flutter, archive", shown)
    assert "6 kept, 1 would do; " in shown.splitlines()[-1]
    assert "mine\n" == (tmp_path / "app/assets/model/labels.txt").read_text()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_stopped_again_and_again_no_finished_step_is_done_twice(images: Path, tmp_path: Path) -> None:
    """Ended, as by kill -9, after 200 steps on disk, then after 400, and so on until it comes to the end."""
    file = tmp_path / "modelport.toml"
    file.write_text(f"[data]\nimages = {json.dumps(str(images))}\n{TRAIN}{EXPORT}")
    stops: list[str] = []
    epochs, done = 0, subprocess.CompletedProcess[str]([], STOPPED)
    while done.returncode == STOPPED:
        finished = {name for name, entry in read_record(tmp_path / "work").steps.items() if entry.done}
        command = [sys.executable, str(STOPPED_PROCESS), str(200 * (len(stops) + 1)), "ship", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        kept = set(re.findall(r"^\d/\d (\S+) +kept: ", done.stderr, re.MULTILINE))
        assert finished <= kept, done.stderr
        epochs += done.stderr.count("  epoch ")
        stops.append(re.findall(r"^\d/\d (\S+)", done.stderr, re.MULTILINE)[-1])
    assert 0 == done.returncode, done.stderr
    # an epoch that was told and not yet recorded is trained again, one for each stop in the training
    assert 8 <= epochs <= 8 + stops.count("train")
    RunFolder(tmp_path / "work" / "run").read_contract()
    print(f"stopped {len(stops) - 1} times, in {', '.join(stops[:-1])}; epochs trained: {epochs}")
