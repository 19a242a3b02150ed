"""Training under mixed_float16 must leave none of it in model.keras or in an artifact (DESIGN.md, fact 3)."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="training needs the extra [tensorflow]")

import keras
from modelport.training.fit import train as train_module
from modelport.training.fit.finish_run import float32_model
from modelport.training.fit.train import train
from modelport.training.train_options import TrainOptions


def dtypes_of(model: Any) -> set[str]:
    """Of computation and of variables, of every layer."""
    return {dtype for layer in model.layers for dtype in (layer.compute_dtype, layer.variable_dtype)}


def test_the_kept_model_is_float32_and_has_the_trained_weights(
    dataset: Path, tiny_options: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finishing: list[Any] = []

    def watch(*arguments: Any) -> dict[str, Any]:
        finishing.extend(arguments)
        return {}

    monkeypatch.setattr(train_module, "finish_run", watch)
    train(dataset, tmp_path / "run", tiny_options(precision="mixed_float16", epochs=1))
    record, _, pixels, head, *_ = finishing
    trained = record.checkpoints.load(0, with_optimizer=False)
    assert {"float16", "float32"} == dtypes_of(trained)
    kept = float32_model(record, pixels, head)
    assert {"float32"} == dtypes_of(kept)
    for left, right in zip(trained.get_weights(), kept.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right, strict=True)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_artifact_computes_in_float16(dataset: Path, tmp_path: Path) -> None:
    """Every tensor float32 or quantized, input and output float32, no Flex; the float16 recipe stores weights so."""
    import onnx
    import tensorflow as tf
    from modelport.convert.convert import convert
    from modelport.quantize.quantize import quantize
    from modelport.runtimes.tflite.open_tflite import read_tflite

    run = tmp_path / "run"
    train(
        dataset,
        run,
        TrainOptions(
            epochs=8,
            batch_size=4,
            image_size=(48, 48),
            backbone="MobileNetV3Small",
            weights="none",
            augment=False,
            precision="mixed_float16",
        ),
    )
    convert(run)
    quantize(run, representative_images=12)

    assert {"float32"} == dtypes_of(keras.models.load_model(run / "model.keras"))

    for recipe, allowed in {
        "float32": {"float32", "int32"},
        "float16": {"float32", "float16", "int32"},
        "dynamic_int8": {"float32", "int8", "int32"},
        "full_int8": {"float32", "int8", "int32"},
    }.items():
        facts = read_tflite((run / f"model.{recipe}.tflite").read_bytes())
        assert set(facts["tensor_dtypes"]) <= allowed
        assert () == facts["flex_operators"] == facts["custom_operators"]
        interpreter = pytest.importorskip("ai_edge_litert.interpreter").Interpreter(str(run / f"model.{recipe}.tflite"))
        ends = interpreter.get_input_details() + interpreter.get_output_details()
        assert [np.float32, np.float32] == [detail["dtype"] for detail in ends]

    graph = onnx.load(run / "model.onnx").graph
    kinds = Counter(onnx.TensorProto.DataType.Name(tensor.data_type) for tensor in graph.initializer)
    assert set(kinds) <= {"FLOAT", "INT64"}
    assert {onnx.TensorProto.FLOAT} == {
        value.type.tensor_type.elem_type for value in (*graph.input, *graph.output, *graph.value_info)
    } - {onnx.TensorProto.INT64}

    definition = tf.compat.v1.GraphDef.FromString((run / "trained_model_graph.pb").read_bytes())
    assert [] == in_float16(definition)
    loaded = tf.saved_model.load(str(run / "saved_model"))
    for signature in loaded.signatures.values():
        assert [] == in_float16(signature.graph.as_graph_def())


def in_float16(definition: Any) -> list[str]:
    """Names of nodes with a float16 attribute, those of library functions too."""
    nodes = [*definition.node, *(node for function in definition.library.function for node in function.node_def)]
    float16 = 19  # DT_HALF in tensorflow/core/framework/types.proto
    return [node.name for node in nodes if float16 in {value.type for value in node.attr.values()}]
