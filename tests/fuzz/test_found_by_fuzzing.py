"""What the fuzzer found, each made again by code: benchmarks/fuzz.py runs some 20,000 such files."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from modelport.contract.errors import InputError, RuntimeFailure
from modelport.contract.image.decode import decode_image
from modelport.runtimes.facts.format_runtimes import FACTS
from modelport.runtimes.inspect.inspect_artifact import INSPECT, TRY_OUT
from modelport.runtimes.workers.workers import Workers
from modelport.tests.fuzz.fuzzer import jpeg_cases, onnx_cases, png_cases, tfjs_cases, tflite_cases, tflite_seeds
from modelport.tests.fuzz.fuzzer.case import promise

PIXELS = np.zeros((1, 8, 8, 3), np.float32)


@pytest.fixture
def workers() -> Iterator[Workers]:
    with Workers() as made:
        yield made


def test_a_frozen_graph_that_writes_a_file_is_refused_before_it_is_run(tmp_path: Path, workers: Workers) -> None:
    """`validate` ran such operators: an answer that waits for WriteFile wrote wherever the graph said."""
    tf = pytest.importorskip("tensorflow", reason="frozen graphs need the extra [tensorflow]")
    written, model = tmp_path / "written.txt", tmp_path / "model.pb"
    with tf.Graph().as_default() as graph:
        pixels = tf.compat.v1.placeholder(tf.float32, (None, 8, 8, 3), name="input")
        with tf.control_dependencies([tf.io.write_file(str(written), "by a model")]):
            tf.nn.softmax(tf.reduce_mean(pixels, [1, 2]), name="final_result")
    model.write_bytes(graph.as_graph_def().SerializeToString())
    with (
        pytest.raises(RuntimeFailure, match="WriteFile is not among the operators"),
        workers.open(model, "frozen_graph", promise(), log=tmp_path / "log") as session,
    ):
        session.predict(PIXELS)
    assert not written.exists()


def test_a_saved_model_that_writes_a_file_is_refused_before_it_is_loaded(tmp_path: Path, workers: Workers) -> None:
    """The same hole, one format further."""
    tf = pytest.importorskip("tensorflow", reason="SavedModels need the extra [tensorflow]")
    written = tmp_path / "written.txt"

    def answer(image: Any) -> dict[str, Any]:
        with tf.control_dependencies([tf.io.write_file(str(written), "by a model")]):
            return {"label": tf.nn.softmax(tf.reduce_mean(image, [1, 2]))}

    model = tf.Module()
    model.answer = tf.function(answer, input_signature=[tf.TensorSpec((None, 8, 8, 3), tf.float32, name="image")])
    tf.saved_model.save(model, str(tmp_path / "model"), signatures={"serving_default": model.answer})
    with (
        pytest.raises(RuntimeFailure, match="WriteFile is not among the operators"),
        workers.open(tmp_path / "model", "saved_model", promise(), log=tmp_path / "log") as session,
    ):
        session.predict(PIXELS)
    assert not written.exists()


def test_onnx_runtime_leaves_no_device_id_and_no_events_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime 1.31 makes ~/.cache/Microsoft/DeveloperTools, for telemetry, as soon as it is imported."""
    for name in ("HOME", "TMPDIR", "TEMP", "TMP", "LOCALAPPDATA"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    model = tmp_path / "model.onnx"
    model.write_bytes(onnx_cases.seeds()[0].files["model.onnx"])
    with Workers() as workers:
        with workers.open(model, "onnx", promise(), log=tmp_path / "log") as session:
            assert (1, 3) == session.predict(PIXELS)["label"].shape
        workers.perform(TRY_OUT, {"path": str(model), "format": "onnx"}, log=tmp_path / "log")
        left = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != tmp_path]
        assert [] == [path for path in left if "modelport-" not in str(path)]


@pytest.mark.parametrize("kind", [-1, -9, 127])
def test_a_data_type_that_no_table_has_is_shown_by_its_number(tmp_path: Path, workers: Workers, kind: int) -> None:
    def change(model: Any) -> None:
        model.subgraphs[0].tensors[0].type = kind

    path = changed_tflite(tmp_path, change)
    told = workers.perform(INSPECT, {"path": str(path)}, log=tmp_path / "log")
    assert f"type {kind}" == told["inputs"][0]["dtype"]
    facts = workers.perform(FACTS["tflite"], {"path": str(path)}, log=tmp_path / "log")
    assert 1 == facts["tensor_dtypes"][f"type {kind}"]


@pytest.mark.parametrize(
    ("field", "value"),
    [pytest.param("subgraphIndex", 1, id="graph"), pytest.param("subgraphIndex", (1 << 31) - 1, id="far-graph")],
)
def test_a_signature_of_a_graph_that_is_not_there_is_damage(
    tmp_path: Path, workers: Workers, field: str, value: int
) -> None:
    """LiteRT 2.3.0 ends in SIGSEGV when it is asked for such a signature."""

    def change(model: Any) -> None:
        setattr(model.signatureDefs[0], field, value)

    path = changed_tflite(tmp_path, change)
    with pytest.raises(InputError, match="TFLite model is damaged") as caught:
        workers.perform(INSPECT, {"path": str(path)}, log=tmp_path / "log")
    assert f"subgraph {value} of 1" in str(caught.value)
    with (
        pytest.raises(RuntimeFailure, match=f"subgraph {value} of 1"),
        workers.open(path, "tflite", promise(), log=tmp_path / "log"),
    ):
        pass


@pytest.mark.parametrize(
    ("operator", "inputs"),
    [pytest.param("SOFTMAX", [-1], id="softmax-of-nothing"), pytest.param("MEAN", [-1, 4], id="mean-of-nothing")],
)
def test_an_operator_without_its_input_harms_only_its_own_worker(
    tmp_path: Path, workers: Workers, operator: str, inputs: list[int]
) -> None:
    """LiteRT 2.3.0 ends in SIGSEGV: that is contained, and the next file is answered."""
    place = {"SOFTMAX": 3, "MEAN": 1}[operator]

    def change(model: Any) -> None:
        model.subgraphs[0].operators[place].inputs = np.array(inputs, np.int32)

    path = changed_tflite(tmp_path, change)
    with (
        pytest.raises(RuntimeFailure),
        workers.open(path, "tflite", promise(), log=tmp_path / "log") as session,
    ):
        session.predict(PIXELS)
    sound = changed_tflite(tmp_path, lambda _: None)
    with workers.open(sound, "tflite", promise(), log=tmp_path / "log") as session:
        assert (1, 3) == session.predict(PIXELS)["label"].shape


def changed_tflite(folder: Path, change: Callable[[Any], None]) -> Path:
    """Write the tiny float model with one change."""
    model = tflite_cases.unpack(tflite_seeds.float_model())
    change(model)
    path = folder / "model.tflite"
    path.write_bytes(tflite_seeds.pack(model))
    return path


def test_an_onnx_file_that_was_cut_is_damaged_for_every_reader(tmp_path: Path, workers: Workers) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx_cases.seeds()[0].files["model.onnx"][:-9])
    for task in (INSPECT, FACTS["onnx"]):
        with pytest.raises(InputError, match="ONNX model is damaged"):
            workers.perform(task, {"path": str(path)}, log=tmp_path / "log")


def test_an_image_is_turned_upright_though_its_other_exif_is_damaged() -> None:
    """Pillow's exif_transpose writes all EXIF anew, and raised."""
    sound = next(seed for seed in jpeg_cases.seeds() if seed.name == "exif")
    segments = jpeg_cases.split(sound.files["image.jpg"])
    turned = decode_image(sound.files["image.jpg"], replace(promise().pixels, exif="applied"))
    bits_per_sample = struct.pack("<HHII", 0x0102, 4, 1, 0xFFFFFFFF)  # a LONG where a SHORT belongs
    orientation = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    damaged = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 2) + bits_per_sample + orientation + bytes(4)
    changed = [(number, damaged if content[:4] == b"Exif" else content, rest) for number, content, rest in segments]
    image = decode_image(jpeg_cases.join(changed), replace(promise().pixels, exif="applied"))
    np.testing.assert_array_equal(turned, image)


def test_damaged_exif_and_transparent_palettes_are_read_in_silence(recwarn: pytest.WarningsRecorder) -> None:
    """Pillow warns of both, and the warnings reached the terminal."""
    palette = next(seed for seed in png_cases.seeds() if seed.name == "P").files["image.png"]
    chunks = png_cases.split(palette)
    places = [number for number, (kind, _) in enumerate(chunks) if kind == b"PLTE"]
    chunks.insert(places[0] + 1, (b"tRNS", bytes(range(16))))
    chunks.insert(1, (b"eXIf", b"II*\0\x08\0\0\0\x05\0"))
    decode_image(png_cases.join(chunks), replace(promise().pixels, exif="applied"))
    assert [] == recwarn.list


def test_an_onnx_text_that_is_not_utf8_is_damage(tmp_path: Path, workers: Workers) -> None:
    """Protobuf hands such a text out as bytes, on which sorting and JSON failed."""
    data = onnx_cases.seeds()[0].files["model.onnx"]
    path = tmp_path / "model.onnx"
    path.write_bytes(data.replace(b"Softmax", b"Softm\xffx"))
    for task in (INSPECT, FACTS["onnx"]):
        with pytest.raises(InputError, match=r"op_type is not UTF-8") as caught:
            workers.perform(task, {"path": str(path)}, log=tmp_path / "log")
        assert "ONNX model is damaged" == caught.value.what


def test_names_of_weight_files_that_no_file_can_have_are_missing(tmp_path: Path, workers: Workers) -> None:
    """Looking for a name of 300 letters raised OSError."""
    beside = next(seed for seed in onnx_cases.seeds() if seed.name == "weights_beside").files["model.onnx"]
    model = onnx.load_model_from_string(beside)
    for tensor in model.graph.initializer:
        tensor.external_data[0].value = "x" * 300
    (tmp_path / "model.onnx").write_bytes(model.SerializeToString())
    told = workers.perform(INSPECT, {"path": str(tmp_path / "model.onnx")}, log=tmp_path / "log")
    assert any("is missing" in problem["sentence"] for problem in told["problems"])
    files = tfjs_cases.seeds()[0].files
    (tmp_path / "model.json").write_bytes(files["model.json"].replace(b"weights.bin", b"x" * 300))
    with pytest.raises(InputError, match=r"TensorFlow.js model is damaged"):
        workers.perform(INSPECT, {"path": str(tmp_path / "model.json")}, log=tmp_path / "log")
