"""Every foreign model of shared/data, each line that `inspect` says held against another tool's answer.

Oracles: ai_edge_litert's Interpreter and the TensorFlow Lite analyzer, onnx.checker and onnxruntime,
tf.saved_model.load, h5py and Keras, tf.import_graph_def.
"""

import contextlib
import io
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.runtimes.facts.inspection import Inspection
from modelport.runtimes.inspect.inspect_file import inspect_here
from modelport.runtimes.inspect.try_out import try_out

DATA = Path(__file__).parents[4] / "shared" / "data"
TFLITE = (
    "coral/mobilenet_v1_0.25_128_quant.tflite",
    "tflite_support/automl_labeler_model.tflite",
    "tflite_support/mobilenet_v1_0.25_224_1_default_1.tflite",
    "tflite_support/mobilenet_v1_0.25_224_1_metadata_1.tflite",
    "mlperf_tiny/pretrainedResnet.tflite",
    "mlperf_tiny/pretrainedResnet_quant.tflite",
    "weights/v3-large-minimalistic_224_1.0_uint8.tflite",
)
INVALID = "coral/invalid_models/model_invoking_error.tflite"


def file(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"needs {name} in ../shared/data")
    return path


def interpreter(path: Path) -> Any:
    """Without the delegate, so that its list of operators is the file's."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    kind = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    made = Interpreter(str(path), experimental_op_resolver_type=kind, experimental_preserve_all_tensors=True)
    made.allocate_tensors()
    return made


def as_told(tensors: Any) -> list[tuple[Any, ...]]:
    return [(t.name, t.dtype, t.shape, t.channels, t.scale, t.zero_point) for t in tensors]


def as_the_interpreter_tells(details: list[Any]) -> list[tuple[Any, ...]]:
    found = []
    for detail in details:
        scales, zeros = detail["quantization_parameters"]["scales"], detail["quantization_parameters"]["zero_points"]
        shape = tuple(None if size < 0 else int(size) for size in detail["shape_signature"])
        first = (float(scales[0]), int(zeros[0])) if len(scales) else (None, None)
        found.append((detail["name"], np.dtype(detail["dtype"]).name, shape, len(scales), *first))
    return found


@pytest.mark.parametrize("name", TFLITE)
def test_inputs_outputs_and_operators_are_those_of_the_interpreter(name: str) -> None:
    told, oracle = inspect_here(file(name)), interpreter(file(name))
    assert as_the_interpreter_tells(oracle.get_input_details()) == as_told(told.inputs)
    assert as_the_interpreter_tells(oracle.get_output_details()) == as_told(told.outputs)
    expected = Counter(entry["op_name"] for entry in oracle._get_ops_details())
    assert expected == {operator.name: operator.count for operator in told.operators}
    assert expected.total() == sum(told.operator_kinds.values())


@pytest.mark.parametrize("name", TFLITE)
def test_weights_are_the_interpreters_constants(name: str) -> None:
    """A constant is a tensor that no operator makes and that is no input; its values come from get_tensor."""
    told, oracle = inspect_here(file(name)), interpreter(file(name))
    made = {int(i) for entry in oracle._get_ops_details() for i in entry["outputs"]}
    given = {detail["index"] for detail in oracle.get_input_details()}
    sizes: Counter[str] = Counter()
    count = 0
    for detail in oracle.get_tensor_details():
        scales = detail["quantization_parameters"]["scales"]
        is_shape = np.dtype(detail["dtype"]).name == "int32" and not len(scales)
        if detail["index"] in made | given or is_shape or not detail["name"]:
            continue
        with contextlib.suppress(ValueError):  # a scratch tensor, which holds nothing yet
            value = oracle.get_tensor(detail["index"])
            sizes[value.dtype.name] += value.nbytes
            count += value.size
    assert dict(sorted(sizes.items())) == told.weight_bytes
    assert count == told.parameters


@pytest.mark.parametrize("name", TFLITE)
def test_the_analyzer_lists_the_same_operators_and_tensors(name: str) -> None:
    tf = pytest.importorskip("tensorflow", reason="the analyzer is TensorFlow's")
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        tf.lite.experimental.Analyzer.analyze(str(file(name)))
    told = inspect_here(file(name))
    expected = Counter(re.findall(r"^  Op#\d+ (\w+)\(", text.getvalue(), re.MULTILINE))
    assert expected == {operator.name: operator.count for operator in told.operators}
    inputs = re.findall(r"^ +(T#\d+)\((.*?)\) shape(?:_signature)?:.*?type:(\w+)", text.getvalue(), re.MULTILINE)
    by_name = {label: kind.lower() for _, label, kind in inputs}
    assert [by_name[tensor.name] for tensor in told.inputs] == [tensor.dtype for tensor in told.inputs]


@pytest.mark.parametrize("name", TFLITE)
def test_the_delegates_share_in_the_table_is_what_the_runtime_takes(name: str) -> None:
    told = inspect_here(file(name)).delegate
    measured = try_out({"path": str(file(name)), "format": "tflite"})["delegate"]
    assert told is not None
    assert (measured["taken"], measured["outside"]) == (
        told.taken,
        {name.split(" (")[0]: count for name, count in told.outside.items()},
    )


@pytest.mark.parametrize(
    "name", ["coral/mobilenet_v1_0.25_128_quant.tflite", *(n for n in TFLITE if "metadata" in n or "automl" in n)]
)
def test_labels_are_those_in_the_zip_behind_the_model(name: str) -> None:
    told = inspect_here(file(name))
    with zipfile.ZipFile(file(name)) as archive:
        (inside,) = archive.namelist()
        expected = archive.read(inside).decode().rstrip().splitlines()
    assert [label.strip() for label in expected] == list(told.labels)
    assert told.outputs[0].shape == (1, len(told.labels))
    assert inside == told.metadata["files"]


def test_coral_labels_are_those_of_the_file_that_lies_beside_the_model() -> None:
    expected = [line.strip() for line in file("coral/imagenet_labels.txt").read_text("utf-8").splitlines()]
    assert expected == list(inspect_here(file(TFLITE[0])).labels)


def test_metadata_are_the_texts_that_strings_finds_in_the_file() -> None:
    path = file("tflite_support/automl_labeler_model.tflite")
    told, data = inspect_here(path).metadata, path.read_bytes()
    assert ("AutoML image classifier", "TensorFlow", "v1") == (told["name"], told["author"], told["version"])
    assert told["license"].startswith("Apache License")
    assert all(told[key].encode() in data for key in ("name", "author", "license", "description", "input_description"))


@pytest.mark.parametrize(
    ("name", "mean", "std"),
    [
        # (x - mean) / std brings [0, 255] to what the file's own input description says
        pytest.param("tflite_support/mobilenet_v1_0.25_224_1_metadata_1.tflite", "127.5", "127.5", id="-1..1"),
        pytest.param("tflite_support/automl_labeler_model.tflite", "0", "1", id="0..255"),
    ],
)
def test_normalization_agrees_with_the_description_in_the_file(name: str, mean: str, std: str) -> None:
    told = inspect_here(file(name)).metadata
    assert (mean, std) == (told["input_mean"], told["input_std"])
    low, high = map(float, re.findall(r"is \[(-?[\d.]+)\]", told["input_description"]))
    assert (low, high) == ((0 - float(mean)) / float(std), (255 - float(mean)) / float(std))


def test_the_invalid_model_is_told_by_its_custom_operator() -> None:
    told = inspect_here(file(INVALID))
    assert ("fake-op-double",) == told.custom_operators
    assert any("fake-op-double" in problem.sentence for problem in told.problems)
    refused = try_out({"path": str(file(INVALID)), "format": "tflite"})["refused"]
    assert refused.startswith("Encountered unresolved custom op: fake-op-double")


def test_onnx_is_as_onnxruntime_and_the_checker_say() -> None:
    import onnx
    import onnxruntime

    path = file("onnx_light/light_squeezenet.onnx")
    onnx.checker.check_model(str(path))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    told = inspect_here(path)
    for expected, tensors in ((session.get_inputs(), told.inputs), (session.get_outputs(), told.outputs)):
        assert [(e.name, e.type, tuple(e.shape)) for e in expected] == [
            (t.name, {"float32": "tensor(float)"}[t.dtype], t.shape) for t in tensors
        ]
    text = onnx.printer.to_text(onnx.load(path))
    assert Counter(re.findall(r"= (\w+)[ <(]", text.split("\n}", 1)[0])) >= Counter(
        {operator.name: operator.count for operator in told.operators}
    )
    assert f"ONNX opset {onnx.load(path).opset_import[0].version}, IR {onnx.load(path).ir_version}" == told.variant


def test_the_onnx_tensor_is_told_as_such_and_onnx_reads_it_as_one() -> None:
    import onnx

    path = file("onnx_light/light_squeezenet_output_0.pb")
    tensor = onnx.TensorProto.FromString(path.read_bytes())
    assert (1, 1000, 1, 1) == onnx.numpy_helper.to_array(tensor).shape
    with pytest.raises(InputError, match="an ONNX tensor"):
        inspect_here(path)


def test_the_saved_model_is_as_tensorflow_loads_it() -> None:
    tf = pytest.importorskip("tensorflow", reason="reading a SavedModel needs the extra [tensorflow]")
    path = file("mlperf_tiny/kws_ref_model")
    loaded, told = tf.saved_model.load(str(path)), inspect_here(path)
    signature = loaded.signatures["serving_default"]
    specs = (signature.structured_input_signature[1], signature.structured_outputs)
    for expected, tensors in zip(specs, (told.inputs, told.outputs), strict=True):
        assert {key: (spec.dtype.name, tuple(spec.shape)) for key, spec in expected.items()} == {
            tensor.name: (tensor.dtype, tensor.shape) for tensor in tensors
        }
    assert sum(int(np.prod(v.shape)) for v in loaded.variables) == told.parameters
    index = sum(
        int(np.prod(shape))
        for name, shape in tf.train.list_variables(str(path / "variables/variables"))
        if name.endswith("VARIABLE_VALUE") and "layer_with_weights" in name and "OPTIMIZER_SLOT" not in name
    )
    assert index == told.parameters
    assert loaded.tensorflow_version in told.variant


def test_the_saved_models_operators_are_those_of_its_frozen_function() -> None:
    """Freezing inlines the functions that the signature calls; what computes must be there as often."""
    tf = pytest.importorskip("tensorflow", reason="reading a SavedModel needs the extra [tensorflow]")
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    path = file("mlperf_tiny/kws_ref_model")
    loaded = tf.saved_model.load(str(path))  # the signature does not keep it alive
    frozen = convert_variables_to_constants_v2(loaded.signatures["serving_default"])
    expected = Counter(operation.type for operation in frozen.graph.get_operations())
    told = {operator.name: operator.count for operator in inspect_here(path).operators}
    computing = ("Conv2D", "DepthwiseConv2dNative", "FusedBatchNormV3", "MatMul", "Relu", "Softmax", "AvgPool")
    assert {name: expected[name] for name in computing} == {name: told[name] for name in computing}


def test_the_keras_h5_is_as_keras_rebuilds_it() -> None:
    keras = pytest.importorskip("keras", reason="rebuilding the model needs the extra [tensorflow]")
    path = file("mlperf_tiny/pretrainedResnet.h5")
    model, told = keras.models.load_model(path, compile=False), inspect_here(path)
    assert model.count_params() == told.parameters
    assert Counter(type(layer).__name__ for layer in model.layers) == {op.name: op.count for op in told.operators}
    assert [(model.inputs[0].name, model.input_shape)] == [(t.name, t.shape) for t in told.inputs]
    assert [(model.output_names[0], model.output_shape)] == [(t.name, t.shape) for t in told.outputs]


def test_the_weights_file_is_told_and_counted_as_the_backbone_counts_it() -> None:
    keras = pytest.importorskip("keras", reason="building the backbone needs the extra [tensorflow]")
    path = file("weights/mobilenet_v3_large_notop.weights.h5")
    told = inspect_here(path)
    backbone = keras.applications.MobileNetV3Large(include_top=False, weights=str(path))
    assert ("keras_weights", backbone.count_params()) == (told.format, told.parameters)


def test_the_frozen_graph_is_as_tensorflow_imports_it() -> None:
    tf = pytest.importorskip("tensorflow", reason="importing a GraphDef needs the extra [tensorflow]")
    path = file("tf2onnx/fc-layers_frozen.pb")
    told, definition = inspect_here(path), tf.compat.v1.GraphDef.FromString(path.read_bytes())
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
    operations = graph.get_operations()
    assert Counter(op.type for op in operations) == {op.name: op.count for op in told.operators}
    (fed,) = [op.outputs[0] for op in operations if op.type == "Placeholder"]
    assert [(fed.name, fed.dtype.name, tuple(fed.shape))] == [(t.name, t.dtype, t.shape) for t in told.inputs]
    ends = [op.outputs[0].name for op in operations if not any(out.consumers() for out in op.outputs)]
    assert ends == [tensor.name for tensor in told.outputs]
    weights = [tf.get_static_value(op.outputs[0]) for op in operations if op.type == "Const"]
    assert sum(value.size for value in weights if value.ndim) == told.parameters
    assert sum(value.nbytes for value in weights if value.ndim) == sum(told.weight_bytes.values())


def test_what_was_told_travels_as_json() -> None:
    told = inspect_here(file(TFLITE[1]))
    assert told == Inspection.from_json(told.to_json())
