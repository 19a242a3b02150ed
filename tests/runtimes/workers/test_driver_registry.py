"""Every driver, in its worker, against the Keras model on the images of the test split."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from modelport.contract.dataset.prepared_dataset import LabelledImage, open_dataset
from modelport.contract.errors import InputError, MissingExtraError, RuntimeFailure
from modelport.contract.image.decode import load_pixels
from modelport.contract.model_contract.model_contract import ModelContract
from modelport.contract.run.reference import read_reference
from modelport.runtimes.facts.description import Description
from modelport.runtimes.facts.format_runtimes import RUNTIMES
from modelport.runtimes.workers.driver_registry import open_driver
from modelport.runtimes.workers.session import Session
from modelport.runtimes.workers.workers import open_artifact
from numpy.typing import NDArray

PATHS = {
    "keras": "model.keras",
    "saved_model": "saved_model",
    "frozen_graph": "trained_model_graph.pb",
    "tflite": "model.float32.tflite",
    "onnx": "model.onnx",
}


@dataclass(frozen=True)
class Opened:
    """One artifact of the exported run, open."""

    format: str
    session: Session


@pytest.fixture(scope="module")
def test_images(dataset: Path) -> tuple[LabelledImage, ...]:
    return open_dataset(dataset).splits["test"]


@pytest.fixture(scope="module")
def pixels(test_images: tuple[LabelledImage, ...], contract: ModelContract) -> NDArray[np.float32]:
    return np.stack([load_pixels(image.path, contract.pixels) for image in test_images])


@pytest.fixture(scope="module")
def expected(trained_run: Path) -> NDArray[np.float32]:
    """What model.keras answered in this order of the images, (n, 3)."""
    return read_reference(trained_run / "reference.npz").predictions["label"]


@pytest.fixture(scope="module", params=PATHS)
def opened(
    request: pytest.FixtureRequest,
    exported_run: Path,
    contract: ModelContract,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Opened]:
    log = tmp_path_factory.mktemp("logs") / "runtime.log"
    path = exported_run / PATHS[request.param]
    with open_artifact(path, request.param, contract, log=log) as session:
        yield Opened(request.param, session)


@pytest.mark.parametrize("batch", [1, 5])
def test_answers_equal_keras_whatever_the_batch(
    opened: Opened, pixels: NDArray[np.float32], expected: NDArray[np.float32], batch: int
) -> None:
    for start in range(0, 10, batch):
        answer = opened.session.predict(pixels[start : start + batch])
        assert ["label"] == list(answer)
        assert np.float32 == answer["label"].dtype
        np.testing.assert_allclose(expected[start : start + batch], answer["label"], rtol=0, atol=1e-3)


def test_file_bytes_are_answered_like_pixels_or_refused(
    opened: Opened, test_images: tuple[LabelledImage, ...], expected: NDArray[np.float32]
) -> None:
    files = [image.path.read_bytes() for image in test_images[:5]]
    if "encoded" not in opened.session.description.doors:
        assert opened.format in ("keras", "tflite", "onnx")
        with pytest.raises(RuntimeFailure, match="not file bytes"):
            opened.session.predict_encoded(files)
        return
    assert opened.format in ("saved_model", "frozen_graph")
    answer = opened.session.predict_encoded(files)["label"]
    np.testing.assert_allclose(expected[:5], answer, rtol=0, atol=1e-3)


def test_the_description_says_what_goes_in_and_what_comes_out(opened: Opened) -> None:
    described = opened.session.description
    (given,), (answered,) = described.inputs, described.outputs
    assert (None, 48, 48, 3) == given.shape
    assert ("float32", "float32") == (given.dtype, answered.dtype)
    assert 3 == answered.shape[-1]
    assert "label" == answered.name
    package = {"keras": "keras", "tflite": "ai-edge-litert", "onnx": "onnxruntime"}.get(opened.format, "tensorflow")
    assert described.runtime.startswith(f"{package} ")
    assert (opened.format == "tflite") == (described.min_tflite is not None)


def test_descriptions_come_back_from_json(opened: Opened) -> None:
    described = opened.session.description
    assert described == Description.from_json(described.to_json())


def test_an_unknown_format_is_answered_with_the_known_ones(small_contract: ModelContract) -> None:
    with pytest.raises(InputError, match="unknown format") as caught:
        open_driver("coreml", "model", small_contract)
    assert "keras, saved_model, frozen_graph, tflite, onnx, tfjs, h5" == caught.value.expected


@pytest.mark.parametrize(
    ("extra", "fix"),
    [("tensorflow", 'pip install "modelport[tensorflow]"'), (None, "pip install modelport")],
)
def test_a_missing_package_ends_in_the_command_to_paste(
    small_contract: ModelContract, monkeypatch: pytest.MonkeyPatch, extra: str | None, fix: str
) -> None:
    monkeypatch.setitem(RUNTIMES, "onnx", replace(RUNTIMES["onnx"], packages=("no_such_package",), extra=extra))
    with pytest.raises(MissingExtraError, match="running a onnx artifact needs no_such_package") as caught:
        open_driver("onnx", "model.onnx", small_contract)
    assert fix == caught.value.fix
