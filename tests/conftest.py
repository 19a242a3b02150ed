"""What many tests share: a small data set, a run trained on it, and that run with every artifact. All read-only."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from modelport.contract.model_contract import ModelContract, read_contract
from modelport.training.prepare import prepare
from modelport.training.prepare_options import PrepareOptions
from PIL import Image

LABELS = ("blue", "green", "red")
#: Two sizes, neither of them what the run takes, so that every image is resized.
SIZES = ((40, 64), (72, 56))


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
    from modelport.training.options import TrainOptions
    from modelport.training.train import train

    options = TrainOptions(
        epochs=8, batch_size=4, image_size=(48, 48), backbone="MobileNetV3Small", weights="none", augment=False
    )
    run = tmp_path_factory.mktemp("trained") / "run"
    train(dataset, run, options)
    return run


@pytest.fixture(scope="session")
def exported_run(trained_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the run with every format and recipe; full_int8 calibrated on 12 images."""
    from modelport.convert.convert import convert
    from modelport.quantize.quantize import quantize

    run = Path(shutil.copytree(trained_run, tmp_path_factory.mktemp("exported") / "run"))
    convert(run)
    quantize(run, representative_images=12)
    return run


@pytest.fixture(scope="session")
def contract(trained_run: Path) -> ModelContract:
    """The run's contract."""
    return read_contract(trained_run / "contract.json")


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Path], Path]:
    """Return a function that copies a run, so that a test may change it."""
    return lambda run: Path(shutil.copytree(run, tmp_path / "run"))


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
