"""Operators that compute in float inside a file that computes in int8."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.runtimes.facts.description import Description
from modelport.runtimes.tflite.open_tflite import read_tflite

tf = pytest.importorskip("tensorflow", reason="makes the file")


@pytest.fixture(scope="module")
def island(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two convolutions in int8, with a FLOOR between them, which TensorFlow Lite has for float alone."""
    random = np.random.default_rng(0)
    kernel = tf.constant(random.normal(size=(3, 3, 3, 3)).astype(np.float32))

    def images() -> Iterator[list[Any]]:
        for _ in range(4):
            yield [random.random((1, 8, 8, 3), dtype=np.float32)]

    def answer(image: Any) -> Any:
        return tf.nn.conv2d(tf.floor(tf.nn.conv2d(image, kernel, 1, "SAME")), kernel, 1, "SAME")

    function = tf.function(answer, input_signature=[tf.TensorSpec((1, 8, 8, 3))]).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = images
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "Statistics for quantized inputs": input and output stay float32
        return bytes(converter.convert())


def test_the_island_is_named_and_the_runtime_says_the_same(island: bytes) -> None:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    resolver = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_content=island, experimental_op_resolver_type=resolver)
    dtypes = {detail["index"]: detail["dtype"] for detail in interpreter.get_tensor_details()}
    computing = [one for one in interpreter._get_ops_details() if "QUANTIZE" not in one["op_name"]]
    in_float = [one["op_name"] for one in computing if dtypes[int(one["outputs"][0])] == np.float32]
    assert ["FLOOR"] == in_float
    assert {"FLOOR": 1} == read_tflite(island)["float_operators"]


def test_a_description_brings_them_through_json(island: bytes) -> None:
    told = Description(runtime="r", inputs=(), outputs=(), float_operators={"FLOOR": 1})
    assert told == Description.from_json(told.to_json())


@pytest.mark.parametrize("recipe", ["float32", "float16", "dynamic_int8", "full_int8"])
def test_no_recipe_has_islands(exported_run: Path, recipe: str) -> None:
    assert {} == read_tflite((exported_run / f"model.{recipe}.tflite").read_bytes())["float_operators"]
