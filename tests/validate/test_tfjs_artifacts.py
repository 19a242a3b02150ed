"""TensorFlow.js artifacts before the judge: passed in Node, not judged without it, given by hand, beside a pack."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from modelport.cli.main import cli
from modelport.runtimes.predict import format_of, predict_images
from modelport.validate.pack.write_pack import write_pack

Make = Callable[..., Path]


@pytest.fixture
def run(make_run: Any, make_tfjs: Make) -> Any:
    """A run of 15 test images with tfjs/, the closed form."""
    made = make_run()
    make_tfjs(made.root / "tfjs")
    made.record("tfjs", format="tfjs")
    return made


@pytest.fixture
def no_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither Node.js nor its packages."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("MODELPORT_NODE_MODULES", str(tmp_path / "node_modules"))


def command(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def flat(result: Result) -> str:
    return " ".join(result.output.split())


def test_the_closed_form_passes(run: Any, in_node: Path) -> None:
    result = command("validate", run.root)
    assert "1 pass, 0 fail, 0 undecided, 0 not judged" in flat(result)
    assert 0 == result.exit_code


def test_another_slope_fails(run: Any, make_tfjs: Make, in_node: Path) -> None:
    make_tfjs(run.root / "other", slope=9.0)
    result = command("validate", run.root, "--artifact", run.root / "other")
    assert "other: fail: " in flat(result)
    assert 1 == result.exit_code


@pytest.mark.parametrize(
    "asked", [[], ["--only", "tfjs"], ["--only", "onnx,tfjs"]], ids=["everything", "by-name", "among-others"]
)
@pytest.mark.usefixtures("no_packages")
def test_without_node_a_gate_that_asked_fails_and_says_what_is_missing(run: Any, asked: list[str]) -> None:
    run.export()
    result = command("validate", run.root, *asked)
    assert "tfjs: not judged: running a TensorFlow.js model needs Node.js" in flat(result)
    assert "https://nodejs.org" in flat(result)
    assert 1 == result.exit_code


@pytest.mark.usefixtures("no_packages")
def test_without_node_a_gate_that_asked_for_others_passes(run: Any) -> None:
    run.export()
    assert 0 == command("validate", run.root, "--only", "onnx").exit_code


def test_a_folder_beside_a_pack_is_judged(run: Any, in_node: Path, tmp_path: Path) -> None:
    write_pack(run.root, tmp_path / "gate.zip", images=9)
    shutil.move(run.root / "tfjs", tmp_path / "web model")
    result = command("validate", tmp_path / "gate.zip", "--artifact", tmp_path / "web model")
    assert "1 pass, 0 fail" in flat(result)
    assert 0 == result.exit_code


@pytest.mark.parametrize(("dtype", "recipe"), [("float16", "float16"), ("uint8", "weight_int8")])
def test_how_weights_are_stored_decides_which_budgets_a_given_folder_is_held_to(
    run: Any, make_tfjs: Make, in_node: Path, tmp_path: Path, dtype: str, recipe: str
) -> None:
    """The same model, its 9 weights in float16, or in uint8 with the steps of 8 / 255 that the slope asks for."""
    quantization: dict[str, Any] = {"dtype": dtype, "original_dtype": "float32"}
    if dtype == "uint8":
        quantization |= {"scale": 8 / 255, "min": 0.0}
    entries = [
        {"name": "axes", "shape": [2], "dtype": "int32"},
        {"name": "weight", "shape": [3, 3], "dtype": "float32", "quantization": quantization},
    ]
    path = make_tfjs(tmp_path / "small", weightsManifest=[{"paths": ["weights.bin"], "weights": entries}])
    weight = np.eye(3) * (255 if dtype == "uint8" else 8)
    (path / "weights.bin").write_bytes(np.array([1, 2], "<i4").tobytes() + weight.astype(dtype).tobytes())
    report = tmp_path / "report"
    result = command("validate", run.root, "--artifact", path, "--report", report)
    assert 0 == flat(result).count("small: fail"), result.output
    assert f'"recipe": "{recipe}"' in (report / "report.json").read_text()


def test_predict_answers_from_a_folder(run: Any, in_node: Path) -> None:
    assert "tfjs" == format_of(run.root / "tfjs")
    images = sorted((run.dataset / "test").rglob("*.png"))[::5]
    answers = predict_images(run.root / "tfjs", images)
    assert ["blue", "green", "red"] == [answer.top(1)["label"][0]["label"] for answer in answers]


def test_a_shard_that_was_changed_after_the_export_is_found(run: Any, in_node: Path) -> None:
    weights = run.root / "tfjs" / "weights.bin"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x40")
    assert "tfjs: fail: the file was changed after the export" in flat(command("validate", run.root))
