"""`convert` and `quantize` stopped after every step: the lock is right about the files, and the next run goes on."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.files.hashing import files_below, sha256_of, sha256_of_file
from modelport.contract.run.run_folder import RunFolder
from modelport.contract.run.unlisted import unlisted_artifacts

pytest.importorskip("tensorflow", reason="converting needs the extra [tensorflow]")

import h5py
import onnx
import tensorflow as tf
from modelport.convert.convert import convert
from modelport.convert.options.formats import PATHS
from modelport.quantize.quantize import quantize
from modelport.quantize.recipes import PATHS as RECIPE_PATHS
from modelport.runtimes.tfjs.inspect_tfjs import inspect_tfjs
from modelport.runtimes.tflite.open_tflite import read_tflite

pytestmark = pytest.mark.slow

Walk = Callable[[Path, Callable[[], object], Callable[[Path], object]], Any]
STOPPED_PROCESS = Path(__file__).parents[1] / "stopped_process.py"
STOPPED = 77


def check_whole(root: Path) -> set[str]:
    """Check that the run reads, and that its lock lists, rightly, all artifacts that are there; return their paths."""
    run = RunFolder(root)
    run.read_contract()
    lock = run.read_lock()
    there = {artifact.path: artifact for artifact in lock.artifacts if (root / artifact.path).exists()}
    assert {path: artifact.sha256 for path, artifact in there.items()} == {
        path: sha256_of(root / path) for path in there
    }
    assert () == unlisted_artifacts(root, lock)
    for path in there:
        parse(root / path)
    return set(there)


def parse(artifact: Path) -> None:
    """Read an artifact with its own format's reader."""
    if artifact.suffix == ".tflite":
        assert read_tflite(artifact.read_bytes())["operators"]
    elif artifact.suffix == ".onnx":
        onnx.checker.check_model(onnx.load(artifact), full_check=True)
    elif artifact.suffix == ".pb":
        assert tf.compat.v1.GraphDef.FromString(artifact.read_bytes()).node
    elif artifact.suffix == ".h5":
        with h5py.File(artifact) as file:
            assert {"model_weights", "modelport_contract"} == set(file)
    elif artifact.name == "tfjs":
        assert {"model.json", "group1-shard1of1.bin"} == {path.name for path in files_below(artifact)}
        assert not inspect_tfjs(artifact).problems
    else:
        names = {"saved_model.pb", "fingerprint.pb", "variables/variables.index", "assets.extra/contract.json"}
        assert names <= {path.relative_to(artifact).as_posix() for path in files_below(artifact)}


def tell(stage: str, found: Any) -> None:
    print(f"{stage}: {len(found.steps)} points, {len(found.states)} distinct states, 0 not whole")


def test_convert_goes_on_after_every_step(tiny_run: Path, stops: Walk) -> None:
    found = stops(tiny_run, lambda: convert(tiny_run, tuple(PATHS)), check_whole)
    # per format: as before, promised, named, recorded
    assert 1 + 3 * len(PATHS) == len(found.states)
    for state in found.states:
        convert(state, tuple(PATHS))
        assert set(PATHS.values()) == check_whole(state)
        for name in ("model.tflite", "model.float32.tflite", "trained_model_graph.pb"):
            if (tiny_run / name).exists():
                assert sha256_of_file(tiny_run / name) == sha256_of_file(state / name), state
    tell("convert", found)


def test_convert_overwriting_leaves_the_old_or_the_new_after_every_step(tiny_run: Path, stops: Walk) -> None:
    """The folder is the hard one: between its two renames neither has the name, and the next run brings one back."""
    formats = ("saved_model", "onnx")
    convert(tiny_run, formats)
    old = sha256_of(tiny_run / "saved_model")
    found = stops(tiny_run, lambda: convert(tiny_run, formats, overwrite=True), check_whole)
    assert old != sha256_of(tiny_run / "saved_model"), "a SavedModel has other bytes each time (DESIGN.md, fact 18)"
    absent = [state for state in found.states if not (state / "saved_model").exists()]
    assert 1 == len(absent)
    for state in found.states:
        convert(state, formats)
        assert {PATHS[name] for name in formats} == check_whole(state)
    assert old == sha256_of(absent[0] / "saved_model")
    tell("convert --overwrite", found)


def test_quantize_goes_on_after_every_step(tiny_run: Path, stops: Walk) -> None:
    found = stops(tiny_run, lambda: quantize(tiny_run, representative_images=3), check_whole)
    assert 1 + 3 * len(RECIPE_PATHS) == len(found.states)
    for state in found.states:
        quantize(state, representative_images=3)
        assert set(RECIPE_PATHS.values()) == check_whole(state)
        for name in RECIPE_PATHS.values():
            assert sha256_of_file(tiny_run / name) == sha256_of_file(state / name), state
    tell("quantize", found)


def visible_and_hidden(root: Path) -> dict[str, str]:
    """Map every file to its hash; the random part of hidden names is taken out, and logs, which are no result."""
    files = {path.relative_to(root): sha256_of_file(path) for path in files_below(root)}
    named = {tuple(part[:-8] if part.startswith(".part-") else part for part in path.parts): path for path in files}
    return {"/".join(parts): files[path] for parts, path in named.items() if parts[0] != "logs"}


def test_a_process_that_is_stopped_leaves_what_was_copied(tiny_run: Path, stops: Walk, tmp_path: Path) -> None:
    """One real stop after the last step of each kind."""
    before = Path(shutil.copytree(tiny_run, tmp_path / "before"))
    copies: list[Path] = []

    def keep(root: Path) -> None:
        copies.append(Path(shutil.copytree(root, tmp_path / f"copy{len(copies)}")))

    steps = stops(tiny_run, lambda: quantize(tiny_run, ("float16",)), keep).steps
    last = {step.split()[0]: number for number, step in enumerate(steps, start=1)}
    assert {"make", "create", "write", "fsync", "rename", "remove"} == set(last)
    named = next(number for number, step in enumerate(steps, 1) if step == "rename model.float16.tflite")
    numbers = sorted({*last.values(), named})
    runs = [Path(shutil.copytree(before, tmp_path / f"stopped{number}")) for number in numbers]
    with ThreadPoolExecutor(2) as pool:
        assert [STOPPED] * len(numbers) == list(pool.map(stop_quantize, numbers, runs))
    for number, run in zip(numbers, runs, strict=True):
        assert visible_and_hidden(copies[number - 1]) == visible_and_hidden(run)
        check_whole(run)
    print(f"real stops of quantize: {len(numbers)}, all as copied")


def stop_quantize(number: int, run: Path) -> int:
    command = [sys.executable, str(STOPPED_PROCESS), str(number), "quantize", str(run), "--recipes", "float16"]
    return subprocess.run(command, capture_output=True, check=False).returncode
