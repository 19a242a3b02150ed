import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.errors import InputError, JudgedAndFailed, RuntimeFailure
from modelport.contract.model_contract.model_contract import ModelContract, write_contract
from modelport.contract.run.reference import read_reference
from modelport.runtimes.predict import format_of, predict_images
from PIL import Image


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


def test_a_file_that_the_run_did_not_record_under_this_name_is_refused(
    exported_run: Path, copy_of: Callable[[Path], Path]
) -> None:
    run = copy_of(exported_run)
    (run / "model.float32.tflite").write_bytes((run / "model.float16.tflite").read_bytes())
    with pytest.raises(InputError, match="not the one that the run recorded"):
        predict_images(run / "model.float32.tflite", [])


def test_labels_in_another_order_than_the_heads_are_refused(
    exported_run: Path, copy_of: Callable[[Path], Path]
) -> None:
    run = copy_of(exported_run)
    (run / "training_set_labels.txt").write_text("red\ngreen\nblue\n")
    with pytest.raises(InputError, match="labels do not match the head"):
        predict_images(run / "model.onnx", [])


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the system's temporary one."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def write_images(folder: Path, contract: ModelContract) -> list[Path]:
    """A black and a white image, and the contract beside them."""
    write_contract(folder / "contract.json", contract)
    for name in ("black", "white"):
        Image.new("RGB", (2, 2), name).save(folder / f"{name}.png")
    return [folder / "black.png", folder / "white.png"]


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_an_answer_that_is_no_number_fails_and_names_its_image(
    tmp_path: Path, temporary: Path, stand_in: Callable[[str], Path], small_contract: ModelContract, value: str
) -> None:
    images = write_images(tmp_path, small_contract)
    artifact = stand_in(f"pixels = np.where(pixels > 0, np.float32('{value}'), pixels)")
    with pytest.raises(JudgedAndFailed) as caught:
        predict_images(artifact, images)
    assert f"{images[1]}: first: {value}" == caught.value.received
    assert [] == list(temporary.iterdir())


def test_a_log_stays_only_where_the_runtime_failed(
    tmp_path: Path, temporary: Path, stand_in: Callable[[str], Path], small_contract: ModelContract
) -> None:
    images = write_images(tmp_path, small_contract)
    artifact = stand_in("if pixels.max() > 0: os.kill(os.getpid(), signal.SIGKILL)")
    predict_images(artifact, images[:1])
    assert [] == list(temporary.iterdir())
    with pytest.raises(RuntimeFailure) as caught:
        predict_images(artifact, images)
    (folder,) = temporary.iterdir()
    assert f"see {folder / 'runtime.log'} for what it printed" == caught.value.fix
    assert "a line that Python printed" in (folder / "runtime.log").read_text()
