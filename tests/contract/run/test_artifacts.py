from dataclasses import replace
from pathlib import Path

import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead, RegressionHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.contract.run.artifacts import Artifact, describe_artifact
from modelport.contract.run.lock import Lock, read_lock, write_lock

FLOAT = Artifact(
    path="model.tflite", format="tflite", recipe="float32", size_bytes=3, sha256="00", parent_sha256="11",
    options={"files": ["a.png"]},
)  # fmt: skip


def test_sizes_and_hashes_are_measured(tmp_path: Path) -> None:
    (tmp_path / "saved_model").mkdir()
    (tmp_path / "model.onnx").write_bytes(b"abc")
    facts = {"recipe": "float32", "parent_sha256": "11"}
    artifact = describe_artifact(tmp_path, tmp_path / "model.onnx", format="onnx", **facts)
    # FIPS 180-2, appendix B.1: the message "abc"
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert ("model.onnx", 3, expected) == (artifact.path, artifact.size_bytes, artifact.sha256)
    (tmp_path / "saved_model" / "x").write_bytes(b"12345")
    folder = describe_artifact(tmp_path, tmp_path / "saved_model", format="saved_model", **facts)
    assert ("saved_model", 5) == (folder.path, folder.size_bytes)


RUN = ModelContract(
    pixels=PixelContract(height=8, width=8),
    heads=(RegressionHead(name="age", unit="years"), ClassificationHead(name="label", labels=("a", "b", "c"))),
    parameters=9,
    provenance=Provenance(run_id="run", model_sha256="11"),
)


def test_an_artifact_promises_what_its_run_does_but_for_what_differs_in_it(tmp_path: Path) -> None:
    assert RUN == FLOAT.contract_in(RUN)
    names = {"pixels": "image:0", "output": "answer:0"}
    other = replace(FLOAT, value_range=(-1.0, 1.0), labels=("c", "a", "b"), tensor_names=names)
    write_lock(tmp_path / "artifacts.json", Lock(run_id="run", model_sha256="11", artifacts=(other,)))
    assert (other,) == read_lock(tmp_path / "artifacts.json").artifacts
    promised = other.contract_in(RUN)
    assert ((-1.0, 1.0), names) == (promised.pixels.value_range, promised.tensor_names)
    assert (RUN.heads[0], ("c", "a", "b")) == (promised.heads[0], promised.first_classification.labels)


@pytest.mark.parametrize("labels", [("a", "b"), ("a", "b", "d"), ("a", "b", "c", "c")])
def test_labels_that_the_run_lacks_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="other labels than its run has"):
        replace(FLOAT, labels=labels).contract_in(RUN)
