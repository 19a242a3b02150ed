"""`modelport train`."""

import json
from typing import Any

import click

from ...contract.errors import UsageError
from ...training.train_options import BACKBONE_NAMES, DRAWINGS, PRECISIONS, TrainOptions
from ..narration import Terminal
from ..options.older_spellings import source_and_destination
from ..options.seed_range import SEED
from ..quiet import quiet
from ..require import require_extra
from ..text.run_summary import summary

DEFAULTS = TrainOptions()


class ImageSize(click.Command):
    """Takes `--image-size 200` for `--image-size 200 200`, as older scripts do."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat a lone size."""
        for at, word in enumerate(args[:-1]):
            if word in ("--image-size", "--img_size") and not "".join(args[at + 2 : at + 3]).isdigit():
                args = [*args[: at + 2], args[at + 1], *args[at + 2 :]]
                break
        return super().parse_args(ctx, args)


@click.command(cls=ImageSize)
@click.argument("words", nargs=-1, metavar="DATASET [RUN]")
@click.option(
    "--epochs",
    default=DEFAULTS.epochs,
    show_default=True,
    help="Of both phases: a fifth, at most ten, train the head on the frozen backbone; the rest fine-tune.",
)
@click.option("--batch-size", "--batch_size", default=DEFAULTS.batch_size, show_default=True, help="Images a step.")
@click.option(
    "--image-size",
    "--img_size",
    nargs=2,
    type=int,
    default=DEFAULTS.image_size,
    show_default=True,
    help="Height and width in pixels.",
)
@click.option(
    "--learning-rate",
    "--learning_rate",
    default=DEFAULTS.learning_rate,
    show_default=True,
    help="Of phase 1; phase 2 starts at a tenth.",
)
@click.option(
    "--patience",
    default=DEFAULTS.patience,
    show_default=True,
    help="Epochs without a better validation accuracy that end a phase; half as many halve the learning rate.",
)
@click.option("--backbone", type=click.Choice(BACKBONE_NAMES), default=DEFAULTS.backbone, show_default=True)
@click.option(
    "--weights",
    default=DEFAULTS.weights,
    show_default=True,
    metavar="imagenet|none|PATH",
    help="What the backbone starts from: PATH is a .weights.h5 of it, or another run's model.keras; "
    "none trains all layers from scratch, in one phase.",
)
@click.option(
    "--seed",
    type=SEED,
    default=DEFAULTS.seed,
    show_default=True,
    help="Of shuffling, augmentation and new weights; on a CPU the same seed gives the same model.",
)
@click.option(
    "--augment/--no-augment",
    default=DEFAULTS.augment,
    show_default=True,
    help="Rotate, shift, zoom, brighten, contrast.",
)
@click.option(
    "--horizontal-flip", is_flag=True, help="Mirror images too. Off: a mirrored sign may mean something else."
)
@click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default=DEFAULTS.precision,
    show_default=True,
    help="auto: mixed_float16 on a GPU. Exports are float32 whatever this is.",
)
@click.option(
    "--gpu-memory-limit", "gpu_memory_limit_mb", type=int, help="Megabytes of each GPU; default: grow as needed."
)
@click.option(
    "--min-tflite",
    default=DEFAULTS.min_tflite,
    show_default=True,
    help="Oldest TensorFlow Lite that must run the .tflite files.",
)
@click.option(
    "--drawing",
    type=click.Choice(DRAWINGS),
    help="The images are drawings, with ink of this polarity: a page may take drawings from a canvas, framed as "
    "the images are, which is measured.",
)
@click.option("--allow-leak", is_flag=True, help="Go on although test images are in train or val too.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted training.")
@click.option("--overwrite", is_flag=True, help="Replace the run that is in RUN.")
@click.option("--json", "as_json", is_flag=True, help="Print evaluation_report.json.")
@click.option("--dataset_dir", hidden=True, help="Older spelling of DATASET.")
@click.option("--input_dir", hidden=True, help="Older spelling of DATASET.")
@click.option("--output_dir", hidden=True, help="Older spelling of RUN.")
def train(as_json: bool, resume: bool, overwrite: bool, **given: Any) -> None:
    """Train a classifier on DATASET and write the run folder RUN (default: output).

    Two phases: the head on a frozen backbone, then the backbone too, its BatchNorm layers kept frozen. Stops with the
    likely causes when the loss is no number, or when validation is not above chance after phase 1. Ctrl-C loses nothing
    but the current epoch: go on with --resume.

    \b
    Example:
      modelport train dataset run --epochs 20 --image-size 128 128
    """
    dataset, run = source_and_destination(given, "DATASET", "output")
    if resume and overwrite:
        raise UsageError("--resume and --overwrite cannot be combined", fix="drop one of them")
    options = TrainOptions(**given)
    require_extra("tensorflow", needed_for="modelport train")
    narrator = Terminal()
    with quiet(run, "train"):
        from ...training.fit.train import Start
        from ...training.fit.train import train as train_classifier

        start: Start = "resume" if resume else "overwrite" if overwrite else "new"
        try:
            result = train_classifier(dataset, run, options, start=start, narrator=narrator)
        except KeyboardInterrupt:
            narrator.say(f"{run} keeps every finished epoch; go on with the same command and --resume")
            raise
    click.echo(json.dumps(result.evaluation, indent=2) if as_json else summary(result.evaluation, run))
