"""The command from outside: text, JSON, exit codes; a file that kills its reader is a message."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
from click.testing import CliRunner, Result
from modelport.cli.main import cli
from modelport.contract.errors import RuntimeFailure
from modelport.runtimes.inspect import inspect_artifact as module
from modelport.runtimes.workers.workers import run_task


def inspect(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["inspect", *map(str, arguments)])


@pytest.fixture
def small_onnx(tmp_path: Path) -> Path:
    """Logits of a 4 x 4 NCHW image: 48 values times a matrix (48, 2)."""
    image = onnx.helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, [1, 3, 4, 4])
    logits = onnx.helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, [1, 2])
    weights = onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT, [48, 2], [0.5] * 96)
    nodes = [
        onnx.helper.make_node("Flatten", ["image"], ["f"]),
        onnx.helper.make_node("MatMul", ["f", "w"], ["logits"]),
    ]
    graph = onnx.helper.make_graph(nodes, "\x1b[31mred", [image], [logits], [weights])
    model = onnx.helper.make_model(graph, ir_version=8, opset_imports=[onnx.helper.make_opsetid("", 13)])
    onnx.helper.set_model_props(model, {"labels": '["no", "yes"]', "note": "\x1b[2Jgone"})
    onnx.save(model, tmp_path / "small.onnx")
    return tmp_path / "small.onnx"


def test_text_says_what_it_is_and_each_problem_with_its_place(small_onnx: Path) -> None:
    result = inspect(small_onnx)
    assert 0 == result.exit_code, result.output
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert f"{small_onnx}: ONNX opset 13, IR 8" == lines[0]
    for line in (
        "parameters 96",
        "inputs image float32 (1, 3, 4, 4)",
        "outputs logits float32 (1, 2)",
        "labels 2: no | yes",
    ):
        assert line in lines
    problems = [line for line in lines if line.startswith("- ")]
    assert any("raw scores (logits) [Python backend" in line for line in problems)
    assert any("NCHW" in line for line in problems)
    assert any("batch is fixed to 1" in line for line in problems)


def test_foreign_text_moves_no_cursor(small_onnx: Path) -> None:
    assert "\x1b" not in inspect(small_onnx).stdout


def test_json_has_the_same_facts(small_onnx: Path) -> None:
    value = json.loads(inspect(small_onnx, "--json").stdout)
    assert ("onnx", 96, ["no", "yes"]) == (value["format"], value["parameters"], value["labels"])
    assert {"name": "image", "dtype": "float32", "shape": [1, 3, 4, 4]}.items() <= value["inputs"][0].items()
    assert all({"where", "sentence"} == set(problem) for problem in value["problems"])
    assert value["runs"].startswith("yes: onnxruntime")


def test_a_run_folder_is_whole_or_exits_with_1(exported_run: Path, copy_of: Callable[[Path], Path]) -> None:
    whole = inspect(exported_run)
    assert (0, "The run folder is whole.") == (whole.exit_code, whole.stdout.splitlines()[-1])
    run = copy_of(exported_run)
    (run / "model.onnx").write_bytes(b"edited")
    edited = inspect(run)
    assert 1 == edited.exit_code
    assert "Not as it was recorded: model.onnx (edited)." == edited.stdout.splitlines()[-1]
    assert json.loads(inspect(run, "--json").stdout)["whole"] is False


@pytest.mark.slow
def test_every_artifact_of_a_run_promises_the_runs_contract(exported_run: Path) -> None:
    contract = json.loads((exported_run / "contract.json").read_text())
    for name in ("model.onnx", "saved_model", "model.float32.tflite", "trained_model_graph.pb", "model.keras"):
        value = json.loads(inspect(exported_run / name, "--json").stdout)
        assert contract["heads"] == value["contract"]["heads"], name
        assert contract["heads"][0]["labels"] == value["labels"], name
        assert [] == value["missing"], name


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"", "Error: the file is empty"), (b"version https://git-lfs.github.com/spec/v1\n", "Error: a Git LFS pointer")],
)
def test_no_model_is_an_input_error_without_a_traceback(tmp_path: Path, data: bytes, sentence: str) -> None:
    (tmp_path / "m.tflite").write_bytes(data)
    result = inspect(tmp_path / "m.tflite")
    assert (2, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith(sentence)
    assert isinstance(result.exception, SystemExit)


def test_a_hang_is_a_message_and_exit_code_1(small_onnx: Path) -> None:
    result = inspect(small_onnx, "--limit-seconds", "0.01")
    assert 1 == result.exit_code
    assert "took longer than 0.01 s" in result.stderr


def test_a_runtime_that_dies_is_a_finding_and_not_the_end(small_onnx: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = run_task

    def dying(name: str, arguments: dict[str, Any], **how: Any) -> dict[str, Any]:
        if name == module.TRY_OUT:
            raise RuntimeFailure("try out failed", received="crashed with SIGSEGV")
        return ask(name, arguments, **how)

    monkeypatch.setattr(module, "run_task", dying)
    value = json.loads(inspect(small_onnx, "--json").stdout)
    assert 96 == value["parameters"]
    assert "the runtime died of it: crashed with SIGSEGV" == value["problems"][0]["sentence"]
