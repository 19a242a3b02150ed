"""`train` stopped after every step on disk: the folder is a whole run or clearly none, and --resume goes on."""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError, UsageError
from modelport.contract.files.hashing import files_below
from modelport.contract.labels.labels_file import read_labels
from modelport.contract.model_contract.model_contract import ModelContract
from modelport.contract.run.artifacts import describe_artifact
from modelport.contract.run.reference import read_reference
from modelport.contract.run.run_folder import RunFolder
from modelport.training.prepare.options import PrepareOptions
from modelport.training.prepare.prepare import prepare
from PIL import Image

pytest.importorskip("tensorflow", reason="training needs the extra [tensorflow]")

import keras
from modelport.training.fit.train import train
from modelport.training.fit.training_record import start_record
from modelport.training.run import reference_predictions
from modelport.training.run.run_destination import check_destination

pytestmark = pytest.mark.slow

Walk = Callable[[Path, Callable[[], object], Callable[[Path], object]], Any]
MakeOptions = Callable[..., Any]
STOPPED_PROCESS = Path(__file__).parents[2] / "stopped_process.py"
STOPPED = 77
#: Has the tiny backbone.
CONFTEST = Path(__file__).parents[1] / "conftest.py"

#: What a finished run holds, apart from logs/.
WHOLE = {
    "model.keras",
    "contract.json",
    "training_set_labels.txt",
    "training_history.json",
    "training_history.png",
    "evaluation_report.json",
    "confusion_matrix.png",
    "sample_predictions.png",
    "reference.npz",
}


@pytest.fixture
def few(images: Path, tmp_path: Path) -> Path:
    """A data set of three classes of nine images."""
    for label in images.iterdir():
        shutil.copytree(label, tmp_path / "few" / label.name, ignore=lambda _, names: sorted(names)[9:])
    prepare(tmp_path / "few", tmp_path / "dataset", PrepareOptions())
    return tmp_path / "dataset"


@pytest.fixture
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the reference be predicted here: the process of its own costs seconds, and writes nothing."""

    class Here:
        def __init__(self, model: Path, contract: ModelContract) -> None:
            self._model, self._head = keras.models.load_model(model, compile=False), contract.first_classification.name

        def predict(self, pixels: Any) -> dict[str, Any]:
            return {self._head: np.asarray(self._model(pixels, training=False))}

    @contextmanager
    def open_here(model: Path, format: str, contract: ModelContract, **_: object) -> Iterator[Here]:
        yield Here(model, contract)

    monkeypatch.setattr(reference_predictions, "open_artifact", open_here)


def check_whole(root: Path) -> bool:
    """Check that every file with a final name opens, and that the folder reads as a run or not at all.

    Returns:
        Whether it reads as a run, all files of which are there.
    """
    run = RunFolder(root)
    for path in files_below(root):
        if not any(part.startswith(".part-") or part == "logs" for part in path.relative_to(root).parts):
            parse(path)
    refused = None
    try:
        run.read_contract()
    except InputError as error:
        refused = error.what
    assert refused in (None, "not a run folder", "run folder mixes two runs")
    if refused:
        return False
    assert {path.name for path in root.iterdir()} >= WHOLE
    return True


def parse(path: Path) -> None:
    """Read a file with its own format's reader."""
    if path.suffix == ".json":
        json.loads(path.read_text(encoding="utf-8"))
    elif path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
    elif path.suffix == ".png":
        with Image.open(path) as image:
            image.load()
    elif path.suffix == ".npz":
        read_reference(path)
    elif path.suffix == ".onnx":
        assert b"old" == path.read_bytes()
    else:
        assert "training_set_labels.txt" == path.name
        read_labels(path)


def go_on(few: Path, root: Path, options: Any) -> None:
    """Do what a user does: --resume what was interrupted, begin anew what had not begun, leave what is finished."""
    run = RunFolder(root)
    if check_whole(root):
        with pytest.raises(UsageError, match="training is finished"):
            train(few, root, options, start="resume")
    else:
        train(few, root, options, start="resume" if run.history.is_file() else "new")
    assert check_whole(root)
    assert not (root / "checkpoint").exists()
    history = json.loads(run.history.read_text())
    assert options.epochs == len(history["loss"])


def test_train_goes_on_after_every_step(
    few: Path, tiny_options: MakeOptions, one_process: None, stops: Walk, tmp_path: Path
) -> None:
    run, options = tmp_path / "walk" / "run", tiny_options(epochs=2, batch_size=8)
    (tmp_path / "walk").mkdir()
    found = stops(run, lambda: train(few, run, options), lambda root: not root.exists() or check_whole(root))
    names = {step.split()[-1] for step in found.steps if step.startswith("rename")}
    assert WHOLE | {"epoch-0000.keras", "epoch-0001.keras"} == names
    for state in found.states:
        go_on(few, state, options)
    print(f"train: {len(found.steps)} points, {len(found.states)} distinct states, 0 not whole")


def test_overwriting_a_run_goes_on_after_every_step(
    few: Path, tiny_options: MakeOptions, one_process: None, stops: Walk, tmp_path: Path
) -> None:
    """No stop leaves a folder of two runs that passes for one, and both --overwrite and --resume go on."""
    run, options = RunFolder(tmp_path / "walk" / "run"), tiny_options(epochs=1, batch_size=8)
    train(few, run.root, options)
    (run.root / "model.onnx").write_bytes(b"old")
    facts = {"format": "onnx", "recipe": "float32", "parent_sha256": "0"}
    run.record(describe_artifact(run.root, run.root / "model.onnx", **facts))
    old = json.loads(run.history.read_text())
    data = old["data_sha256"]
    found = stops(
        run.root, lambda: start_record(run, options, policy="float32", data_sha256=data), lambda root: check_whole(root)
    )
    assert [run.history] == list(run.root.iterdir())
    ids = [json.loads(RunFolder(state).history.read_text())["run_id"] for state in found.states]
    assert [True] + [False] * (len(ids) - 1) == [old["run_id"] == found_id for found_id in ids]
    assert [True] + [False] * (len(ids) - 1) == [check_whole(state) for state in found.states]
    for state in found.states:
        again = RunFolder(Path(shutil.copytree(state, state.with_name("again"))))
        check_destination(again.root, few, overwrite=True)
        start_record(again, options, policy="float32", data_sha256=data)
        assert [again.history] == list(again.root.iterdir())
        go_on(few, state, options)
        assert (state == found.states[0]) == (state / "model.onnx").exists()
    print(f"train --overwrite: {len(found.steps)} points, {len(found.states)} distinct states, 0 not whole")


def test_overwriting_a_run_without_history_goes_on_after_every_step(
    few: Path, tiny_options: MakeOptions, one_process: None, stops: Walk, tmp_path: Path
) -> None:
    """An adopted run has none: what is left of it must still be known for a run's."""
    run, options = RunFolder(tmp_path / "walk" / "run"), tiny_options(epochs=1, batch_size=8)
    train(few, run.root, options)
    run.history.unlink()
    found = stops(run.root, lambda: start_record(run, options, policy="float32", data_sha256="0"), lambda root: None)
    for state in found.states:
        check_destination(state, few, overwrite=True)
        assert state == found.states[0] or (state / "training_history.json").exists()


def test_a_process_that_is_stopped_leaves_what_was_found(
    few: Path, tiny_options: MakeOptions, one_process: None, stops: Walk, tmp_path: Path
) -> None:
    """Two real stops, and a real --resume."""
    seen: list[set[str]] = []
    (tmp_path / "walk").mkdir()
    run = tmp_path / "walk" / "run"
    steps = stops(
        run, lambda: train(few, run, tiny_options(epochs=1)), lambda root: seen.append(visible_names(root))
    ).steps
    numbers = [steps.index(step) + 1 for step in ("write epoch-0000.keras", "rename model.keras")]
    runs = [tmp_path / f"stopped{number}" for number in numbers]
    command = f"train {few} RUN --epochs 1 --backbone MobileNetV3Small --weights none --image-size 32 32 --no-augment"
    command += " --batch-size 16 --learning-rate 0.01"
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda number, root: stop(number, command.split(), root), numbers, runs))
    assert [STOPPED] * len(numbers) == codes
    for number, root in zip(numbers, runs, strict=True):
        assert not check_whole(root)
        assert seen[number - 1] == visible_names(root)
    assert 0 == stop(0, [*command.split(), "--resume"], runs[0])
    assert check_whole(runs[0])
    print(f"real stops of train: {len(numbers)}, all as found")


def stop(number: int, command: list[str], root: Path) -> int:
    """Run a command, of which RUN is `root`, with the tiny backbone, to a stop after a step; return the exit code."""
    words = [str(root) if word == "RUN" else word for word in command]
    program = (
        "import runpy, sys, pytest\n"
        "runpy.run_path(sys.argv[1])['put_in_place'](pytest.MonkeyPatch())\n"
        "del sys.argv[:2]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    given = [sys.executable, "-c", program, str(CONFTEST), str(STOPPED_PROCESS), str(number), *words]
    return subprocess.run(given, capture_output=True, check=False).returncode


def visible_names(root: Path) -> set[str]:
    """Return the names of all files but logs and what is hidden."""
    files = (path.relative_to(root) for path in files_below(root))
    return {
        file.as_posix() for file in files if not any(part == "logs" or part.startswith(".part-") for part in file.parts)
    }
