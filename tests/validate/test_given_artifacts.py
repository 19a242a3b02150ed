"""Files that no lock knows: the form and the recipe that they are judged as."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from modelport.contract.image.pixels import InputForm
from modelport.validate.findings.outcome import Outcome
from modelport.validate.findings.verdict import Verdict
from modelport.validate.given_artifacts import recipe_of
from modelport.validate.judge import JudgeOptions, judge_run

NCHW = InputForm(layout="NCHW")


def write_nchw(path: Path, run: Any, *, says: InputForm, note: str = "") -> None:
    """Write the closed form without its Transpose, and a contract inside that says which form it takes."""
    model = onnx.load(path)
    graph = model.graph
    del graph.node[0]
    graph.node[0].input[0] = "input"
    sizes = graph.input[0].type.tensor_type.shape.dim
    for size, value in zip(sizes[1:], (3, 8, 8), strict=True):
        size.dim_value = value
    model.doc_string = note
    contract = replace(run.contract, pixels=run.contract.pixels.taken_as(says))
    onnx.helper.set_model_props(model, {"modelport_contract": json.dumps(contract.promise())})
    onnx.save(model, path)


def judged(run: Any, path: Path) -> Outcome:
    (outcome,) = judge_run(run.root, JudgeOptions(artifacts=(path,))).outcomes
    return outcome


def test_a_build_made_anew_is_judged_in_the_form_that_the_lock_has(make_run: Any, made: Any, tmp_path: Path) -> None:
    run = make_run()
    run.export()
    made.write_onnx(run.root / "model.nchw.onnx")
    write_nchw(run.root / "model.nchw.onnx", run, says=NCHW)
    run.record("model.nchw.onnx", layout="NCHW")
    made.write_onnx(tmp_path / "rebuilt.onnx")
    write_nchw(tmp_path / "rebuilt.onnx", run, says=NCHW, note="of tonight")
    outcome = judged(run, tmp_path / "rebuilt.onnx")
    assert Verdict.PASS is outcome.verdict, [finding for finding in outcome.findings if finding.verdict != "pass"]
    assert NCHW.layout == outcome.artifact.layout


def test_a_form_that_only_the_file_itself_knows_is_not_believed(make_run: Any, made: Any, tmp_path: Path) -> None:
    """The app feeds NHWC: a file that says it takes something else is not the one that was promised."""
    run = make_run()
    run.export()
    made.write_onnx(tmp_path / "rebuilt.onnx")
    write_nchw(tmp_path / "rebuilt.onnx", run, says=NCHW)
    outcome = judged(run, tmp_path / "rebuilt.onnx")
    assert Verdict.FAIL is outcome.verdict
    assert "layout 'NCHW', expected 'NHWC'" in " ".join(finding.sentence for finding in outcome.findings)


def test_one_small_table_of_bytes_makes_no_quantized_model(make_run: Any, made: Any, tmp_path: Path) -> None:
    """It would be held to the parity of int8, which is laxer."""
    run = make_run()
    run.export()
    made.write_onnx(tmp_path / "table.onnx")
    model = onnx.load(tmp_path / "table.onnx")
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.zeros(4, np.uint8), "table"))
    onnx.save(model, tmp_path / "table.onnx")
    assert "float32" == judged(run, tmp_path / "table.onnx").artifact.recipe


@pytest.mark.parametrize(
    ("stored", "tensors", "recipe"),
    [
        pytest.param({"float32": 4000}, {"float32": 9, "uint8": 1}, "float32", id="takes-photos"),
        pytest.param({"int8": 3000, "float32": 300}, {"float32": 90, "int8": 40}, "dynamic_int8", id="dynamic"),
        pytest.param({"int8": 3000, "int32": 300}, {"int8": 90, "float32": 2}, "full_int8", id="full"),
        pytest.param({"float16": 2000, "float32": 100}, {"float16": 9, "float32": 90}, "float16", id="float16"),
        pytest.param({}, {}, "float32", id="nothing-is-known"),
    ],
)
def test_the_recipe_is_that_of_most_bytes(stored: dict[str, int], tensors: dict[str, int], recipe: str) -> None:
    assert recipe == recipe_of({"stored_bytes": stored, "tensor_dtypes": tensors})
