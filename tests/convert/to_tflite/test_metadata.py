"""The metadata of a .tflite, read back by readers that are not ours."""

import io
import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from modelport.contract.errors import InputError, UsageError
from modelport.contract.image.pixels import InputForm, PixelContract
from modelport.contract.labels.heads import ClassificationHead, RegressionHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.runtimes.embedded_contract.tflite_metadata import read_tflite_metadata
from modelport.runtimes.inspect.inspect_file import inspect_here

keras = pytest.importorskip("keras", reason="makes the model")

from modelport.convert.options.export_options import TfliteOptions  # noqa: E402
from modelport.convert.source.source import Source  # noqa: E402
from modelport.convert.to_tflite.metadata import add_metadata, normalization  # noqa: E402
from modelport.convert.to_tflite.writer import check_min_tflite, tflite_bytes, write_tflite  # noqa: E402
from modelport.quantize.float16 import write_float16  # noqa: E402

LABELS = ("Ä", "del", "space")
CONTRACT = ModelContract(
    pixels=PixelContract(height=6, width=8),
    heads=(ClassificationHead(name="sign", labels=LABELS), RegressionHead(name="age", unit="years")),
    parameters=0,
    provenance=Provenance(run_id="run", model_sha256="0"),
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Two heads, whose order in the file (age, sign) is not the contract's."""
    keras.utils.set_random_seed(0)
    image = keras.Input((6, 8, 3), name="image")
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(image))
    sign = keras.layers.Dense(3, activation="softmax", name="sign")(pooled)
    model = keras.Model(image, [sign, keras.layers.Dense(1, name="age")(pooled)])
    return Source(model=model, contract=CONTRACT, scratch=tmp_path_factory.mktemp("scratch"))


@pytest.fixture(scope="module")
def data(source: Source) -> bytes:
    return tflite_bytes(source, options=TfliteOptions(author="A. Author", license="MIT"))


def buffers_of(data: bytes) -> dict[str, bytes]:
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    return {entry.name.decode(): bytes(model.buffers[entry.buffer].data) for entry in model.metadata}


def test_labels_are_in_a_zip_that_any_reader_opens_stored_and_undated(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        (entry,) = archive.infolist()
        assert "Ä\ndel\nspace\n" == archive.read("labels.txt").decode()
    assert (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0)) == (entry.compress_type, entry.date_time)


def test_our_reader_finds_what_was_said_and_the_contract(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.tflite").write_bytes(data)
    told = inspect_here(tmp_path / "m.tflite")
    assert LABELS == told.labels
    assert ("inside", ["Ä", "del", "space"]) == (told.contract_from, (told.contract or {})["heads"][0]["labels"])
    assert ("A. Author", "MIT") == (told.metadata["author"], told.metadata["license"])
    assert ("0", "255") == (told.metadata["input_mean"], told.metadata["input_std"])
    assert () == told.missing


def test_the_contract_holds_no_date_path_or_hash(data: bytes) -> None:
    assert CONTRACT.promise() == json.loads(buffers_of(data)["modelport_contract"])


def test_nobody_is_named_unasked(source: Source) -> None:
    texts = read_tflite_metadata(b"", buffers_of(tflite_bytes(source))["TFLITE_METADATA"]).texts
    assert {"author", "license"}.isdisjoint(texts)
    assert "Takes an image and answers sign: one of 3 classes, and age: years." == texts["description"]


@pytest.mark.parametrize("value_range", [(0.0, 1.0), (0.0, 255.0), (-1.0, 1.0), (0.5, 2.0)])
def test_normalization_brings_black_and_white_to_the_range(value_range: tuple[float, float]) -> None:
    """The schema's formula: (x - mean) / std."""
    mean, std = normalization(value_range)
    assert value_range == pytest.approx(((0 - mean) / std, (255 - mean) / std))


def test_a_file_that_resizes_itself_asks_for_no_normalization(source: Source) -> None:
    data = tflite_bytes(source.taking(InputForm(preprocessing="in_graph")))
    texts = read_tflite_metadata(b"", buffers_of(data)["TFLITE_METADATA"]).texts
    assert ("0", "1") == (texts["input_mean"], texts["input_std"])
    assert "of any size" in texts["input_description"]
    assert "uint8" == json.loads(buffers_of(data)["modelport_contract"])["input"]["dtype"]


def test_two_classifications_have_a_labels_file_each(data: bytes) -> None:
    heads = (CONTRACT.heads[0], ClassificationHead(name="age", labels=("only-one-value", "never")))
    with zipfile.ZipFile(io.BytesIO(add_metadata(data, replace(CONTRACT, heads=heads), TfliteOptions()))) as archive:
        assert ["labels.txt", "labels2.txt"] == archive.namelist()


def test_recipes_have_it_too(source: Source, tmp_path: Path) -> None:
    write_float16(source, tmp_path / "m.tflite")
    assert LABELS == inspect_here(tmp_path / "m.tflite").labels


def test_the_model_inside_is_what_the_converter_made(source: Source, data: bytes) -> None:
    """Every tensor, operator and constant is as before, and the signature keeps its names."""
    import tensorflow as tf

    plain = schema.ModelT.InitFromPackedBuf(
        bytes(tf.lite.TFLiteConverter.from_saved_model(str(source.exported)).convert()), 0
    )
    ours = schema.ModelT.InitFromPackedBuf(data, 0)
    for before, after in zip(plain.subgraphs[0].tensors, ours.subgraphs[0].tensors, strict=True):
        assert (before.name, before.type, list(before.shape)) == (after.name, after.type, list(after.shape))
        np.testing.assert_array_equal(plain.buffers[before.buffer].data, ours.buffers[after.buffer].data)
    (signature,) = ours.signatureDefs
    assert (b"serving_default", {b"sign", b"age"}) == (signature.signatureKey, {one.name for one in signature.outputs})
    assert len(plain.metadata) + 2 == len(ours.metadata)


def test_what_the_oldest_runtime_does_not_serve_is_refused_with_the_operator(source: Source, tmp_path: Path) -> None:
    """SOFTMAX and MEAN were there from 1.5 on; a signature of release 1.4 refuses what needs more."""
    with pytest.raises(InputError, match="newer TensorFlow Lite") as caught:
        write_tflite(source, tmp_path / "m.tflite", TfliteOptions(min_tflite="1.4"))
    assert "version" in str(caught.value.received)
    assert "--min-tflite" in str(caught.value.fix)
    assert not (tmp_path / "m.tflite").exists()


def test_the_options_release_replaces_the_contracts(source: Source) -> None:
    strict = replace(source, contract=replace(CONTRACT, min_tflite="1.4.0"))
    with pytest.raises(InputError, match="newer TensorFlow Lite"):
        tflite_bytes(strict)
    data = tflite_bytes(strict, options=TfliteOptions(min_tflite="2.12.0"))
    assert "2.12.0" == json.loads(buffers_of(data)["modelport_contract"])["min_tflite"]


def test_an_understated_operator_is_refused_by_what_its_content_needs(exported_run: Path) -> None:
    """DESIGN.md, fact 16: version 1 with a scale per channel answers at chance before 2.17."""
    quantizer = pytest.importorskip("ai_edge_quantizer.quantizer", reason="ai-edge-quantizer is not installed")
    recipe = pytest.importorskip("ai_edge_quantizer.recipe", reason="ai-edge-quantizer is not installed")
    made = quantizer.Quantizer(str(exported_run / "model.float32.tflite"), recipe.dynamic_wi8_afp32())
    with pytest.raises(InputError, match="newer TensorFlow Lite") as caught:
        check_min_tflite(bytes(made.quantize().quantized_model), "2.12.0", "m")
    assert "FULLY_CONNECTED states version 1" in str(caught.value.received)


def test_a_release_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="--min-tflite"):
        TfliteOptions(min_tflite="newest")


def test_what_is_said_of_a_file_is_in_the_lock() -> None:
    said = TfliteOptions(author="A", min_tflite="2.14.0")
    assert {"author": "A", "min_tflite": "2.14.0"} == said.recorded()


@pytest.mark.slow
def test_fresh_processes_write_the_same_bytes(data: bytes, tmp_path: Path) -> None:
    keras_file = tmp_path / "made.tflite"
    keras_file.write_bytes(data)
    code = (
        "import sys; sys.path[:0] = [sys.argv[1]]; from pathlib import Path; "
        "from modelport.convert.to_tflite.metadata import add_metadata; "
        "from modelport.convert.options.export_options import TfliteOptions; "
        "from modelport.contract.model_contract.model_contract import ModelContract; import json; "
        "value = json.loads(Path(sys.argv[2]).read_text()); "
        "sys.stdout.buffer.write(add_metadata(Path(sys.argv[3]).read_bytes(), ModelContract.from_json(value), "
        "TfliteOptions()))"
    )
    (tmp_path / "contract.json").write_text(json.dumps(CONTRACT.to_json()))
    command: list[Any] = [
        sys.executable,
        "-c",
        code,
        os.environ.get("PYTHONPATH", ""),
        tmp_path / "contract.json",
        keras_file,
    ]
    first, second = (
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    )
    assert first == second
    assert len(first) > len(data)


#: What each reader prints, as JSON: the name of the file with the labels, and the labels; or what it answers.
_READERS = {
    "mediapipe==1.2.2": """
import json, sys
import numpy as np
import mediapipe as mp
from mediapipe.tasks.metadata import metadata_schema_py_generated as fields, schema_py_generated as schema
from mediapipe.tasks.python import BaseOptions, vision
model = schema.ModelT.InitFromPackedBuf(open(sys.argv[1], "rb").read(), 0)
found = {entry.name: bytes(model.buffers[entry.buffer].data) for entry in model.metadata}
said = fields.ModelMetadataT.InitFromPackedBuf(found[b"TFLITE_METADATA"], 0)
(image,), (label,) = said.subgraphMetadata[0].inputTensorMetadata, said.subgraphMetadata[0].outputTensorMetadata
options = vision.ImageClassifierOptions(base_options=BaseOptions(model_asset_path=sys.argv[1]))
with vision.ImageClassifier.create_from_options(options) as classifier:
    pixels = np.zeros((48, 48, 3), np.uint8)
    pixels[:, :, 1] = 200
    answer = classifier.classify(mp.Image(image_format=mp.ImageFormat.SRGB, data=pixels))
best = answer.classifications[0].categories[0].category_name
normal = image.processUnits[0].options
print(json.dumps([label.associatedFiles[0].name.decode(), float(normal.mean[0]), float(normal.std[0]), best]))
""",
    "tflite-support==0.4.4": """
import json, sys
from tflite_support import metadata
shown = metadata.MetadataDisplayer.with_model_file(sys.argv[1])
said = json.loads(shown.get_metadata_json())["subgraph_metadata"][0]
normal = said["input_tensor_metadata"][0]["process_units"][0]["options"]
(file,) = shown.get_packed_associated_file_list()
labels = shown.get_associated_file_buffer(file).decode().split()
print(json.dumps([file, normal["mean"][0], normal["std"][0], labels[1]]))
""",
}


@pytest.fixture(scope="module")
def environment_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that installs a reader into an environment of its own."""

    def make(package: str) -> Path:
        folder = tmp_path_factory.mktemp("reader") / "environment"
        venv.create(folder, with_pip=True)
        python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", package]
        done = subprocess.run([*map(str, install), "numpy<2"], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"{package} cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
        return python

    return make


@pytest.mark.slow
@pytest.mark.parametrize("package", _READERS)
def test_other_peoples_readers_find_labels_and_normalization(
    package: str, exported_run: Path, environment_of: Callable[[str], Path]
) -> None:
    """The run's classes are blue, green, red; MediaPipe is shown a green image, and says so."""
    command: list[Any] = [environment_of(package), "-c", _READERS[package], exported_run / "model.full_int8.tflite"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "cannot open shared object file" in done.stderr:
        pytest.skip(f"{package} lacks a system library: {done.stderr.strip().splitlines()[-1]}")
    assert 0 == done.returncode, done.stderr
    assert ["labels.txt", 0.0, 255.0, "green"] == json.loads(done.stdout.strip().splitlines()[-1])
