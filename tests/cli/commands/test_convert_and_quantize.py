import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from modelport.cli.main import cli
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.run.lock import read_lock

pytest.importorskip("tensorflow", reason="converting needs the extra [tensorflow]")


@pytest.mark.slow
def test_json_is_all_of_stdout_though_tensorflow_prints(
    trained_run: Path, exported_run: Path, copy_of: Callable[[Path], Path]
) -> None:
    run = copy_of(trained_run)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "modelport", "convert", str(run), "--to", "onnx,frozen_graph", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    artifacts = json.loads(done.stdout)
    assert ["trained_model_graph.pb", "model.onnx"] == [artifact["path"] for artifact in artifacts]
    assert [True, True] == [bool(re.match(r"wrote  \S+ +\d+\.\d\d MB( |$)", line)) for line in done.stderr.splitlines()]
    assert len((run / "logs/convert.log").read_text()) > 100
    assert sha256_of_file(exported_run / "trained_model_graph.pb") == artifacts[0]["sha256"], "DESIGN.md, fact 18"


@pytest.mark.parametrize(
    ("command", "count"), [pytest.param("convert", 4, id="convert"), pytest.param("quantize", 3, id="quantize")]
)
def test_a_second_call_keeps_everything_and_says_what_is_next(exported_run: Path, command: str, count: int) -> None:
    more = ["--representative-images", "12"] if command == "quantize" else []
    result = CliRunner().invoke(cli, [command, str(exported_run), *more])
    assert 0 == result.exit_code, result.stderr
    assert count == result.stderr.count("kept ")
    assert f"{count} artifacts in {exported_run}" in result.stdout
    assert f"modelport validate {exported_run}" in result.stdout


@pytest.mark.slow
def test_another_seed_replaces_what_modelport_made(exported_run: Path, copy_of: Callable[[Path], Path]) -> None:
    run = copy_of(exported_run)
    arguments = [
        "quantize",
        str(run),
        "--recipes",
        "full_int8",
        "--representative-images",
        "3",
        "--seed",
        "9",
        "--json",
    ]
    result = CliRunner().invoke(cli, arguments)
    assert 0 == result.exit_code, result.stderr
    (artifact,) = json.loads(result.stdout)
    assert 9 == artifact["options"]["representative_seed"]
    assert {"blue", "green", "red"} == {
        image["path"].split("/")[1] for image in artifact["options"]["representative_images"]
    }
    assert len(read_lock(exported_run / "artifacts.json").artifacts) == len(read_lock(run / "artifacts.json").artifacts)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["convert", ".", "--to", "coreml"], "all, saved_model, frozen_graph, tflite, onnx", id="format"),
        pytest.param(["quantize", ".", "--recipes", "int4"], "all, float16, dynamic_int8, full_int8", id="recipe"),
        pytest.param(["convert", "."], "not a run folder", id="no-run"),
        pytest.param(["quantize", ".", "--recipes", "float16"], "not a run folder", id="no-run-to-quantize"),
        pytest.param(["quantize", "."], "not a run folder", id="no-run-to-calibrate"),
        pytest.param(["quantize", ".", "--representative-images", "0"], "0 is not in the range x>=1", id="no-image"),
        pytest.param(["quantize", ".", "--seed", "-1"], "-1 is not in the range 0<=x<=4294967295", id="seed"),
        pytest.param(
            ["convert", ".", "--to", "frozen_graph", "--like-labels", "x", "--alias", "a=b", "--alias", "a=c"],
            "a label has two aliases",
            id="two-aliases",
        ),
        pytest.param(["convert", ".", "--to", "onnx", "--allow-flex"], "fix       drop --allow-flex", id="no-tflite"),
        pytest.param(["quantize", ".", "--recipes", "float16", "--data", "."], "drop --data", id="ignored-data"),
        pytest.param(
            # 100 and 0 are the defaults: given all the same
            ["quantize", ".", "--recipes", "dynamic_int8", "--representative-images", "100", "--seed", "0"],
            "drop --representative-images and --seed",
            id="ignored-numbers",
        ),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, arguments)
    assert 2 == result.exit_code
    assert message in result.stderr
    assert "" == result.stdout
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param("nowhere", "representative images cannot be found", id="missing"),
        pytest.param("digits", "data set has other classes than the model", id="other-classes"),
    ],
)
def test_representative_images_must_be_the_models(
    exported_run: Path, dataset: Path, tmp_path: Path, data: str, message: str
) -> None:
    if data == "digits":
        for split in ("train", "val", "test"):
            for label, source in (("zero", "red"), ("one", "blue")):
                folder = tmp_path / data / split / label
                folder.mkdir(parents=True)
                image = next((dataset / split / source).glob("*.png"))
                (folder / image.name).write_bytes(image.read_bytes())
    result = CliRunner().invoke(cli, ["quantize", str(exported_run), "--data", str(tmp_path / data)])
    assert 2 == result.exit_code
    assert message in result.stderr
    assert "--recipes float16,dynamic_int8" in result.stderr or data == "digits"
