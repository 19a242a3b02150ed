"""Against the converter: it writes what it thinks is the oldest release into each file's metadata."""

import re
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.errors import InputError
from modelport.runtimes.tflite.open_tflite import read_tflite

NAMES = ("float32", "float16", "dynamic_int8", "full_int8")


def min_runtime_version(data: bytes) -> str:
    """Return what the converter wrote, "major.minor.patch"."""
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(data, 0)
    (entry,) = (entry for entry in model.metadata if entry.name == b"min_runtime_version")
    return bytes(model.buffers[entry.buffer].data).rstrip(b"\0").decode()


@pytest.mark.parametrize("name", NAMES)
def test_min_tflite_is_what_the_converter_says(exported_run: Path, name: str) -> None:
    data = (exported_run / f"model.{name}.tflite").read_bytes()
    assert min_runtime_version(data) == read_tflite(data)["min_tflite"]
    assert () == read_tflite(data)["unknown_operators"]


@pytest.mark.parametrize("name", NAMES)
def test_operators_are_those_that_the_interpreter_lists(exported_run: Path, name: str) -> None:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    path = exported_run / f"model.{name}.tflite"
    interpreter = Interpreter(str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    listed = [detail["op_name"] for detail in interpreter._get_ops_details()]
    found = read_tflite(path.read_bytes())["operators"]
    counts: dict[str, int] = {}
    for operator in found:
        counts[operator.name] = counts.get(operator.name, 0) + operator.count
    assert {op: listed.count(op) for op in set(listed)} == counts


def test_dtypes_count_every_tensor(exported_run: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    path = exported_run / "model.float16.tflite"
    tensors = [detail["dtype"].__name__ for detail in Interpreter(str(path)).get_tensor_details()]
    found = read_tflite(path.read_bytes())["tensor_dtypes"]
    assert tensors.count("float16") == found["float16"] > 0


def test_values_behind_the_flatbuffer_are_stored_too(exported_run: Path) -> None:
    """ai-edge-quantizer 0.10 puts them there. Most bytes are weights of 8 bits, as in the converter's own file."""
    quantizer = pytest.importorskip("ai_edge_quantizer.quantizer", reason="ai-edge-quantizer is not installed")
    recipe = pytest.importorskip("ai_edge_quantizer.recipe", reason="ai-edge-quantizer is not installed")
    made = quantizer.Quantizer(str(exported_run / "model.float32.tflite"), recipe.dynamic_wi8_afp32()).quantize()
    outside = read_tflite(bytes(made.quantized_model))["stored_bytes"]
    inside = read_tflite((exported_run / "model.dynamic_int8.tflite").read_bytes())["stored_bytes"]
    for stored in (outside, inside):
        assert stored["int8"] > sum(stored.values()) / 2


def converted(function: Any, shape: tuple[int, ...], *, custom: bool = False) -> bytes:
    tf = pytest.importorskip("tensorflow", reason="making such a file needs the extra [tensorflow]")
    concrete = tf.function(function, input_signature=[tf.TensorSpec(shape, tf.float32)]).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if custom:
        converter.allow_custom_ops = True
    else:
        converter.target_spec.supported_ops.append(tf.lite.OpsSet.SELECT_TF_OPS)
    return bytes(converter.convert())


def test_an_operator_of_tensorflow_is_told_as_flex() -> None:
    tf = pytest.importorskip("tensorflow")
    facts = read_tflite(converted(lambda x: tf.linalg.det(x) + 1.0, (2, 2)))
    assert ("FlexMatrixDeterminant",) == facts["flex_operators"]
    assert () == facts["custom_operators"]


def test_a_custom_operator_is_told_by_name() -> None:
    tf = pytest.importorskip("tensorflow")
    facts = read_tflite(converted(lambda x: tf.linalg.det(x) + 1.0, (2, 2), custom=True))
    assert ("MatrixDeterminant",) == facts["custom_operators"]
    assert () == facts["flex_operators"]


def test_files_without_foreign_operators_have_none(exported_run: Path) -> None:
    for name in NAMES:
        facts = read_tflite((exported_run / f"model.{name}.tflite").read_bytes())
        assert ((), ()) == (facts["flex_operators"], facts["custom_operators"])


@pytest.mark.parametrize("data", [b"", b"not a model", b"\x89PNG\r\n\x1a\n"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="not a TFLite model") as caught:
        read_tflite(data)
    assert re.search(rf"{len(data)} bytes", str(caught.value))
