"""Recipe x runtime: what modelport writes in the runtimes of old clients, and fact 16's two traps. Printed with -s."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.run.artifacts import describe_artifact
from modelport.contract.run.run_folder import RunFolder

RUNTIMES = ("tflite-runtime==2.14.0", "tensorflow==2.15.1", "tensorflow==2.18.0", "ai-edge-litert==1.0.1")
TRAP = "model.dynamic_int8.tflite"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def asked(old_runtime: Callable[[str], str]) -> list[str]:
    """The runtimes, which exist; the first time they are 4 GB and three minutes."""
    return [old_runtime(name) for name in RUNTIMES]


@pytest.fixture
def run(exported_run: Path, tmp_path: Path) -> Path:
    """A run whose lock may be written."""
    return Path(shutil.copytree(exported_run, tmp_path / "run"))


def tried(run: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code, and path to what `modelport runtimes` says of it."""
    command = [sys.executable, "-m", "modelport", "runtimes", str(run), *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    found = {item["path"]: item for item in json.loads(done.stdout)}
    for path, item in found.items():
        trials = (f"{name}: {_cell(trial)}" for name, trial in item["trials"].items())
        print(f"\n{path}  {'  '.join(trials)}  oldest: {item['oldest_runtime']}", end="")
    return done.returncode, found


def _cell(trial: dict[str, Any]) -> str:
    if trial["top1_fraction"] is None:
        return "-" if trial["serves"] is None else f"refused ({trial['sentences'][0][:120]})"
    return f"{trial['top1_fraction']:.3f}{'' if trial['serves'] else ' not served'}"


def replaced(run: Path, data: bytes) -> None:
    """Put other bytes in the place of dynamic_int8, with a lock that is right about them."""
    folder = RunFolder(run)
    (run / TRAP).write_bytes(data)
    parent = folder.read_contract().provenance.model_sha256
    facts = {"format": "tflite", "recipe": "dynamic_int8", "parent_sha256": parent}
    folder.record(describe_artifact(run, run / TRAP, **facts))


def version_sentence(run: Path) -> str:
    """Return what the judge says of the operator versions, without running the file in an old runtime."""
    command = [sys.executable, "-m", "modelport", "validate", str(run), "--only", "dynamic_int8", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (artifact,) = json.loads(done.stdout)["artifacts"]
    (finding,) = (f for f in artifact["findings"] if f["key"] == "min_tflite")
    assert (1, "fail") == (done.returncode, finding["verdict"])
    print(f"\n{finding['sentence']}", end="")
    return str(finding["sentence"])


def test_every_format_and_recipe_is_served_by_every_old_runtime_that_opens_it(run: Path, asked: list[str]) -> None:
    code, found = tried(run, *asked)
    oldest = {path: item["oldest_runtime"] for path, item in found.items()}
    tflite = {path: oldest[path] for path in oldest if path.endswith(".tflite")}
    assert dict.fromkeys(tflite, "tflite-runtime 2.14.0") == tflite
    assert 4 == len(tflite)
    assert "tensorflow 2.15.1" == oldest["saved_model"] == oldest["trained_model_graph.pb"]
    assert 0 == code
    recorded = {artifact.path: artifact.oldest_runtime for artifact in RunFolder(run).read_lock().artifacts}
    assert oldest == recorded


def test_the_stock_dynamic_file_is_refused_by_what_is_older_than_2_17(run: Path, asked: list[str]) -> None:
    tf = pytest.importorskip("tensorflow", reason="the converter needs the extra [tensorflow]")
    converter = tf.lite.TFLiteConverter.from_saved_model(str(run / "saved_model"), signature_keys=["serving_default"])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    replaced(run, converter.convert())
    assert "needs TensorFlow Lite 2.17.0 (FULLY_CONNECTED version 12)" in version_sentence(run)
    code, found = tried(run, *asked, "--only", "dynamic_int8")
    for name in ("tflite-runtime==2.14.0", "tensorflow==2.15.1"):
        trial = found[TRAP]["trials"][name]
        assert (False, None) == (trial["serves"], trial["top1_fraction"])
        assert "FULLY_CONNECTED" in trial["sentences"][0]
    assert "tensorflow 2.18.0" == found[TRAP]["oldest_runtime"]
    assert 1 == code


def test_a_file_that_loads_and_answers_wrong_is_caught(run: Path, asked: list[str]) -> None:
    """ai-edge-quantizer states version 1 of every operator: nothing refuses the file."""
    quantizer = pytest.importorskip("ai_edge_quantizer.quantizer", reason="ai-edge-quantizer is not installed")
    recipe = pytest.importorskip("ai_edge_quantizer.recipe", reason="ai-edge-quantizer is not installed")
    made = quantizer.Quantizer(str(run / "model.float32.tflite"), recipe.dynamic_wi8_afp32()).quantize()
    made.export_model(str(run / TRAP), overwrite=True)
    replaced(run, (run / TRAP).read_bytes())
    assert "FULLY_CONNECTED states version 1" in version_sentence(run)
    code, found = tried(run, *asked, "--only", "dynamic_int8")
    trials = found[TRAP]["trials"]
    for name in ("tflite-runtime==2.14.0", "tensorflow==2.15.1"):
        assert not trials[name]["serves"]
        assert trials[name]["top1_fraction"] < trials["here"]["top1_fraction"]
    assert "tensorflow 2.18.0" == found[TRAP]["oldest_runtime"]
    assert 1 == code
