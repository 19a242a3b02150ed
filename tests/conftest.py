"""What many tests share: a small data set, a run trained on it, and that run with every artifact. All read-only."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.cli.options import judging_options
from modelport.contract.files import disk
from modelport.contract.files.hashing import files_below, sha256_of_file
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.labels.labels_file import write_labels
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, read_contract, write_contract
from modelport.contract.run.run_folder import RunFolder
from modelport.training.prepare.options import PrepareOptions
from modelport.training.prepare.prepare import prepare
from PIL import Image

LABELS = ("blue", "green", "red")
#: Two sizes, neither of them what the run takes, so that every image is resized.
SIZES = ((40, 64), (72, 56))


@pytest.fixture(autouse=True)
def own_answers(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the answers of `modelport validate` in a folder of each test's own, not in the user's cache; return it."""
    folder = tmp_path_factory.mktemp("kept")
    monkeypatch.setattr(judging_options, "cache_folder", lambda: folder)
    return folder


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LABEL/NUMBER.png or .jpg, 30 of each class: noise, and 110 levels more in the label's channel."""
    root, random = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    for channel, label in enumerate(reversed(LABELS)):
        (root / label).mkdir()
        for number in range(30):
            image = random.integers(0, 110, (*SIZES[number % 2], 3), dtype=np.uint8)
            image[:, :, channel] += 110
            Image.fromarray(image).save(root / label / f"{number:02}.{'png' if number % 3 else 'jpg'}")
    return root


@pytest.fixture(scope="session")
def dataset(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The images, split by `prepare`."""
    root = tmp_path_factory.mktemp("prepared") / "dataset"
    prepare(images, root, PrepareOptions())
    return root


@pytest.fixture(scope="session")
def trained_run(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of MobileNetV3Small from scratch; its BatchNorm statistics need some 60 steps to leave their start."""
    pytest.importorskip("tensorflow", reason="training needs the extra [tensorflow]")
    from modelport.training.fit.train import train
    from modelport.training.train_options import TrainOptions

    options = TrainOptions(
        epochs=8, batch_size=4, image_size=(48, 48), backbone="MobileNetV3Small", weights="none", augment=False
    )
    run = tmp_path_factory.mktemp("trained") / "run"
    train(dataset, run, options)
    return run


@pytest.fixture(scope="session")
def exported_run(trained_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the run with every recipe and every format but TF.js, which runs in Node alone; 12 images calibrate."""
    from modelport.convert.convert import WRITERS, convert
    from modelport.quantize.quantize import quantize

    run = Path(shutil.copytree(trained_run, tmp_path_factory.mktemp("exported") / "run"))
    convert(run, [name for name in WRITERS if name != "tfjs"])
    quantize(run, representative_images=12)
    return run


@pytest.fixture(scope="session")
def judged_run(exported_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the exported run with validation/report.json, judged on its own test split by the default budgets."""
    from modelport.validate.judge import judge_run
    from modelport.validate.write_report import write_report

    run = Path(shutil.copytree(exported_run, tmp_path_factory.mktemp("judged") / "run"))
    write_report(judge_run(run), run / "validation")
    return run


@pytest.fixture(scope="session")
def old_runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Return a function that lets modelport make the environment of NAME==VERSION, or skips where it cannot be had.

    They are kept in MODELPORT_CACHE between runs of the tests, where that is set.
    """
    from modelport.contract.errors import InputError
    from modelport.runtimes.environment.environment import interpreter_of

    def make(requirement: str) -> str:
        try:
            interpreter_of(requirement)
        except InputError as error:
            if error.what.startswith(("the package index cannot be reached", "no release")):
                pytest.skip(f"{error.what} ({error.received})")
            raise
        return requirement

    with pytest.MonkeyPatch.context() as patch:
        if "MODELPORT_CACHE" not in os.environ:
            patch.setenv("MODELPORT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield make


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of TensorFlow.js: those of MODELPORT_NODE_MODULES, or installed from tests/node in some 3 s."""
    if given := os.environ.get("MODELPORT_NODE_MODULES"):
        return Path(given).absolute()
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node.js and npm are not installed")
    folder = Path(shutil.copytree(Path(__file__).parent / "node", tmp_path_factory.mktemp("packages") / "node"))
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    if done.returncode:
        pytest.skip(f"npm ci failed: {done.stderr.strip().splitlines()[-1:]}")
    return folder / "node_modules"


@pytest.fixture(scope="session")
def start_chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Return a function that starts a headless Chromium of tests/chromium.py, with flags; skips where there is none."""
    if sys.platform == "win32":
        pytest.skip("Chromium's pipe needs file descriptors of POSIX")
    from modelport.tests.chromium import BROWSERS, Chromium, find_browser

    browser, started = find_browser(), list[Chromium]()
    if browser is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")

    def start(*flags: str) -> Chromium:
        started.append(Chromium(browser, tmp_path_factory.mktemp("chromium"), *flags))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture(scope="session")
def chromium(start_chromium: Callable[..., Any]) -> Any:
    """A running Chromium, in which every test opens pages of its own."""
    return start_chromium()


@pytest.fixture(scope="module")
def in_node(node_modules: Path) -> Iterator[Path]:
    """Let TensorFlow.js models run, for the tests of a module; returns the packages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODELPORT_NODE_MODULES", str(node_modules))
        yield node_modules


@pytest.fixture(scope="session")
def make_tfjs() -> Callable[..., Path]:
    """Return a function that writes a TF.js model by hand: softmax of `slope` times the channel means of an image."""

    def make(folder: Path, *, size: int = 8, slope: float = 8.0, operator: str = "Softmax", **changes: object) -> Path:
        def value(*sizes: int) -> dict[str, object]:
            return {"dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": str(number)} for number in sizes]}}

        shape = {"shape": {"dim": [{"size": str(number)} for number in (-1, size, size, 3)]}}
        nodes = [
            {"name": "input", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}, "shape": shape}},
            {"name": "axes", "op": "Const", "attr": {"dtype": {"type": "DT_INT32"}}},
            {"name": "weight", "op": "Const", "attr": {"dtype": {"type": "DT_FLOAT"}}},
            {"name": "means", "op": "Mean", "input": ["input", "axes"], "attr": {"keep_dims": {"b": False}}},
            {"name": "logits", "op": "MatMul", "input": ["means", "weight"]},
            {"name": "answer", "op": operator, "input": ["logits"]},
        ]
        manifest = [
            {"name": "axes", "shape": [2], "dtype": "int32"},
            {"name": "weight", "shape": [3, 3], "dtype": "float32"},
        ]
        model = {
            "format": "graph-model",
            "modelTopology": {"node": nodes, "versions": {"producer": 1, "minConsumer": 1}},
            "signature": {
                "inputs": {"image": {"name": "input:0", **value(-1, size, size, 3)}},
                "outputs": {"label": {"name": "answer:0", **value(-1, 3)}},
            },
            "weightsManifest": [{"paths": ["weights.bin"], "weights": manifest}],
        }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.json").write_text(json.dumps(model | changes), encoding="utf-8")
        weights = np.array([1, 2], "<i4").tobytes() + (slope * np.eye(3)).astype("<f4").tobytes()
        (folder / "weights.bin").write_bytes(weights)
        return folder

    return make


@pytest.fixture(scope="session")
def contract(trained_run: Path) -> ModelContract:
    """The run's contract."""
    return read_contract(trained_run / "contract.json")


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Path], Path]:
    """Return a function that copies a run, so that a test may change it."""
    return lambda run: Path(shutil.copytree(run, tmp_path / "run"))


@dataclass(frozen=True)
class Stops:
    """What a stage would have left, had its process been stopped.

    Attributes:
        steps: all its steps on disk, such as "rename model.onnx".
        states: copies of the folder after steps, without those that look like one before.
    """

    steps: list[str]
    states: list[Path]


@pytest.fixture
def stops(tmp_path: Path) -> Callable[[Path, Callable[[], object], Callable[[Path], object]], Stops]:
    """Return a function that runs a stage, and checks and copies the folder that it works on after every step on disk.

    Nothing runs after a stop, so what lies there at that moment is what a stopped process leaves: this finds the same
    states without TensorFlow's import for each of them. Other tests stop processes for real, and compare.
    """

    def walk(root: Path, act: Callable[[], object], check: Callable[[Path], object]) -> Stops:
        found, known = Stops([], []), set()

        def observe(step: str, path: Path) -> None:
            found.steps.append(f"{step} {path.name}")
            check(root)
            seen = {
                (path.relative_to(root).as_posix(), sha256_of_file(path))
                for path in files_below(root)
                if not any(part.startswith(".part-") for part in path.relative_to(root).parts)
            }
            if frozenset(seen) not in known:
                known.add(frozenset(seen))
                place = tmp_path / f"stop{len(list(tmp_path.glob('stop*'))) + 1}"
                found.states.append(Path(shutil.copytree(root, place / root.name)))

        with disk.observed(observe):
            act()
        return found

    return walk


@pytest.fixture
def tiny_run(tmp_path: Path, dataset: Path) -> Path:
    """A run of one convolution whose weights nobody trained: each format is written in a second or two."""
    keras = pytest.importorskip("keras", reason="a model needs the extra [tensorflow]")
    run = RunFolder(tmp_path / "made" / "run")
    run.root.mkdir(parents=True)
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(8, 3, activation="relu")(image))
    model = keras.Model(image, keras.layers.Dense(len(LABELS), activation="softmax", name="label")(pooled))
    model.save(run.model)
    made = ModelContract(
        pixels=PixelContract(height=16, width=16),
        heads=(ClassificationHead(name="label", labels=LABELS),),
        parameters=model.count_params(),
        provenance=Provenance(run_id="tiny", model_sha256=sha256_of_file(run.model), dataset=str(dataset)),
    )
    write_labels(run.labels, LABELS)
    write_contract(run.contract, made)
    return run.root


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the working tree, built in a clone: built in place it would leave, and read, a stale build/."""
    root, folder = Path(__file__).parents[1], tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    subprocess.run(["git", "clone", "-q", root, source], check=True)
    changed = ["git", "diff", "HEAD", "--name-only", "--diff-filter=d"]
    for name in subprocess.run(changed, cwd=root, check=True, capture_output=True, text=True).stdout.splitlines():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, source / name)
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "-w", str(folder), str(source)], check=True, stderr=subprocess.DEVNULL)
    (built,) = folder.glob("modelport-*.whl")
    return built
