"""Small models made here in each format, with one thing wrong: it is told, and where it bites."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from modelport.contract.errors import InputError
from modelport.runtimes.facts.inspection import InspectedTensor, Inspection, Problem
from modelport.runtimes.inspect.inspect_file import inspect_here
from modelport.runtimes.inspect.problems import add_problems
from modelport.runtimes.inspect.try_out import try_out

FLOAT, HALF = onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16


def sentences(told: Inspection) -> str:
    return "\n".join(f"{problem.sentence} [{', '.join(problem.where)}]" for problem in told.problems)


def onnx_file(path: Path, *, values: float = 0.5, **changes: Any) -> Path:
    """Softmax over an image (1, 4, 4, 3) times a matrix (48, 2)."""
    given = {
        "inputs": [("image", FLOAT, [None, 4, 4, 3])],
        "output": ("label", FLOAT, [None, 2]),
        "op": "Softmax",
    } | changes
    info = onnx.helper.make_tensor_value_info
    weights = onnx.numpy_helper.from_array(np.full((48, 2), values, np.float32), "w")
    domain = "" if given["op"] == "Softmax" else "strange"
    nodes = [
        onnx.helper.make_node("Flatten", ["image"], ["flat"]),
        onnx.helper.make_node("MatMul", ["flat", "w"], ["logits"]),
        onnx.helper.make_node(given["op"], ["logits"], ["label"], domain=domain),
    ]
    graph = onnx.helper.make_graph(nodes, "g", [info(*i) for i in given["inputs"]], [info(*given["output"])], [weights])
    opsets = [onnx.helper.make_opsetid("", 13)] + ([onnx.helper.make_opsetid("strange", 1)] if domain else [])
    onnx.save(onnx.helper.make_model(graph, ir_version=8, opset_imports=opsets), path)
    return path


def test_a_sound_onnx_file_lacks_labels_only(tmp_path: Path) -> None:
    told = inspect_here(onnx_file(tmp_path / "m.onnx"))
    assert ["no labels inside: the app needs a labels file in the right order"] == [p.sentence for p in told.problems]
    assert (96, {"float32": 384}) == (told.parameters, told.weight_bytes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param(
            {"inputs": [("image", FLOAT, [None, 4, 4, 3]), ("age", FLOAT, [None, 1])]},
            "two inputs: modelport judges models with one [adopt, CI]",
            id="two-inputs",
        ),
        pytest.param({"output": ("label", HALF, [None, 2])}, "answers float16: most runtimes", id="answers-float16"),
        pytest.param({"output": ("label", FLOAT, [None, 2, 1])}, "(any, 2, 1), not (batch, classes)", id="three-axes"),
        pytest.param({"inputs": [("image", FLOAT, [None, 3, 4, 4])]}, "is NCHW (any, 3, 4, 4)", id="nchw"),
        pytest.param({"inputs": [("image", FLOAT, [8, 4, 4, 3])]}, "batch is fixed to 8", id="batch-of-8"),
        pytest.param({"inputs": [("image", FLOAT, [None, 4, 4, 4])]}, "4 channels", id="four-channels"),
        pytest.param({"inputs": [("image", FLOAT, [None, 48])]}, "no batch of images", id="vector"),
        pytest.param({"op": "Sort"}, "ONNX Runtime does not have: strange:Sort", id="custom-operator"),
    ],
)
def test_what_is_wrong_with_an_onnx_file_is_told(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    assert sentence in sentences(inspect_here(onnx_file(tmp_path / "m.onnx", **changes)))


def test_weights_beside_an_onnx_file_that_are_gone_are_told(tmp_path: Path) -> None:
    path = onnx_file(tmp_path / "m.onnx")
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="m.data", size_threshold=0)
    assert "they must travel together" in sentences(inspect_here(path))
    (tmp_path / "m.data").unlink()
    assert "m.data is missing" in sentences(inspect_here(path))


def test_nan_weights_are_found_by_running(tmp_path: Path) -> None:
    path = onnx_file(tmp_path / "m.onnx", values=float("nan"))
    assert ["label"] == try_out({"path": str(path), "format": "onnx"})["not_finite"]
    assert [] == try_out({"path": str(onnx_file(path)), "format": "onnx"})["not_finite"]


def test_a_sequence_that_an_onnx_model_answers_is_no_failure(tmp_path: Path) -> None:
    """ONNX Runtime answers a list of arrays, here of (1, 2) and (1, 1), of which no array can be made."""
    info = onnx.helper.make_tensor_value_info("image", FLOAT, [1, 3])
    parts = onnx.helper.make_tensor_sequence_value_info("parts", FLOAT, None)
    node = onnx.helper.make_node("SplitToSequence", ["image", "sizes"], ["parts"], axis=1)
    sizes = onnx.numpy_helper.from_array(np.array([2, 1]), "sizes")
    graph = onnx.helper.make_graph([node], "g", [info], [parts], [sizes])
    opsets = [onnx.helper.make_opsetid("", 13)]
    onnx.save(onnx.helper.make_model(graph, ir_version=8, opset_imports=opsets), tmp_path / "m.onnx")
    answer = try_out({"path": str(tmp_path / "m.onnx"), "format": "onnx"})
    assert (None, None, []) == (answer["refused"], answer["not_run"], answer["not_finite"])


def test_an_input_of_any_size_is_not_run(tmp_path: Path) -> None:
    path = onnx_file(tmp_path / "m.onnx", inputs=[("image", FLOAT, [None, None, None, 3])])
    assert "not fixed" in try_out({"path": str(path), "format": "onnx"})["not_run"]


TFJS = {
    "format": "graph-model",
    "generatedBy": "by hand",
    "modelTopology": {"node": [{"name": "image", "op": "Placeholder"}, {"name": "m", "op": "MatMul"}]},
    "signature": {
        "inputs": {
            "image": {"name": "image:0", "dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": "-1"}, {"size": "9"}]}}
        },
        "outputs": {"label": {"name": "m:0", "dtype": "DT_FLOAT"}},
    },
    "weightsManifest": [{"paths": ["g1.bin"], "weights": [{"name": "w", "shape": [9, 2], "dtype": "float32"}]}],
}


def tfjs_folder(root: Path, weights: bytes | None = b"\0" * 72, **changes: Any) -> Path:
    (root / "model.json").write_text(json.dumps(TFJS | changes))
    if weights is not None:
        (root / "g1.bin").write_bytes(weights)
    return root


def test_a_tfjs_model_is_told(tmp_path: Path) -> None:
    told = inspect_here(tfjs_folder(tmp_path))
    assert ("tfjs", "TensorFlow.js graph-model", 18) == (told.format, told.variant, told.parameters)
    assert [("image", "float32", (None, 9))] == [(t.name, t.dtype, t.shape) for t in told.inputs]
    assert [("label", "float32", None)] == [(t.name, t.dtype, t.shape) for t in told.outputs]
    assert told.inputs == inspect_here(tmp_path / "model.json").inputs


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [(None, "weights are missing: g1.bin [web page, CI]"), (b"\0" * 71, "cut off: 71 bytes, the manifest needs 72")],
)
def test_weights_of_a_tfjs_model_that_are_not_whole_are_told(
    tmp_path: Path, weights: bytes | None, sentence: str
) -> None:
    assert sentence in sentences(inspect_here(tfjs_folder(tmp_path, weights)))


@pytest.mark.parametrize("size", ["Infinity", "NaN", "1e999", "1" + "0" * 4000])
def test_a_size_that_is_no_size_is_an_error_of_ours(tmp_path: Path, size: str) -> None:
    path = tfjs_folder(tmp_path) / "model.json"
    path.write_text(path.read_text().replace('"shape": [', f'"shape": [{size}, ', 1))
    with pytest.raises(InputError, match=r"not JSON that can be read|TensorFlow\.js model is damaged"):
        inspect_here(tmp_path)


def test_quantized_tfjs_weights_are_counted_as_stored(tmp_path: Path) -> None:
    entry = {"name": "w", "shape": [9, 2], "dtype": "float32", "quantization": {"dtype": "uint8", "min": 0, "scale": 1}}
    told = inspect_here(tfjs_folder(tmp_path, b"\0" * 18, weightsManifest=[{"paths": ["g1.bin"], "weights": [entry]}]))
    assert (18, {"uint8": 18}) == (told.parameters, told.weight_bytes)
    assert "cut off" not in sentences(told)


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd"])
def test_a_tfjs_model_that_reads_elsewhere_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError, match="weights outside the model's folder"):
        inspect_here(tfjs_folder(tmp_path, weightsManifest=[{"paths": [path], "weights": []}]))


def keras_file(path: Path, config: dict[str, Any], version: str = "3.15.1") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": version}))
    return path


@pytest.fixture
def keras_models(tmp_path: Path) -> Any:
    return pytest.importorskip("keras", reason="making a Keras file needs the extra [tensorflow]")


def test_a_keras_file_is_told_as_keras_rebuilds_it(tmp_path: Path, keras_models: Any) -> None:
    keras = keras_models
    image = keras.Input((8, 8, 3), name="image")
    inner = keras.layers.Rescaling(1 / 127.5, -1)(image)
    label = keras.layers.Dense(4, name="label")(keras.layers.Flatten()(keras.layers.Conv2D(5, 3)(inner)))
    model = keras.Model(image, label)
    model.save(tmp_path / "m.keras")
    told = inspect_here(tmp_path / "m.keras")
    assert model.count_params() == told.parameters
    assert [("image", "float32", (None, 8, 8, 3))] == [(t.name, t.dtype, t.shape) for t in told.inputs]
    assert [("label", "float32", (None, 4))] == [(t.name, t.dtype, t.shape) for t in told.outputs]
    assert sorted(type(layer).__name__ for layer in model.layers) == [op.name for op in told.operators]
    assert f"Keras archive, written by Keras {keras.__version__}" == told.variant
    assert "the last layer 'label' has no softmax or sigmoid: raw scores (logits)" in sentences(told)
    assert "contains Rescaling: that does not tell its pixel range" in sentences(told)


def test_code_custom_layers_and_half_precision_in_a_keras_file_are_told(tmp_path: Path, keras_models: Any) -> None:
    keras = keras_models

    @keras.saving.register_keras_serializable(package="mine")
    class Swirl(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, values: Any) -> Any:
            return values

    layers = [keras.layers.Lambda(lambda x: x + 1), Swirl(), keras.layers.Dense(2, dtype="mixed_float16")]
    keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten(), *layers]).save(tmp_path / "m.keras")
    told = inspect_here(tmp_path / "m.keras")
    assert ["Lambda"] == [text.split(" ")[0] for text in told.code_operators if text.startswith("Lambda")]
    assert any(text.startswith("Swirl") for text in told.custom_operators)
    for sentence in ("holds code that would run", "classes that are not Keras' own", "trained under mixed_float16"):
        assert sentence in sentences(told)


def test_a_saved_model_that_runs_python_or_reads_files_is_told_without_loading_it(tmp_path: Path) -> None:
    tf = pytest.importorskip("tensorflow", reason="making a SavedModel needs the extra [tensorflow]")

    class Reads(tf.Module):  # type: ignore[misc, name-defined]
        @tf.function(input_signature=[tf.TensorSpec((), tf.string, name="name")])  # type: ignore[untyped-decorator]
        def call(self, name: Any) -> Any:
            return {"bytes": tf.io.read_file(name)}

    model = Reads()
    tf.saved_model.save(model, tmp_path / "reads", signatures={"other": model.call})
    told = inspect_here(tmp_path / "reads")
    assert ("ReadFile",) == told.code_operators
    assert "ReadFile is not among the operators that modelport runs for strangers" in sentences(told)
    assert "no signature serving_default: it has other" in sentences(told)


def test_a_saved_model_without_its_variables_is_told(exported_run: Path, tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes((exported_run / "saved_model" / "saved_model.pb").read_bytes())
    assert "variables/ is missing: the weights are not here" in sentences(inspect_here(tmp_path))


def test_every_format_of_a_run_counts_the_same_parameters(exported_run: Path) -> None:
    """model.keras and its SavedModel hold every weight; count_params is the contract's.

    In the frozen graph, of the four parameters that BatchNormalization has for a channel, the shift is left: the scale
    is in the convolution before it.
    """
    keras = pytest.importorskip("keras", reason="the oracle is Keras")
    expected = json.loads((exported_run / "contract.json").read_text())["parameters"]
    for name in ("model.keras", "saved_model"):
        assert expected == inspect_here(exported_run / name).parameters, name
    model = keras.models.load_model(exported_run / "model.keras", compile=False)
    layers = model._flatten_layers(recursive=True, include_self=False)
    channels = sum(layer.gamma.shape[0] for layer in layers if isinstance(layer, keras.layers.BatchNormalization))
    assert expected - 3 * channels == inspect_here(exported_run / "trained_model_graph.pb").parameters


def test_a_graph_with_variables_is_told_as_not_frozen(tmp_path: Path) -> None:
    tf = pytest.importorskip("tensorflow", reason="making a GraphDef needs the extra [tensorflow]")
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (None, 4), name="image")
        weights = tf.compat.v1.get_variable("w", (4, 2), initializer=tf.zeros_initializer(), use_resource=False)
        tf.matmul(image, weights, name="end")
    (tmp_path / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
    told = inspect_here(tmp_path / "graph.pb")
    assert "not frozen: it reads variables (VariableV2)" in sentences(told)
    assert [("image:0", (None, 4))] == [(t.name, t.shape) for t in told.inputs]
    assert "end:0" in [tensor.name for tensor in told.outputs]


def test_a_frozen_graph_that_runs_python_is_told(tmp_path: Path) -> None:
    tf = pytest.importorskip("tensorflow", reason="making a GraphDef needs the extra [tensorflow]")
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (None, 4), name="image")
        tf.identity(tf.numpy_function(lambda x: x, [image], tf.float32), name="end")
    (tmp_path / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
    told = inspect_here(tmp_path / "graph.pb")
    assert ("PyFunc",) == told.code_operators
    assert "PyFunc is not among the operators that modelport runs for strangers" in sentences(told)


BARE = Inspection(path="m", format="tflite", variant="", size_bytes=1000)


def tensor(**changes: Any) -> InspectedTensor:
    return InspectedTensor(**{"name": "t", "dtype": "float32", "shape": (None, 4, 4, 3)} | changes)


def test_a_file_too_small_for_its_contract_has_lost_its_weights() -> None:
    told = add_problems(replace(BARE, size_bytes=200_000, contract={"parameters": 3_000_000}))
    assert "weights are missing: 0.20 MB for a model of 3,000,000 parameters" in sentences(told)
    assert "weights are missing" not in sentences(add_problems(replace(told, size_bytes=3_000_000, problems=())))


@pytest.mark.parametrize(
    ("kinds", "told"), [({"int8": 9, "float": 2}, True), ({"int8": 9}, False), ({"float": 9, "hybrid": 2}, False)]
)
def test_float_islands_in_an_int8_network_are_told(kinds: dict[str, int], told: bool) -> None:
    assert told == (
        "2 float operators inside a network of 9 int8" in sentences(add_problems(replace(BARE, operator_kinds=kinds)))
    )


def test_labels_of_another_number_are_told() -> None:
    told = add_problems(replace(BARE, outputs=(tensor(shape=(1, 3)),), labels=("a", "b")))
    assert "2 labels for an output of 3" in sentences(told)


@pytest.mark.parametrize(
    ("zero_point", "text"),
    [(128, "value = 0.5 * (stored - 128)"), (-128, "value = 0.5 * (stored + 128)"), (0, "stored)")],
)
def test_a_quantized_input_is_explained(zero_point: int, text: str) -> None:
    given = tensor(dtype="uint8", scale=0.5, zero_point=zero_point, channels=1)
    told = add_problems(replace(BARE, inputs=(given,)))
    assert text in sentences(told)
    assert "an app that feeds float32 gets an error or nonsense [Flutter app, Python backend, CI]" in sentences(told)


def test_a_contract_leaves_nothing_missing() -> None:
    assert () == add_problems(replace(BARE, contract={"parameters": 1})).missing
    assert "value range" in add_problems(BARE).missing


def test_problems_keep_their_order() -> None:
    first = Problem(where=("CI",), sentence="first")
    assert first == add_problems(BARE.with_problems(first)).problems[0]
