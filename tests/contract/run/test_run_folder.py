"""A folder that mixes two runs is refused; a whole one is not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from modelport.contract.errors import InputError
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead, RegressionHead
from modelport.contract.labels.labels_file import write_labels
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from modelport.contract.run.artifacts import Artifact
from modelport.contract.run.lock import Lock
from modelport.contract.run.run_folder import RunFolder

ARTIFACT = Artifact(path="m.onnx", format="onnx", recipe="float32", size_bytes=1, sha256="0", parent_sha256="1")


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A whole run of two labels; the model is any file."""
    run = RunFolder(tmp_path)
    run.model.write_bytes(b"model")
    contract = ModelContract(
        pixels=PixelContract(),
        heads=(ClassificationHead(name="sign", labels=("A", "B")),),
        parameters=1,
        provenance=Provenance(run_id="run1", model_sha256=sha256_of_file(run.model)),
    )
    write_contract(run.contract, contract)
    write_labels(run.labels, ("A", "B"))
    for path in (run.history, run.evaluation):
        path.write_text(json.dumps({"run_id": "run1"}))
    return run


def test_a_whole_run_is_read(run: RunFolder) -> None:
    assert ("A", "B") == run.read_contract().first_classification.labels


def test_names_are_the_users() -> None:
    run = RunFolder(Path("run"))
    paths = (run.model, run.contract, run.labels, run.history, run.evaluation, run.reference, run.lock, run.logs)
    assert (
        "model.keras contract.json training_set_labels.txt training_history.json evaluation_report.json "
        "reference.npz artifacts.json logs"
    ) == " ".join(path.relative_to("run").as_posix() for path in paths)


def test_a_folder_without_a_contract_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a run folder"):
        RunFolder(tmp_path).read_contract()


@pytest.mark.parametrize("name", ["history", "evaluation"])
def test_a_file_of_another_run_is_refused_and_named(run: RunFolder, name: str) -> None:
    """Report, history, model and labels of a real project came from two runs, and no file said so."""
    path: Path = getattr(run, name)
    path.write_text(json.dumps({"run_id": "run2"}))
    with pytest.raises(InputError, match="mixes two runs") as caught:
        run.read_contract()
    assert f"{path.name}: run2" == caught.value.received


def test_another_model_is_refused(run: RunFolder) -> None:
    run.model.write_bytes(b"another")
    with pytest.raises(InputError, match="mixes two runs") as caught:
        run.read_contract()
    assert (
        "model.keras: not the file that contract.json names: damaged, edited, or of another run"
        == caught.value.received
    )


def test_a_lock_of_another_run_is_refused(run: RunFolder) -> None:
    run.record(ARTIFACT)
    run.read_contract()
    run.lock.write_text(run.lock.read_text().replace("run1", "run2"))
    with pytest.raises(InputError, match="mixes two runs"):
        run.read_contract()


def test_a_lock_of_another_model_is_refused(run: RunFolder) -> None:
    run.record(ARTIFACT)
    run.lock.write_text(run.lock.read_text().replace(sha256_of_file(run.model), "0" * 64))
    with pytest.raises(InputError, match="mixes two runs") as caught:
        run.read_contract()
    assert "artifacts.json: another model than contract.json's" == caught.value.received


def test_a_missing_labels_file_is_refused_with_its_content(run: RunFolder) -> None:
    """Without it an app pairs outputs with labels of its own."""
    run.labels.unlink()
    with pytest.raises(InputError, match="labels file is missing") as caught:
        run.read_contract()
    assert (run.labels, "2 labels: A B") == (caught.value.where, caught.value.expected)


def test_a_model_without_labels_needs_no_labels_file(run: RunFolder) -> None:
    contract = replace(run.read_contract(), heads=(RegressionHead(name="age", unit="years"),))
    write_contract(run.contract, contract)
    run.labels.unlink()
    assert contract == run.read_contract()


def test_all_strangers_are_reported_at_once(run: RunFolder) -> None:
    for path in (run.history, run.evaluation):
        path.write_text(json.dumps({"run_id": "run2"}))
    with pytest.raises(InputError) as caught:
        run.read_contract()
    assert 2 == len(str(caught.value.received).splitlines())


@pytest.mark.parametrize("labels", [("B", "A"), ("A", "B", "C"), ("A", "X")])
def test_labels_in_another_order_or_of_another_set_are_refused(run: RunFolder, labels: tuple[str, ...]) -> None:
    write_labels(run.labels, labels)
    with pytest.raises(InputError, match="labels do not match the head") as caught:
        run.read_contract()
    assert f"{len(labels)} labels: {' '.join(labels)}" == caught.value.received
    assert "2 labels: A B" == caught.value.expected


def test_a_run_without_artifacts_has_an_empty_lock(run: RunFolder) -> None:
    assert Lock(run_id="run1", model_sha256=sha256_of_file(run.model)) == run.read_lock()


def test_recording_keeps_the_others_and_replaces_the_same(run: RunFolder) -> None:
    other, newer = replace(ARTIFACT, format="tflite"), replace(ARTIFACT, sha256="2")
    for artifact in (ARTIFACT, other, newer):
        run.record(artifact)
    assert (newer, other) == run.read_lock().artifacts


@pytest.mark.parametrize("name", ["history", "evaluation", "lock"])
def test_json_that_is_no_object_is_an_input_error(run: RunFolder, name: str) -> None:
    path: Path = getattr(run, name)
    path.write_text("[]")
    with pytest.raises(InputError, match="no JSON object"):
        run.read_contract()
