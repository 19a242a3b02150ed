"""`modelport demo`: the whole way, from images to verdicts, on a data set that needs no network."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..contract.errors import UsageError
from ..contract.narration import Narrator
from ..convert.convert import convert
from ..convert.options.formats import DEFAULT_FORMATS
from ..quantize.quantize import quantize
from ..runtimes.tfjs.tfjs_packages import can_run
from ..training.fit.train import TrainResult, train
from ..training.network.backbones import has_imagenet_weights
from ..training.prepare.options import PrepareOptions
from ..training.prepare.prepare import prepare
from ..training.train_options import TrainOptions
from .digits import write_digits

IMAGE_SIZE = (64, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """What the demo made, apart from the verdicts.

    Attributes:
        dataset: the prepared data set.
        run: the run folder.
        trained: what came out of the training.
    """

    dataset: Path
    run: Path
    trained: TrainResult


def make_demo(folder: Path, *, epochs: int | None, seed: int, narrator: Narrator) -> DemoResult:
    """Prepare, train, convert and quantize below `folder`, which must be empty or new.

    Args:
        folder: receives dataset/ and run/.
        epochs: in all; None: 6 from scratch, 8 in two phases.
        seed: of split, training and calibration.
        narrator: told about each stage.

    Raises:
        UsageError: the folder is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("output exists", where=folder, fix="choose another folder, or delete this one")
    dataset, run = folder / "dataset", folder / "run"
    with TemporaryDirectory() as images:
        count = write_digits(Path(images))
        narrator.say(f"1/4 prepare   {count} images of handwritten digits (scikit-learn's) -> {dataset}")
        prepare(Path(images), dataset, PrepareOptions(seed=seed, copy=True), narrator)
    options = demo_options(epochs, seed)
    two = "ImageNet weights are in Keras' cache: two phases"
    one = "no ImageNet weights at hand, and the demo downloads nothing: from scratch, in one phase"
    narrator.say(f"2/4 train     {options.backbone} at {IMAGE_SIZE[0]} px; {one if options.from_scratch else two}")
    trained = train(dataset, run, options, narrator=narrator)
    narrator.say("3/4 convert and quantize")
    formats = (*DEFAULT_FORMATS, *(["tfjs"] if can_run() else []))  # what nothing here runs would not be judged
    convert(run, formats, narrator=narrator)
    quantize(run, seed=seed, narrator=narrator)
    return DemoResult(dataset=dataset, run=run, trained=trained)


def demo_options(epochs: int | None, seed: int) -> TrainOptions:
    """Return the demo's training options: fine-tuning where ImageNet weights are cached, else from scratch."""
    cached = has_imagenet_weights(TrainOptions().backbone)
    return TrainOptions(
        epochs=epochs or (8 if cached else 6),
        image_size=IMAGE_SIZE,
        weights="imagenet" if cached else "none",
        seed=seed,
        drawing="light-on-dark",
    )
