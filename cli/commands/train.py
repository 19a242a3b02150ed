"""`modelport train`."""

import json
from typing import Any

import click

from ...contract.errors import UsageError
from ...training.train_options import TrainOptions
from ..narration import Terminal
from ..options.older_spellings import source_and_destination
from ..options.option_of import click_option
from ..quiet import quiet
from ..require import require_extra
from ..text.run_summary import summary


class ImageSize(click.Command):
    """Takes `--image-size 200` for `--image-size 200 200`, as older scripts do."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat a lone size."""
        for at, word in enumerate(args[:-1]):
            if (
                word in ("--image-size", "--img_size")
                and not "".join(args[at + 2 : at + 3]).removeprefix("-").isdigit()
            ):
                args = [*args[: at + 2], args[at + 1], *args[at + 2 :]]
                break
        return super().parse_args(ctx, args)


@click.command(cls=ImageSize)
@click.argument("words", nargs=-1, metavar="DATASET [RUN]")
@click_option(TrainOptions, "epochs")
@click_option(TrainOptions, "batch_size", "--batch_size")
@click_option(TrainOptions, "image_size", "--img_size")
@click_option(TrainOptions, "learning_rate", "--learning_rate")
@click_option(TrainOptions, "patience")
@click_option(TrainOptions, "backbone")
@click_option(TrainOptions, "weights")
@click_option(TrainOptions, "seed")
@click_option(TrainOptions, "augment")
@click_option(TrainOptions, "horizontal_flip")
@click_option(TrainOptions, "precision")
@click_option(TrainOptions, "gpu_memory_limit_mb")
@click_option(TrainOptions, "min_tflite")
@click_option(TrainOptions, "drawing")
@click_option(TrainOptions, "allow_leak")
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
