"""Files that modelport 0.1's demo, deliveries and adoptions left, before the house got rooms: each is still read.

tests/earlier/ holds them as they were written on 2026-12-01 by commit 391c535: `modelport demo`, `pack --images 60`,
`validate --report`, `deliver flutter`, two swaps of a backend's graph, an adopted graph, `init`, and a ship's record.
"""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.assets.backend.store.backend_record import read_record as read_backend
from modelport.assets.backend.store.swap import roll_back
from modelport.assets.delivery.record import read_record as read_delivery
from modelport.assets.judged.judged_run import read_judgement
from modelport.assets.ship.engine.record import read_record as read_ship
from modelport.assets.ship.plan.read_file import read_ship_file
from modelport.contract.model_contract.model_contract import read_contract
from modelport.contract.run.lock import read_lock
from modelport.contract.run.reference import read_reference
from modelport.contract.run.run_folder import RunFolder
from modelport.validate.baseline.file import read_baseline
from modelport.validate.pack.open_pack import open_pack

EARLIER = Path(__file__).with_name("earlier")
STORE = Path(".modelport", "backend")
#: What the demo's run holds.
ARTIFACTS = {
    "saved_model",
    "trained_model_graph.pb",
    "model.onnx",
    "model.float32.tflite",
    "model.float16.tflite",
    "model.dynamic_int8.tflite",
    "model.full_int8.tflite",
}


def told(name: str) -> Any:
    return json.loads((EARLIER / name).read_text(encoding="utf-8"))


def test_the_lock_is_read_whole() -> None:
    lock = read_lock(EARLIER / "artifacts.json")
    assert {entry["path"]: entry["sha256"] for entry in told("artifacts.json")["artifacts"]} == {
        artifact.path: artifact.sha256 for artifact in lock.artifacts
    }
    assert {artifact.path for artifact in lock.artifacts} == ARTIFACTS


def test_the_contract_and_the_reference_are_read() -> None:
    contract, reference = read_contract(EARLIER / "contract.json"), read_reference(EARLIER / "reference.npz")
    assert [str(digit) for digit in range(10)] == list(contract.first_classification.labels)
    assert (268, 10) == reference.predictions["label"].shape


def test_the_report_says_what_ships(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    for name in ("artifacts.json", "contract.json", "training_set_labels.txt"):
        shutil.copyfile(EARLIER / name, tmp_path / name)
    run.validation.mkdir()
    shutil.copyfile(EARLIER / "report.json", run.validation / "report.json")
    judgement = read_judgement(run)
    verdicts = {entry["path"]: entry["verdict"] for entry in told("report.json")["artifacts"]}
    assert {"pass", "undecided"} == set(verdicts.values())
    assert verdicts == {path: judged.verdict for path, (_, judged) in judgement.entries.items()}


def test_the_report_serves_as_a_baseline() -> None:
    assert ARTIFACTS == set(read_baseline(EARLIER / "report.json").artifacts)


def test_the_pack_opens() -> None:
    with zipfile.ZipFile(EARLIER / "gate.zip") as members, open_pack(EARLIER / "gate.zip") as (run, images):
        packed = [name for name in members.namelist() if name.startswith("images/")]
        assert 60 == len(packed) == len(images.images)
        assert ARTIFACTS == {artifact.path for artifact in read_lock(run.lock).artifacts}


def test_the_record_of_a_delivery_names_its_files() -> None:
    folder = read_delivery(EARLIER)
    assert folder is not None
    assert told("delivery.json")["files"] == folder.files


def test_two_deliveries_to_a_backend_are_taken_back(tmp_path: Path) -> None:
    backend = tmp_path / "service"
    kept = {
        "d4f477dbed30/graph.pb": b"old graph",
        "9bdb9a1b46fc/graph.pb": b"new graph",
        "75e2e600d7ed/graph.pb": b"newer graph",
        "aea8a04c2f29/labels.txt": b"b\na\n",
        "911169ddaaf1/labels.txt": b"a\nb\n",
    }
    for name, content in kept.items():
        (backend / STORE / name).parent.mkdir(parents=True, exist_ok=True)
        (backend / STORE / name).write_bytes(content)
    shutil.copyfile(EARLIER / "record.json", backend / STORE / "record.json")
    (backend / "graph.pb").write_bytes(b"newer graph")
    (backend / "labels.txt").write_bytes(b"a\nb\n")
    assert 3 == len(read_backend(backend).stacks["graph.pb"])
    for graph, labels in ((b"new graph", b"b\na\n"), (b"old graph", b"b\na\n")):
        roll_back(backend)
        assert (graph, labels) == ((backend / "graph.pb").read_bytes(), (backend / "labels.txt").read_bytes())


def test_the_record_of_a_ship_is_read() -> None:
    record = read_ship(EARLIER)
    assert {"prepare", "train", "deliver.backend"} == set(record.steps)
    finished = record.steps["train"].finished
    assert finished is not None
    assert {"run/model.keras": "2" * 64} == finished.outputs


def test_modelport_toml_is_read_with_both_spellings_of_licence(tmp_path: Path) -> None:
    text = (EARLIER / "modelport.toml").read_text(encoding="utf-8")
    for key in ("license", "licence", "data_licence"):
        text = text.replace(f"# {key} =", f"{key} =")
    (tmp_path / "photos" / "a").mkdir(parents=True)
    (tmp_path / "modelport.toml").write_text(text, encoding="utf-8")
    plan = read_ship_file(tmp_path / "modelport.toml")
    assert ("photos", "Apache-2.0") == (plan.images.name, plan.export.tflite.license)
    (archive,) = (one for one in plan.deliveries if one.product == "archive")
    assert ("Apache-2.0", "CC BY 4.0") == (archive.options["license"], archive.options["data_license"])
    assert 2 == len(plan.notes)


def test_an_adopted_graph_answers_as_it_did() -> None:
    """By hand: channel means of the pixels times the kernel that the file was made with."""
    keras = pytest.importorskip("keras", reason="a graph layer needs the extra [tensorflow]")
    pytest.importorskip("tensorflow", reason="a graph layer needs the extra [tensorflow]")
    from modelport.runtimes.keras_file.config import read_config
    from modelport.runtimes.tf_graph.graph_layer import OWN_LAYERS

    read_config(EARLIER / "adopted.keras")
    model = keras.models.load_model(EARLIER / "adopted.keras", custom_objects=OWN_LAYERS, compile=False)
    pixels = np.random.default_rng(0).random((3, 4, 4, 3), dtype=np.float32)
    kernel = np.arange(6, dtype=np.float32).reshape(3, 2) / 10
    np.testing.assert_allclose(pixels.mean(axis=(1, 2)) @ kernel, model(pixels, training=False), atol=1e-6)
