from pathlib import Path

import numpy as np
import pytest
from modelport.contract.dataset import open_dataset
from modelport.contract.errors import InputError
from modelport.contract.reference import read_reference
from modelport.runtimes.predict import format_of, predict_images


@pytest.mark.parametrize("artifact", ["model.keras", "model.onnx", "model.float32.tflite"])
def test_answers_are_the_references(exported_run: Path, dataset: Path, artifact: str) -> None:
    """17 images or fewer: more than one batch where there are as many."""
    reference = read_reference(exported_run / "reference.npz")
    images = [dataset / path for path in reference.paths]
    answers = predict_images(exported_run / artifact, images)
    assert images == [answer.image for answer in answers]
    labels = open_dataset(dataset).labels
    for answer, expected in zip(answers, reference.predictions["label"], strict=True):
        (best, *rest) = answer.top(3)["label"]
        assert labels[expected.argmax()] == best["label"]
        np.testing.assert_allclose(expected.max(), best["score"], atol=1e-4)
        assert 2 == len(rest)
        assert rest[0]["score"] >= rest[1]["score"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("model.keras", "keras"), ("saved_model", "saved_model"), ("trained_model_graph.pb", "frozen_graph")],
)
def test_format_is_in_the_name(exported_run: Path, name: str, expected: str) -> None:
    assert expected == format_of(exported_run / name)


def test_what_is_no_artifact_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("text")
    for path in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(InputError, match="not an artifact"):
            format_of(path)
    with pytest.raises(InputError, match="does not exist"):
        format_of(tmp_path / "model.onnx")


def test_an_artifact_without_its_contract_is_refused(exported_run: Path, tmp_path: Path) -> None:
    lone = tmp_path / "model.onnx"
    lone.write_bytes((exported_run / "model.onnx").read_bytes())
    with pytest.raises(InputError, match="contract is missing") as refusal:
        predict_images(lone, [])
    assert "--contract" in str(refusal.value)
