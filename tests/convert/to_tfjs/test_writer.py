"""What TensorFlow.js itself answers, in Node, to the graph models that are written."""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError, UsageError
from modelport.contract.files.hashing import size_bytes_of
from modelport.contract.image.pixels import InputForm, PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, read_contract
from modelport.contract.run.lock import read_lock
from modelport.contract.run.run_folder import RunFolder
from modelport.runtimes.tfjs.inspect_tfjs import inspect_tfjs
from modelport.runtimes.workers.workers import open_artifact
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run
from numpy.typing import NDArray

keras = pytest.importorskip("keras", reason="makes the models")
tf = pytest.importorskip("tensorflow", reason="converting needs the extra [tensorflow]")

from modelport.convert.convert import convert  # noqa: E402
from modelport.convert.graph.fold_graph import fold_scales  # noqa: E402
from modelport.convert.options.export_options import ExportOptions, TfjsOptions  # noqa: E402
from modelport.convert.source.source import Source  # noqa: E402
from modelport.convert.to_tfjs.operators import OPERATORS, check_operators  # noqa: E402
from modelport.convert.to_tfjs.weights import SHARD_BYTES, shards, stored_weight  # noqa: E402
from modelport.convert.to_tfjs.writer import write_tfjs  # noqa: E402

QUANTIZED = (None, "float16", "uint8")


@pytest.fixture(scope="module")
def run(trained_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained run with every TF.js artifact: three kinds of weights, with and without preprocessing."""
    folder = Path(shutil.copytree(trained_run, tmp_path_factory.mktemp("tfjs") / "run"))
    for quantize in QUANTIZED:
        for form in (InputForm(), InputForm(preprocessing="in_graph")):
            convert(folder, ["tfjs"], ExportOptions(form=form, tfjs=TfjsOptions(quantize_weights=quantize)))
    return folder


def contract_of(shape: tuple[int, int, int], labels: int = 3) -> ModelContract:
    return ModelContract(
        pixels=PixelContract(height=shape[0], width=shape[1]),
        heads=(ClassificationHead(name="label", labels=tuple("abcdefgh"[:labels])),),
        parameters=1,
        provenance=Provenance(run_id="run", model_sha256="0" * 64),
    )


def write(model: Any, folder: Path, **options: Any) -> ModelContract:
    """Write a Keras model of one head to FOLDER/tfjs; return its contract."""
    contract = contract_of(model.input_shape[1:], model.output_shape[-1])
    (folder / "scratch").mkdir()
    source = Source(model=model, contract=contract, scratch=folder / "scratch")
    write_tfjs(source, folder / "tfjs", TfjsOptions(**options))
    return contract


def ask(path: Path, contract: ModelContract, *batches: NDArray[Any]) -> NDArray[Any]:
    with open_artifact(path, "tfjs", contract, log=path.parent / "log") as session:
        return np.concatenate([session.predict(batch)["label"] for batch in batches])


def model_json(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((path / "model.json").read_text(encoding="utf-8"))
    return value


@pytest.mark.parametrize("backend", ["wasm", "cpu"])
@pytest.mark.parametrize("batch", [1, 7])
def test_tensorflow_js_answers_as_keras_does(
    run: Path, contract: ModelContract, oracle: Any, in_node: Path, batch: int, backend: str, monkeypatch: Any
) -> None:
    monkeypatch.setenv("MODELPORT_TFJS_BACKEND", backend)
    answers = ask(run / "tfjs", contract, oracle.pixels[:batch])
    np.testing.assert_allclose(oracle.answers[:batch], answers, rtol=0, atol=1e-5)


@pytest.mark.slow
def test_the_judge_passes_what_was_written_within_the_default_budgets(run: Path, in_node: Path) -> None:
    report = judge_run(run, JudgeOptions(only=("tfjs",)))
    assert 6 == len(report.outcomes)
    for outcome in report.outcomes:
        failed = [finding for finding in outcome.findings if finding.verdict in (Verdict.FAIL, Verdict.NOT_JUDGED)]
        assert [] == failed, outcome.artifact.path
        assert outcome.description is not None
        assert re.fullmatch(r"tfjs 4\.22\.0 wasm, node \d+\.\d+\.\d+", outcome.description.runtime)


def test_recipes_and_names_say_how_weights_are_stored(run: Path) -> None:
    assert {
        "tfjs": "float32",
        "tfjs.in_graph": "float32",
        "tfjs.float16": "float16",
        "tfjs.float16.in_graph": "float16",
        "tfjs.weight_int8": "weight_int8",
        "tfjs.weight_int8.in_graph": "weight_int8",
    } == {artifact.path: artifact.recipe for artifact in read_lock(run / "artifacts.json").artifacts}


def test_quantized_weights_take_a_half_and_a_quarter(run: Path) -> None:
    parameters = read_contract(run / "contract.json").parameters
    for name, most in (("tfjs", 4.0), ("tfjs.float16", 2.1), ("tfjs.weight_int8", 1.2)):
        weights = size_bytes_of(run / name) - (run / name / "model.json").stat().st_size
        assert weights < most * parameters


def test_images_of_any_size_are_answered_as_keras_answers_them_resized(
    run: Path, contract: ModelContract, keras_model: Any, in_node: Path
) -> None:
    """The oracle is tf.image.resize, bilinear with half-pixel centres."""
    random = np.random.default_rng(0)
    sizes = ((20, 30), (48, 48), (97, 61), (64, 200), (1, 1))
    photos = [random.integers(0, 256, (1, *size, 3), dtype=np.uint8) for size in sizes]
    resized = [tf.image.resize(photo, (48, 48), method="bilinear", antialias=False) for photo in photos]
    expected = np.asarray(keras_model(np.concatenate(resized) / 255, training=False))
    answers = ask(run / "tfjs.in_graph", contract, *photos)
    np.testing.assert_allclose(expected, answers, rtol=0, atol=1e-5)


def test_names_and_the_contract_are_where_a_web_page_finds_them(run: Path) -> None:
    signature = model_json(run / "tfjs")["signature"]
    assert (["image"], ["label"]) == (list(signature["inputs"]), list(signature["outputs"]))
    assert ["-1", "48", "48", "3"] == [dim["size"] for dim in signature["inputs"]["image"]["tensorShape"]["dim"]]
    promise = model_json(run / "tfjs")["userDefinedMetadata"]["modelport_contract"]
    assert ["blue", "green", "red"] == promise["heads"][0]["labels"]
    told = inspect_tfjs(run / "tfjs.in_graph")
    assert ("uint8", (None, None, None, 3)) == (told.inputs[0].dtype, told.inputs[0].shape)
    assert told.contract is not None
    assert "in_graph" == told.contract["input"]["preprocessing"]


def test_batch_normalization_and_constants_are_folded(run: Path, keras_model: Any) -> None:
    """Keras 3 computes each BatchNormalization of five nodes; one addition remains behind each convolution."""
    counts = Counter(node["op"] for node in model_json(run / "tfjs")["modelTopology"]["node"])
    layers = Counter(type(layer).__name__ for layer in keras_model._flatten_layers())
    assert 0 < layers["BatchNormalization"]
    assert 0 == counts["Rsqrt"] == counts["Sub"] == counts["NoOp"]
    assert 1 == counts["Identity"], "the head"
    quantized = Counter(node["op"] for node in model_json(run / "tfjs.weight_int8")["modelTopology"]["node"])
    assert layers["BatchNormalization"] == quantized["Mul"] - counts["Mul"]


def test_only_what_is_necessary_is_in_the_graph(run: Path) -> None:
    for node in model_json(run / "tfjs")["modelTopology"]["node"]:
        assert node["op"] in OPERATORS
        assert "value" not in node["attr"], "weights are in the shards"
        assert not [name for name in node["attr"] if name.startswith("_")]


def test_every_operator_is_one_that_the_converter_of_tensorflow_js_lists(in_node: Path) -> None:
    """The oracle is the sources of @tensorflow/tfjs-converter."""
    folder = in_node / "@tensorflow" / "tfjs-converter" / "dist" / "operations" / "op_list"
    lists = [file.read_text(encoding="utf-8") for file in folder.glob("*.js")]
    known = {name for text in lists for name in re.findall(r"'tfOpName': '([^']+)'", text)}
    assert 180 < len(known)
    assert set() == OPERATORS - known


def test_every_operator_has_a_kernel_in_both_backends(in_node: Path) -> None:
    """The converter knows Einsum, and backend wasm has no kernel for it. The oracle is each backend's own list."""
    script = """
    const require = (await import('node:module')).createRequire(process.argv[1] + '/x.js');
    const tf = require('@tensorflow/tfjs-core');
    for (const name of ['cpu', 'wasm']) require(`@tensorflow/tfjs-backend-${name}`);
    const [all, wasm] = ['cpu', 'wasm'].map((name) => tf.getKernelsForBackend(name).map((kernel) => kernel.kernelName));
    console.log(JSON.stringify(all.filter((name) => !wasm.includes(name))));
    """
    command = ["node", "--input-type=module", "-e", script, str(in_node)]
    lacking = set(
        json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    )
    assert "Einsum" in lacking
    assert set() == lacking & OPERATORS


def test_a_recurrent_layer_is_named(tmp_path: Path) -> None:
    """Its lists are constants that NumPy cannot hold."""
    image = keras.Input((8, 8, 3))
    rows = keras.layers.LSTM(4, name="rows")(keras.layers.Reshape((8, 24))(image))
    model = keras.Model(image, keras.layers.Dense(3, activation="softmax")(rows))
    with pytest.raises(InputError, match="TensorListReserve") as caught:
        write(model, tmp_path)
    assert "rows" in str(caught.value.where)


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(tiny_run: Path) -> None:
    script = (
        "import sys; from modelport.convert.convert import convert; "
        "print(convert(sys.argv[1], ['tfjs'], overwrite=True)[0].sha256)"
    )
    digests = [
        subprocess.run(
            [sys.executable, "-P", "-c", script, tiny_run], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert digests[0].strip()
    assert digests[0] == digests[1]
    text = (tiny_run / "tfjs" / "model.json").read_text(encoding="utf-8")
    assert str(tiny_run) not in text
    assert tf.__version__ not in text


def test_weights_of_more_than_4_mib_are_cut_and_read_together(tmp_path: Path, in_node: Path) -> None:
    """A Dense of 3.0 million weights; TensorFlow.js puts the pieces together, one weight across two cuts."""
    keras.utils.set_random_seed(0)
    image = keras.Input((32, 32, 3))
    hidden = keras.layers.Dense(1000, activation="tanh")(keras.layers.Flatten()(image))
    model = keras.Model(image, keras.layers.Dense(3, activation="softmax")(hidden))
    contract = write(model, tmp_path)
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "tfjs").glob("*.bin")}
    assert {f"group1-shard{number}of3.bin" for number in (1, 2, 3)} == set(sizes)
    assert 4_194_304 == SHARD_BYTES == max(sizes.values())
    pixels = np.random.default_rng(0).random((2, 32, 32, 3), dtype=np.float32)
    np.testing.assert_allclose(model(pixels), ask(tmp_path / "tfjs", contract, pixels), rtol=0, atol=1e-5)


def test_layers_that_need_other_operators_are_written_in_those_that_are_there(tmp_path: Path, in_node: Path) -> None:
    """Keras' GELU is Erfc, which TensorFlow.js lacks; Flatten asks for the batch's size while it runs."""
    keras.utils.set_random_seed(1)
    layers = keras.layers
    image = keras.Input((16, 20, 3))
    hidden = layers.BatchNormalization()(layers.Conv2D(4, 3, strides=2, padding="same", activation="gelu")(image))
    hidden = layers.LayerNormalization()(layers.Activation("silu")(layers.DepthwiseConv2D(3)(hidden)))
    hidden = layers.Flatten()(layers.MaxPooling2D(padding="same")(hidden))
    model = keras.Model(image, layers.Dense(3, activation="softmax")(hidden))
    contract = write(model, tmp_path)
    pixels = np.random.default_rng(0).random((3, 16, 20, 3), dtype=np.float32)
    np.testing.assert_allclose(model(pixels), ask(tmp_path / "tfjs", contract, pixels), rtol=0, atol=1e-5)


@pytest.mark.parametrize("depthwise", [False, True], ids=["conv", "depthwise"])
def test_scales_of_channels_go_into_the_convolution(depthwise: bool) -> None:
    """In whole numbers, which float32 computes without rounding: both answers are the same."""
    random, channels = np.random.default_rng(0), 4 if depthwise else 2
    shapes = ((1, 5, 5, 2), (3, 3, 2, 2), (channels,), (channels,))
    pixels, weights, scale, shift = (random.integers(1, 30, shape).astype(np.float32) for shape in shapes)
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (None, 5, 5, 2), name="image")
        convolve = tf.nn.depthwise_conv2d if depthwise else tf.nn.conv2d
        answer = convolve(image, tf.constant(weights), strides=(1, 1, 1, 1), padding="SAME") * scale + shift
        tf.identity(answer, name="answer")
    folded = fold_scales(graph.as_graph_def(), ["answer"])
    assert "Mul" not in [node.op for node in folded.node]
    answers = []
    for definition in (graph.as_graph_def(), folded):
        with tf.Graph().as_default() as again:
            tf.import_graph_def(definition, name="")
        with tf.compat.v1.Session(graph=again) as session:
            answers.append(session.run("answer:0", {"image:0": pixels}))
    before, after = answers
    np.testing.assert_array_equal(before, after)


def test_a_convolution_that_others_use_too_keeps_its_weights() -> None:
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (None, 5, 5, 2), name="image")
        found = tf.nn.conv2d(image, tf.ones((3, 3, 2, 2)), strides=1, padding="SAME", name="found")
        tf.identity(tf.add(found, tf.multiply(found, (2.0, 3.0), name="scaled")), name="answer")
    assert "scaled" in [node.name for node in fold_scales(graph.as_graph_def(), ["answer"]).node]


def test_an_operator_that_is_not_there_is_named_with_its_layer(tmp_path: Path) -> None:
    class Odd(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, values: Any) -> Any:
            return tf.math.lgamma(values)

    image = keras.Input((8, 8, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(Odd(name="gamma")(image))
    model = keras.Model(image, keras.layers.Dense(3, activation="softmax")(pooled))
    with pytest.raises(InputError, match="has no operator Lgamma") as caught:
        write(model, tmp_path)
    assert "gamma" in str(caught.value.where).split("/")[-2]
    assert not (tmp_path / "tfjs").exists()


def test_images_channels_first_are_refused() -> None:
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (None, 3, 8, 8), name="image")
        tf.nn.max_pool2d(image, 2, 2, "VALID", data_format="NCHW", name="stem/pool")
    with pytest.raises(InputError, match="no images channels first") as caught:
        check_operators(graph.as_graph_def())
    assert "stem/pool (MaxPool)" == caught.value.where


def test_uint8_weights_are_half_a_step_off_at_most_and_zero_stays_zero() -> None:
    value = np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32)
    value[3, 4] = 0
    entry, data = stored_weight("w", value, "uint8")
    facts = entry["quantization"]
    found = np.frombuffer(data, np.uint8).reshape(40, 30) * np.float64(facts["scale"]) + facts["min"]
    assert 0 == found[3, 4]
    step = (value.max() - value.min()) / 255
    errors = np.sort(np.abs(found - value).ravel())
    assert errors[-3] <= 0.5001 * step
    assert errors[-1] <= 1.0001 * step, "the two ends of the range, which was moved to hold 0"
    assert facts["scale"] == pytest.approx(step)


def test_vectors_and_whole_numbers_are_stored_as_they_are() -> None:
    """A vector may lie along one of four axes, as the mean of Normalization does."""
    for value in (
        np.ones(300, np.float32),
        np.ones((1, 1, 1, 3), np.float32),
        np.arange(12, dtype=np.int32).reshape(3, 4),
    ):
        entry, data = stored_weight("w", value, "uint8")
        assert "quantization" not in entry
        assert value.tobytes() == data


@pytest.mark.parametrize("value", [0.0, 2.5, -2.5], ids=["zeros", "positive", "negative"])
def test_weights_that_are_all_equal_come_back(value: float) -> None:
    entry, data = stored_weight("w", np.full((2, 3), value, np.float32), "uint8")
    facts = entry["quantization"]
    np.testing.assert_allclose(np.frombuffer(data, np.uint8) * facts["scale"] + facts["min"], value, rtol=1e-6)


@pytest.mark.parametrize(
    ("value", "quantize", "message"),
    [
        pytest.param(np.full((2, 2), 1e5, np.float32), "float16", "float16 does not hold a weight", id="float16"),
        pytest.param(np.full((2, 2), np.nan, np.float32), "uint8", "no finite number", id="nan"),
        pytest.param(np.array([1 << 40]), None, "TensorFlow.js has no such weight", id="int64"),
        pytest.param(np.ones(2), None, "TensorFlow.js has no such weight", id="float64"),
    ],
)
def test_weights_that_cannot_be_stored_are_refused(value: Any, quantize: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        stored_weight("w", value, quantize)


@pytest.mark.parametrize(("size", "expected"), [(0, 1), (4_194_304, 1), (4_194_305, 2)])
def test_shards_hold_all_bytes_in_their_order(size: int, expected: int) -> None:
    data = np.random.default_rng(0).bytes(size)
    found = shards(data)
    assert expected == len(found)
    assert data == b"".join(found.values())


def test_a_kind_of_weights_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="--quantize-weights"):
        TfjsOptions(quantize_weights="int4")


def test_predict_answers_each_of_several_heads_by_its_name(tmp_path: Path, in_node: Path) -> None:
    """JavaScript lists keys that are numbers first, whatever the order in the file; TensorFlow.js pairs by place."""
    names = ("mood", "7", "age")
    image = keras.Input((8, 8, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(image)
    heads = [keras.layers.Dense(width, activation="softmax")(pooled) for width in (2, 3, 4)]
    head = [ClassificationHead(name=name, labels=tuple("abcd"[: 2 + n])) for n, name in enumerate(names)]
    contract = replace(contract_of((8, 8, 3)), heads=tuple(head))
    (tmp_path / "scratch").mkdir()
    write_tfjs(Source(model=keras.Model(image, heads), contract=contract, scratch=tmp_path / "scratch"), tmp_path / "m")
    script = """
    const [packages, folder] = process.argv.slice(1);
    const require = (await import('node:module')).createRequire(packages + '/x.js');
    const fs = require('fs'), tf = require('@tensorflow/tfjs-core');
    require('@tensorflow/tfjs-backend-cpu');
    const json = JSON.parse(fs.readFileSync(folder + '/model.json')), [group] = json.weightsManifest;
    const weightData = new Uint8Array(fs.readFileSync(folder + '/' + group.paths[0])).buffer;
    const handler = tf.io.fromMemory({ ...json, weightSpecs: group.weights, weightData });
    const model = await require('@tensorflow/tfjs-converter').loadGraphModel(handler);
    const answers = model.predict(tf.zeros([1, 8, 8, 3]));
    console.log(JSON.stringify(Object.fromEntries(Object.entries(answers).map(([name, t]) => [name, t.shape]))));
    """
    command = ["node", "--input-type=module", "-e", script, str(in_node), str(tmp_path / "m")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert {"mood": [1, 2], "7": [1, 3], "age": [1, 4]} == json.loads(printed.splitlines()[-1])


def test_what_was_written_is_kept_and_another_kind_of_weights_stands_beside_it(
    run: Path, copy_of: Callable[[Path], Path]
) -> None:
    folder = copy_of(run)
    before = (folder / "tfjs" / "model.json").stat().st_mtime_ns
    kept, *_ = convert(folder, ["tfjs"])
    assert before == (folder / "tfjs" / "model.json").stat().st_mtime_ns
    assert RunFolder(folder).read_lock().artifacts[0] == kept
