"""`modelport prepare` from outside: exit codes, what goes to stdout and what to stderr, and imports."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from modelport.cli.main import cli
from PIL import Image


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two classes of ten images, in the folder photos of the working directory."""
    for number in range(20):
        path = tmp_path / "photos" / "ab"[number % 2] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.frombytes("RGB", (8, 8), random.Random(number).randbytes(8 * 8 * 3)).save(path)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "photos"


def modelport(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_the_table_ends_in_the_command_to_paste(photos: Path) -> None:
    result = modelport("prepare", "photos", "dataset")
    assert 0 == result.exit_code
    assert "2 classes: a b" in result.stdout
    assert [["train", "14", "7", "7"], ["val", "4", "2", "2"], ["test", "2", "1", "1"], ["all", "20"]] == [
        line.split() for line in result.stdout.splitlines()[1:5]
    ]
    assert result.stdout.endswith("Next: modelport train dataset\n")
    assert "" == result.stderr


def test_json_is_all_that_stdout_gets(photos: Path) -> None:
    (photos / "a" / "bad.jpg").write_bytes(b"no image")
    result = modelport("prepare", "photos", "dataset", "--json")
    assert {
        "manifest": "dataset/dataset.json",
        "counts": {"train": {"a": 7, "b": 7}, "val": {"a": 2, "b": 2}, "test": {"a": 1, "b": 1}},
        "quarantined": 1,
        "duplicates": 0,
        "reencoded": 0,
        "test_leaks": 0,
        "val_leaks": 0,
    } == json.loads(result.stdout)
    assert "1 file quarantined" in result.stderr
    assert "a/bad.jpg: not an image" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--input_dir", "photos", "--output_dir", "dataset"],
        ["--input_dir", "photos", "dataset"],
        ["photos", "--output_dir", "dataset"],
    ],
)
def test_the_older_spellings_work(photos: Path, arguments: list[str]) -> None:
    assert 0 == modelport("prepare", *arguments).exit_code
    assert (photos.parent / "dataset" / "dataset.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "two folders are needed", id="nothing"),
        pytest.param(["photos"], "two folders are needed", id="one"),
        pytest.param(["photos", "dataset", "more"], "two folders are needed", id="three"),
        pytest.param(["photos", "dataset", "--input_dir", "photos"], "two folders are needed", id="one-too-many"),
        pytest.param(["nowhere", "dataset"], "images cannot be found", id="missing"),
        pytest.param(["photos/a", "dataset"], "no class folders", id="flat"),
        pytest.param(["photos", "photos"], "overlap", id="overlap"),
        pytest.param(["photos", "dataset", "--ratios", "80/10/20"], "ratios cannot be used", id="ratios"),
        pytest.param(["photos", "dataset", "--group-by", "("], "not a regular expression", id="regex"),
        pytest.param(["photos", "dataset", "--groups", "no.csv"], "list of groups cannot be read", id="csv"),
        pytest.param(["photos", "dataset", "--groups", "x", "--group-by", "y"], "two ways of grouping", id="both"),
        pytest.param(["photos", "dataset", "--seed", "x"], "'x' is not a valid integer", id="seed"),
        pytest.param(["photos", "dataset", "--seed", "-1"], "-1 is not in the range 0<=x<=4294967295", id="range"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(photos: Path, arguments: list[str], message: str) -> None:
    result = modelport("prepare", *arguments)
    assert 2 == result.exit_code
    assert message in result.stderr
    assert "" == result.stdout
    assert not (photos.parent / "dataset").exists()


def test_an_existing_output_is_refused_until_overwrite(photos: Path) -> None:
    assert 0 == modelport("prepare", "photos", "dataset").exit_code
    refused = modelport("prepare", "photos", "dataset")
    assert 2 == refused.exit_code
    assert "--overwrite" in refused.stderr
    assert 0 == modelport("prepare", "photos", "dataset", "--overwrite").exit_code


def test_help_shows_the_defaults_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; from modelport.cli.main import cli\n"
        "try: cli(['prepare', '--help'])\n"
        "finally: print(sorted({'numpy', 'PIL', 'rich', 'tensorflow', 'keras'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert "[default: 70/15/15]" in done.stdout
    assert "[default: 0]" in done.stdout
    assert "modelport prepare photos dataset\n" in done.stdout
    assert done.stdout.endswith("[]\n")
