"""`modelport train`: what the words on the command line become. The training itself is a stand-in."""

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from modelport.cli.main import cli
from modelport.training.train_options import TrainOptions

pytest.importorskip("tensorflow", reason="training needs the extra [tensorflow]")

from modelport.training.fit import train as train_module

EVALUATION = {
    "test_accuracy": 0.95,
    "test_accuracy_interval_95": [0.9, 0.98],
    "test_images": 120,
    "top3_accuracy": 1.0,
    "most_confused_pairs": [{"true": "a", "predicted": "b", "count": 4}],
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """What `training.fit.train.train` was called with."""
    calls: list[Any] = []

    def stand_in(dataset: str, run: str, options: TrainOptions, *, start: str, narrator: Any) -> Any:
        print("noise")
        narrator.say("epoch 1")
        calls.append((dataset, run, options, start))
        return SimpleNamespace(evaluation=EVALUATION)

    monkeypatch.setattr(train_module, "train", stand_in)
    monkeypatch.chdir(tmp_path)
    return calls


def modelport(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["train", *arguments])


@pytest.mark.parametrize(
    ("arguments", "changes"),
    [
        pytest.param("data", {}, id="defaults"),
        pytest.param(
            "data --epochs 5 --batch-size 8 --patience 2", {"epochs": 5, "batch_size": 8, "patience": 2}, id="users"
        ),
        pytest.param("data --image-size 64 96", {"image_size": (64, 96)}, id="two-sizes"),
        pytest.param("--image-size 64 data", {"image_size": (64, 64)}, id="one-size-first"),
        pytest.param("data --image-size 64", {"image_size": (64, 64)}, id="one-size-last"),
        pytest.param("data --img_size 64 --epochs 5", {"image_size": (64, 64), "epochs": 5}, id="img_size"),
        pytest.param("data --batch_size 8 --learning_rate 0.1", {"batch_size": 8, "learning_rate": 0.1}, id="older"),
        pytest.param("data --no-augment --horizontal-flip", {"augment": False, "horizontal_flip": True}, id="flags"),
        pytest.param("data --gpu-memory-limit 4096", {"gpu_memory_limit_mb": 4096}, id="gpu"),
        pytest.param("data --allow-leak --weights none", {"allow_leak": True, "weights": "none"}, id="leak"),
        pytest.param("data --min-tflite 2.17.0 --seed 3", {"min_tflite": "2.17.0", "seed": 3}, id="others"),
        pytest.param(
            "data --precision float32 --backbone MobileNetV2",
            {"precision": "float32", "backbone": "MobileNetV2"},
            id="choices",
        ),
    ],
)
def test_every_option_arrives(asked: list[Any], arguments: str, changes: dict[str, Any]) -> None:
    assert 0 == modelport(*arguments.split()).exit_code
    assert [("data", "output", TrainOptions(**changes), "new")] == asked


@pytest.mark.parametrize(
    "arguments",
    ["data run", "--dataset_dir data --output_dir run", "--input_dir data run", "data --output_dir run"],
)
def test_older_spellings_of_the_folders_work(asked: list[Any], arguments: str) -> None:
    assert 0 == modelport(*arguments.split()).exit_code
    assert ("data", "run") == asked[0][:2]


@pytest.mark.parametrize(("flag", "start"), [("--resume", "resume"), ("--overwrite", "overwrite")])
def test_how_it_starts(asked: list[Any], flag: str, start: str) -> None:
    assert 0 == modelport("data", flag).exit_code
    assert start == asked[0][3]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("data --resume --overwrite", "--resume and --overwrite cannot be combined"),
        ("data --epochs 0", "--epochs"),
        ("data --epochs 1", "at least 2, one for each phase"),
        ("data --seed -1", "-1 is not in the range 0<=x<=4294967295"),
        ("data --image-size 16", "16 is not in the range x>=32"),
        ("", "a data set is needed"),
        ("a b c", "two folders are needed"),
        ("data --min-tflite newest", "--min-tflite"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(asked: list[Any], arguments: str, message: str) -> None:
    result = modelport(*arguments.split())
    assert 2 == result.exit_code
    assert message in result.stderr
    assert [] == asked


def test_the_summary_is_all_that_stdout_gets(asked: list[Any]) -> None:
    result = modelport("data", "run")
    assert [
        "test top-1   0.950 [0.900, 0.980], n = 120",
        "test top-3   1.000",
        "confused     a taken for b (4)",
        "run          run",
        "next         modelport convert run",
    ] == result.stdout.splitlines()
    assert "epoch 1\n" == result.stderr


def test_json_is_the_evaluation(asked: list[Any]) -> None:
    assert EVALUATION == json.loads(modelport("data", "--json").stdout)


def test_ctrl_c_says_how_to_go_on(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(train_module, "train", interrupted)
    result = modelport("data", "run")
    assert 130 == result.exit_code
    assert "run keeps every finished epoch; go on with the same command and --resume" in result.stderr


@pytest.mark.parametrize("command", ["train", "convert", "quantize"])
def test_without_tensorflow_the_command_to_paste_is_shown(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "tensorflow" else find(name, *more)
    )
    result = CliRunner().invoke(cli, [command, "folder"])
    assert 2 == result.exit_code
    assert f"Error: modelport {command} needs tensorflow, which is not installed" in result.stderr
    assert 'pip install "modelport[tensorflow]"' in result.stderr
