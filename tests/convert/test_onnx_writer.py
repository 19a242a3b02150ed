import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest


@pytest.fixture(scope="module")
def path(exported_run: Path) -> Path:
    return exported_run / "model.onnx"


@pytest.mark.parametrize("batch", [1, 7])
def test_onnx_runtime_answers_as_keras_does(path: Path, oracle: Any, batch: int) -> None:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (answers,) = session.run(["label"], {"image": oracle.pixels[:batch]})
    np.testing.assert_allclose(oracle.answers[:batch], answers, atol=1e-5)


def test_checker_accepts_it_in_full(path: Path) -> None:
    onnx.checker.check_model(onnx.load(path), full_check=True)


def test_one_transpose_is_left(path: Path) -> None:
    """DESIGN.md, fact 4: 124 without the workaround."""
    assert Counter(node.op_type for node in onnx.load(path).graph.node)["Transpose"] <= 1


def test_contract_is_in_the_metadata(path: Path) -> None:
    properties = {item.key: item.value for item in onnx.load(path).metadata_props}
    assert ["blue", "green", "red"] == json.loads(properties["modelport_contract"])["heads"][0]["labels"]


def test_batch_is_the_only_free_dimension(path: Path) -> None:
    graph = onnx.load(path).graph
    shapes = [[d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in (*graph.input, *graph.output)]
    assert [["batch", 48, 48, 3], ["batch", 3]] == shapes
