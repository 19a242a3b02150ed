import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from modelport.contract.model_contract.model_contract import ModelContract


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


def test_one_transpose_is_left_where_plain_tf2onnx_leaves_a_hundred(contract: ModelContract, tmp_path: Path) -> None:
    """Weights that nobody trained bring out what convert/to_onnx/tf2onnx_scalars.py mends; the run's own do not."""
    keras = pytest.importorskip("keras", reason="makes the model")
    from modelport.convert.source.source import Source
    from modelport.convert.to_onnx.writer import write_onnx

    model = keras.applications.MobileNetV3Small((48, 48, 3), weights=None, include_preprocessing=False, classes=3)
    write_onnx(Source(model=model, contract=contract, scratch=tmp_path), tmp_path / "model.onnx")
    assert Counter(node.op_type for node in onnx.load(tmp_path / "model.onnx").graph.node)["Transpose"] <= 1


@pytest.mark.parametrize(("layout", "left"), [("NHWC", 1), ("NCHW", 0)])
def test_a_flatten_leaves_no_transpose_but_that_of_the_input(
    contract: ModelContract, tmp_path: Path, layout: str, left: int
) -> None:
    keras = pytest.importorskip("keras", reason="makes the model")
    from modelport.contract.image.pixels import InputForm
    from modelport.convert.source.source import Source
    from modelport.convert.to_onnx.writer import write_onnx

    layers = keras.layers
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            *(keras.Input((48, 48, 3)), layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D()),
            *(layers.Conv2D(6, 3, padding="same"), layers.BatchNormalization(), layers.Flatten()),
            layers.Dense(3, activation="softmax"),
        ]
    )
    source = Source(model=model, contract=contract, scratch=tmp_path).taking(InputForm(layout=layout))
    write_onnx(source, tmp_path / "model.onnx")
    assert left == Counter(node.op_type for node in onnx.load(tmp_path / "model.onnx").graph.node)["Transpose"]
    pixels = np.random.default_rng(0).random((7, 48, 48, 3), dtype=np.float32)
    given = pixels if layout == "NHWC" else np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    for batch in (1, 7):
        (answers,) = session.run(["label"], {"image": given[:batch]})
        np.testing.assert_allclose(model(pixels[:batch]), answers, atol=1e-5)


def test_contract_is_in_the_metadata(path: Path) -> None:
    properties = {item.key: item.value for item in onnx.load(path).metadata_props}
    assert ["blue", "green", "red"] == json.loads(properties["modelport_contract"])["heads"][0]["labels"]


def test_batch_is_the_only_free_dimension(path: Path) -> None:
    graph = onnx.load(path).graph
    shapes = [[d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in (*graph.input, *graph.output)]
    assert [["batch", 48, 48, 3], ["batch", 3]] == shapes
