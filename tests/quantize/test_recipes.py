"""What the three recipes put into their files, and what the files answer, read by LiteRT itself."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.files.hashing import sha256_of
from modelport.contract.image.decode import load_pixels
from modelport.contract.model_contract.model_contract import ModelContract
from modelport.contract.model_contract.tflite_release import release_key
from modelport.contract.run.lock import read_lock
from modelport.quantize.recipes import PATHS
from modelport.runtimes.tflite.open_tflite import read_tflite

litert = pytest.importorskip("ai_edge_litert.interpreter", reason="runs the files")


@pytest.fixture(params=PATHS)
def recipe(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def facts(exported_run: Path, recipe: str) -> dict[str, Any]:
    return read_tflite((exported_run / PATHS[recipe]).read_bytes())


def test_input_and_output_are_float32(exported_run: Path, recipe: str) -> None:
    interpreter = litert.Interpreter(str(exported_run / PATHS[recipe]))
    details = interpreter.get_input_details() + interpreter.get_output_details()
    assert [np.float32, np.float32] == [detail["dtype"] for detail in details]


def test_it_answers_as_the_test_images_are_labelled(
    exported_run: Path, recipe: str, dataset: Path, contract: ModelContract
) -> None:
    interpreter = litert.Interpreter(str(exported_run / PATHS[recipe]))
    interpreter.allocate_tensors()
    source, answer = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    right = []
    for image in open_dataset(dataset).splits["test"]:
        interpreter.set_tensor(source, load_pixels(image.path, contract.pixels)[None])
        interpreter.invoke()
        right.append(interpreter.get_tensor(answer)[0].argmax() == image.label)
    assert np.mean(right) >= 0.8


def test_it_needs_no_newer_runtime_than_the_contract_says(facts: dict[str, Any], contract: ModelContract) -> None:
    assert () == facts["unknown_operators"] == facts["flex_operators"] == facts["custom_operators"]
    assert release_key(facts["min_tflite"]) <= release_key(contract.min_tflite)


def test_dense_layers_of_dynamic_int8_have_one_scale(exported_run: Path) -> None:
    """DESIGN.md, fact 16: one scale per channel is version 12, which runtimes before 2.17 refuse."""
    facts = read_tflite((exported_run / PATHS["dynamic_int8"]).read_bytes())
    versions = {operator.version for operator in facts["operators"] if operator.name == "FULLY_CONNECTED"}
    assert versions <= set(range(1, 10))


def test_full_int8_computes_in_int8(exported_run: Path) -> None:
    dtypes = Counter(read_tflite((exported_run / PATHS["full_int8"]).read_bytes())["tensor_dtypes"])
    assert 2 == dtypes["float32"], "the input and the output"
    assert dtypes["int8"] > 100


def test_sizes_are_a_half_and_a_quarter(exported_run: Path) -> None:
    whole = (exported_run / "model.float32.tflite").stat().st_size
    share = {recipe: (exported_run / path).stat().st_size / whole for recipe, path in PATHS.items()}
    assert 0.45 < share["float16"] < 0.56
    assert 0.24 < share["dynamic_int8"] < 0.4
    assert 0.24 < share["full_int8"] < 0.4


def test_representative_images_are_in_the_lock_and_from_the_train_split(exported_run: Path, dataset: Path) -> None:
    lock = read_lock(exported_run / "artifacts.json")
    (options,) = (artifact.options for artifact in lock.artifacts if artifact.recipe == "full_int8")
    listed = options["representative_images"]
    assert 12 == len(listed)
    assert all(item["path"].startswith("train/") for item in listed)
    assert [item["sha256"] for item in listed] == [sha256_of(dataset / item["path"]) for item in listed]


def test_the_table_of_recipes_and_the_writers_are_two_halves() -> None:
    from modelport.quantize.quantize import WRITERS

    assert list(PATHS) == list(WRITERS)
