import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from modelport.cli.main import cli
from modelport.contract.run.reference import read_reference


@pytest.fixture
def image(exported_run: Path, dataset: Path) -> str:
    return str(dataset / read_reference(exported_run / "reference.npz").paths[0])


def test_json_lists_the_most_probable_labels(exported_run: Path, image: str) -> None:
    result = CliRunner().invoke(cli, ["predict", str(exported_run / "model.onnx"), image, "--json", "--top", "2"])
    assert 0 == result.exit_code, result.output
    (answer,) = json.loads(result.stdout)
    assert image == answer["image"]
    assert 2 == len(answer["heads"]["label"])


def test_text_has_one_line_an_image(exported_run: Path, image: str) -> None:
    result = CliRunner().invoke(cli, ["predict", str(exported_run / "model.float32.tflite"), image, image])
    assert 2 == len(result.stdout.splitlines())
    assert result.stdout.startswith(f"{image}  label: ")


def test_a_file_that_is_no_image_exits_with_2(exported_run: Path) -> None:
    contract = str(exported_run / "contract.json")
    result = CliRunner().invoke(cli, ["predict", str(exported_run / "model.onnx"), contract])
    assert 2 == result.exit_code
    assert "Error: not an image" in result.stderr
