"""Golden vectors against other programs: Pillow, TensorFlow's resize and JPEG decoders, LiteRT without our worker."""

import io
import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.assets.golden.golden import golden_files
from modelport.assets.judged.judged_run import artifact_of
from modelport.contract.errors import InputError
from modelport.contract.files.json_file import read_json
from modelport.contract.image.pixels import InputForm
from modelport.contract.model_contract.model_contract import read_contract
from modelport.contract.run.artifacts import Artifact
from modelport.contract.run.reference import read_reference
from modelport.contract.run.run_folder import RunFolder
from numpy.typing import NDArray
from PIL import Image

tf = pytest.importorskip("tensorflow", reason="exporting needs the extra [tensorflow]")
litert = pytest.importorskip("ai_edge_litert.interpreter", reason="another way to run TFLite files")

from modelport.convert.convert import convert  # noqa: E402
from modelport.convert.options.export_options import ExportOptions  # noqa: E402

Golden = tuple[dict[str, bytes], dict[str, Any], Path]

PATHS = {"float32": "model.float32.tflite", "float16": "model.float16.tflite", "int8": "model.full_int8.tflite"}


def made(run: Path, path: str) -> Golden:
    folder = RunFolder(run)
    files = golden_files(folder, artifact_of(folder, path))
    return files, json.loads(files["golden.json"]), run / path


@pytest.fixture(scope="module", params=["float32", "float16", "int8"])
def golden(exported_run: Path, request: pytest.FixtureRequest) -> Golden:
    return made(exported_run, PATHS[request.param])


def pixels_of(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(data)))


def tensor_of(files: dict[str, bytes], entry: dict[str, Any], dtype: str = "<f4") -> NDArray[Any]:
    return np.frombuffer(files[entry["input"]], dtype).reshape(entry["input_shape"])


def litert_answer(model: Path, pixels: NDArray[Any]) -> NDArray[np.float32]:
    interpreter = litert.Interpreter(str(model))
    (taken,) = interpreter.get_input_details()
    interpreter.resize_tensor_input(taken["index"], pixels.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(taken["index"], pixels)
    interpreter.invoke()
    answer: NDArray[np.float32] = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0]
    return answer


def test_there_are_eight_test_images_of_every_class_and_a_jpeg(golden: Golden, exported_run: Path) -> None:
    files, told, _ = golden
    names = [f"{number}.png" for number in range(8)] + ["8.jpg"]
    assert names == [entry["file"] for entry in told["images"]]
    assert {"golden.json", *names, *(f"{number}.bin" for number in range(9))} == set(files)
    assert {"blue", "green", "red"} == {entry["label"] for entry in told["images"]}
    dataset = Path(read_contract(exported_run / "contract.json").provenance.dataset or "")
    for entry in told["images"][:8]:
        source = Image.open(dataset / entry["source"]).convert("RGB")
        np.testing.assert_array_equal(np.asarray(source), pixels_of(files[entry["file"]]))
        assert entry["source"].split("/")[-2] == entry["label"]
        assert (entry["height"], entry["width"]) == (source.height, source.width)


def test_every_hash_is_that_of_its_file(golden: Golden) -> None:
    files, told, model = golden
    assert sha256(model.read_bytes()).hexdigest() == told["artifact"]["sha256"]
    for entry in told["images"]:
        assert entry["sha256"] == sha256(files[entry["file"]]).hexdigest()
        assert entry["input_sha256"] == sha256(files[entry["input"]]).hexdigest()


def test_the_tensor_is_what_tensorflow_makes_of_the_pixels(golden: Golden) -> None:
    files, told, _ = golden
    for entry in told["images"]:
        resized = tf.image.resize(pixels_of(files[entry["file"]]), entry["input_shape"][1:3], antialias=False).numpy()
        difference = np.abs(resized[None] / 255 - tensor_of(files, entry)).max()
        assert difference <= told["input"]["tolerance"] < 1e-6


def test_the_answers_are_litert_s_own(golden: Golden) -> None:
    files, told, model = golden
    for entry in told["images"]:
        answer = litert_answer(model, tensor_of(files, entry))
        np.testing.assert_allclose(answer, entry["expected"]["label"], rtol=0, atol=1e-6)


def test_the_reference_is_that_of_the_run_and_the_jpeg_has_none(golden: Golden, exported_run: Path) -> None:
    _, told, _ = golden
    reference = read_reference(exported_run / "reference.npz")
    row = {path: number for number, path in enumerate(reference.paths)}
    for entry in told["images"][:8]:
        np.testing.assert_array_equal(reference.predictions["label"][row[entry["source"]]], entry["reference"]["label"])
    assert told["images"][8]["reference"] is None


def test_the_tolerance_of_float_recipes_is_the_budget_of_design_md(exported_run: Path) -> None:
    for recipe, expected in (("float32", 0.001), ("float16", 0.05)):
        _, told, _ = made(exported_run, PATHS[recipe])
        assert {expected} == {entry["tolerance"]["label"] for entry in told["images"][:8]}
        assert "DESIGN.md" in told["tolerance_because"]


def test_the_tolerance_of_int8_is_at_least_two_steps_of_its_softmax(exported_run: Path) -> None:
    files, told, model = made(exported_run, PATHS["int8"])
    (tolerance,) = {entry["tolerance"]["label"] for entry in told["images"][:8]}
    assert 2 / 256 <= tolerance < 0.5
    assert "one grey level" in told["tolerance_because"]
    random = np.random.default_rng(99)  # other moves than those that it was measured with
    within = []
    for entry in told["images"][:8]:
        moved = tensor_of(files, entry) + random.integers(-1, 2, entry["input_shape"]).astype("f4") / 255
        answer = litert_answer(model, np.clip(moved, 0, 1))
        within.append(np.abs(answer - entry["expected"]["label"]).max() <= 2 * tolerance)
    assert all(within)


def test_a_top_label_is_named_only_where_no_answer_within_the_tolerance_has_another(golden: Golden) -> None:
    _, told, _ = golden
    for entry in told["images"]:
        values = entry["expected"]["label"]
        best, second = sorted(values, reverse=True)[:2]
        is_clear = best - second > 2 * entry["tolerance"]["label"]
        expected = told["heads"][0]["labels"][values.index(best)] if is_clear else None
        assert expected == entry["top"]["label"]


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"dct_method": "INTEGER_FAST"}, id="a-faster-dct"),
        pytest.param({"dct_method": "INTEGER_ACCURATE", "fancy_upscaling": False}, id="chroma-repeated"),
        pytest.param({"dct_method": "INTEGER_FAST", "fancy_upscaling": False}, id="both"),
    ],
)
def test_other_decoders_of_the_jpeg_stay_within_its_tolerances(golden: Golden, how: dict[str, Any]) -> None:
    files, told, model = golden
    entry = told["images"][8]
    other = tf.io.decode_jpeg(files["8.jpg"], channels=3, **how).numpy()
    levels = np.abs(other.astype(int) - pixels_of(files["8.jpg"]).astype(int)).mean()
    assert levels <= entry["decoders"]["mean_levels_tolerance"]
    resized = tf.image.resize(other, entry["input_shape"][1:3], antialias=False).numpy()[None] / np.float32(255)
    answer = litert_answer(model, resized)
    assert np.abs(answer - entry["expected"]["label"]).max() <= entry["tolerance"]["label"]


def test_exchanged_colours_are_further_off_than_any_decoder(golden: Golden) -> None:
    files, told, _ = golden
    pixels = pixels_of(files["8.jpg"]).astype(int)
    assert np.abs(pixels[..., ::-1] - pixels).mean() > told["images"][8]["decoders"]["mean_levels_tolerance"]


def test_the_same_run_gives_the_same_bytes(golden: Golden, exported_run: Path) -> None:
    files, _, model = golden
    assert files == made(exported_run, model.name)[0]


@pytest.fixture(scope="module")
def in_graph(trained_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Golden:
    run = Path(shutil.copytree(trained_run, tmp_path_factory.mktemp("golden") / "run"))
    (artifact,) = convert(run, ["tflite"], ExportOptions(form=InputForm(preprocessing="in_graph")))
    return made(run, artifact.path)


def test_an_in_graph_artifact_takes_the_pixels_of_the_picture_itself(in_graph: Golden) -> None:
    files, told, model = in_graph
    assert ("uint8", "in_graph", 0.0) == tuple(told["input"][key] for key in ("dtype", "preprocessing", "tolerance"))
    shapes = set()
    for entry in told["images"]:
        tensor = tensor_of(files, entry, "u1")
        shapes.add(tensor.shape)
        np.testing.assert_array_equal(pixels_of(files[entry["file"]])[None], tensor)
        np.testing.assert_allclose(litert_answer(model, tensor), entry["expected"]["label"], rtol=0, atol=1e-6)
    assert {(1, 40, 64, 3), (1, 72, 56, 3)} == shapes


def test_a_run_without_a_reference_has_golden_vectors_without_one(tiny_run: Path) -> None:
    convert(tiny_run, ["tflite"])
    _, told, _ = made(tiny_run, "model.float32.tflite")
    assert {None} == {None if entry["reference"] is None else 1 for entry in told["images"]}
    assert read_json(tiny_run / "contract.json")["provenance"]["model_sha256"] == told["model_sha256"]


def test_without_images_it_says_where_to_name_them(
    exported_run: Path, tmp_path: Path, copy_of: Callable[[Path], Path]
) -> None:
    run = RunFolder(copy_of(exported_run))
    artifact: Artifact = artifact_of(run, "model.float32.tflite")
    with pytest.raises(InputError, match="folder of images does not exist"):
        golden_files(run, artifact, data=tmp_path / "nowhere")
