"""Artifacts that take their images in another form than model.keras does; the oracle is Keras and tf.image.resize."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.image.pixels import InputForm, PixelContract
from modelport.contract.model_contract.model_contract import ModelContract
from modelport.contract.run.artifacts import Artifact
from modelport.contract.run.lock import read_lock
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import judge_run
from modelport.validate.scores.head_scores import ClassificationScores
from numpy.typing import NDArray

tf = pytest.importorskip("tensorflow", reason="converting needs the extra [tensorflow]")

from modelport.convert.convert import convert  # noqa: E402
from modelport.convert.options.export_options import ExportOptions  # noqa: E402
from modelport.quantize.quantize import quantize  # noqa: E402
from modelport.runtimes.predict import predict_images  # noqa: E402
from modelport.runtimes.workers.workers import open_artifact  # noqa: E402

#: Smaller and larger than the model's 48 x 48, wide, tall, the size itself, and a single pixel.
SIZES = ((20, 30), (48, 48), (97, 61), (64, 200), (300, 40), (1, 1))
FORMATS = ("saved_model", "frozen_graph", "tflite", "onnx")


@pytest.fixture(scope="module")
def in_graph(trained_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = Path(shutil.copytree(trained_run, tmp_path_factory.mktemp("in_graph") / "run"))
    convert(run, FORMATS, ExportOptions(form=InputForm(preprocessing="in_graph")))
    return run


@pytest.fixture(scope="module")
def other_range(trained_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = Path(shutil.copytree(trained_run, tmp_path_factory.mktemp("range") / "run"))
    convert(run, FORMATS, ExportOptions(form=InputForm(value_range=(-1.0, 1.0))))
    convert(run, ["onnx"], ExportOptions(form=InputForm(value_range=(0.0, 255.0), layout="NCHW")))
    return run


@pytest.fixture(scope="module")
def photos() -> list[NDArray[np.uint8]]:
    random = np.random.default_rng(0)
    return [random.integers(0, 256, (*size, 3), dtype=np.uint8) for size in SIZES]


def ask(run: Path, artifact: Artifact, contract: ModelContract, batches: Sequence[NDArray[Any]]) -> NDArray[Any]:
    with open_artifact(run / artifact.path, artifact.format, contract, log=run / "logs/test.log") as session:
        return np.concatenate([session.predict(batch)["label"] for batch in batches])


def test_uint8_images_of_any_size_are_answered_as_keras_answers_them_resized(
    in_graph: Path, contract: ModelContract, keras_model: Any, photos: list[NDArray[np.uint8]]
) -> None:
    resized = [tf.image.resize(photo, (48, 48), method="bilinear", antialias=False) for photo in photos]
    expected = np.asarray(keras_model(np.stack(resized) / 255, training=False))
    artifacts = read_lock(in_graph / "artifacts.json").artifacts
    assert list(FORMATS) == [artifact.format for artifact in artifacts]
    for artifact in artifacts:
        answers = ask(in_graph, artifact, contract, [photo[None] for photo in photos])
        np.testing.assert_allclose(expected, answers, rtol=0, atol=1e-4, err_msg=artifact.path)


def test_pixels_in_another_range_or_layout_are_answered_alike(
    other_range: Path, contract: ModelContract, keras_model: Any, oracle: Any
) -> None:
    artifacts = read_lock(other_range / "artifacts.json").artifacts
    assert 5 == len(artifacts)
    for artifact in artifacts:
        if artifact.layout == "NCHW":
            pixels = oracle.pixels.transpose(0, 3, 1, 2) * np.float32(255)
        else:
            pixels = oracle.pixels * np.float32(2) - np.float32(1)
        answers = ask(other_range, artifact, contract, [pixels])
        np.testing.assert_allclose(oracle.answers, answers, rtol=0, atol=1e-4, err_msg=artifact.path)


@pytest.mark.slow
def test_an_int8_file_resizes_and_scales_itself(trained_run: Path, dataset: Path, tmp_path: Path) -> None:
    """Its ranges are measured on uint8 images in two sizes, neither of them the model's."""
    run = Path(shutil.copytree(trained_run, tmp_path / "run"))
    form = InputForm(preprocessing="in_graph")
    (artifact,) = quantize(run, ["full_int8"], representative_images=6, form=form)
    assert "model.full_int8.in_graph.tflite" == artifact.path
    (outcome,) = judge_run(run).outcomes
    (scores,) = outcome.doors["pixels"]
    assert isinstance(scores, ClassificationScores)
    assert scores.parity is not None
    assert scores.parity.agreement_fraction > 0.8
    assert outcome.description is not None
    (given,) = outcome.description.inputs
    assert ("uint8", (None, None, None, 3)) == (given.dtype, given.shape)


@pytest.mark.slow
def test_each_is_judged_in_the_form_that_it_takes(in_graph: Path, other_range: Path) -> None:
    for run in (in_graph, other_range):
        report = judge_run(run)
        assert {Verdict.PASS} == {outcome.verdict for outcome in report.outcomes}


def test_the_promise_inside_says_what_is_taken(in_graph: Path, other_range: Path) -> None:
    onnx = pytest.importorskip("onnx")
    import json

    for path, taken in (
        (in_graph / "model.in_graph.onnx", {"dtype": "uint8", "value_range": [0, 255], "preprocessing": "in_graph"}),
        (other_range / "model.onnx", {"dtype": "float32", "value_range": [-1, 1], "preprocessing": "none"}),
        (other_range / "model.nchw.onnx", {"layout": "NCHW", "value_range": [0, 255]}),
    ):
        promise = json.loads({p.key: p.value for p in onnx.load(path).metadata_props}["modelport_contract"])
        assert taken.items() <= promise["input"].items()
        assert 48 == PixelContract.from_json(promise["input"]).height


def test_predict_feeds_what_the_artifact_takes(in_graph: Path, other_range: Path, oracle: Any) -> None:
    for artifact in (in_graph / "model.float32.in_graph.tflite", other_range / "model.nchw.onnx"):
        answers = predict_images(artifact, oracle.files)
        values = np.stack([answer.outputs[0][1] for answer in answers])
        np.testing.assert_allclose(oracle.answers, values, rtol=0, atol=1e-4)


def test_an_artifact_fed_in_the_wrong_form_fails(other_range: Path) -> None:
    """The lock says what is taken: with a lie in it, the same file is judged on other pixels."""
    lock = other_range / "artifacts.json"
    honest = lock.read_text()
    try:
        lock.write_text(honest.replace("-1.0", "0.0"))
        report = judge_run(other_range)
    finally:
        lock.write_text(honest)
    verdicts = {outcome.artifact.path: outcome.verdict for outcome in report.outcomes}
    assert Verdict.FAIL is verdicts["model.onnx"]
    assert Verdict.PASS is verdicts["model.nchw.onnx"]
