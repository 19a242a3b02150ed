"""`modelport adopt`."""

import json
from pathlib import Path
from typing import Any

import click

from ...contract.model_contract.tflite_release import DEFAULT_MIN_TFLITE
from ...training.train_options import DRAWINGS
from ..narration import Terminal
from ..quiet import quiet
from ..require import require_extra
from ..text.run_summary import summary

PATH = click.Path(path_type=Path)


@click.command()
@click.argument("model", type=PATH)
@click.argument("run", type=PATH)
@click.option("--labels", type=PATH, required=True, help="File with one label a line, in the order of the outputs.")
@click.option(
    "--data",
    type=PATH,
    required=True,
    help="Labelled images: a data set (its test split), class folders, or files Label_anything.jpg.",
)
@click.option(
    "--source-range",
    metavar="LOW..HIGH",
    help="What black and white are to the model.  [default: 0..1, 0..255 or -1..1, as measured]",
)
@click.option("--softmax", is_flag=True, help="Append a softmax to a model that answers logits.")
@click.option("--image-size", nargs=2, type=click.IntRange(min=1), help="Height and width, if the model takes any.")
@click.option("--input-name", metavar="NAME:0", help="Tensor of a .pb that takes pixels.  [default: its only image]")
@click.option("--output-name", metavar="NAME:0", help="Tensor of a .pb that answers.  [default: its only end]")
@click.option("--allow-lambda", is_flag=True, help="Run the Python code in the file's Lambda layers, once.")
@click.option(
    "--min-tflite",
    default=DEFAULT_MIN_TFLITE,
    show_default=True,
    help="Oldest TensorFlow Lite that must run the .tflite files.",
)
@click.option(
    "--drawing",
    type=click.Choice(DRAWINGS),
    help="The images are drawings, with ink of this polarity: a page may take drawings from a canvas, framed as "
    "the images are, which is measured.",
)
@click.option("--overwrite", is_flag=True, help="Replace the run that is in RUN.")
@click.option("--json", "as_json", is_flag=True, help="Print evaluation_report.json.")
def adopt(
    model: Path, run: Path, labels: Path, data: Path, source_range: str | None, as_json: bool, **given: Any
) -> None:
    """Make the run folder RUN of MODEL, a classifier trained elsewhere.

    MODEL is a .keras, a legacy .h5, a SavedModel folder, or a frozen graph (.pb). Its value range is measured on the
    labelled images unless it is given; it is never guessed from the layers. No code of the model's author is run, nor
    kept: convert, quantize, validate and predict then work as after a training.

    \b
    Example:
      modelport adopt classifier.h5 run --labels labels.txt --data photos --source-range 0..255
      modelport adopt graph.pb run --labels labels.txt --data photos --output-name final_result:0
    """
    from ...training.adopt.options import AdoptOptions, parse_range

    parsed = parse_range(source_range) if source_range else None
    options = AdoptOptions(source_range=parsed, **given)
    require_extra("tensorflow", needed_for="modelport adopt")
    narrator = Terminal()
    with quiet(run, "adopt"):
        from ...training.adopt.adopt import adopt as adopt_model

        evaluation = adopt_model(model, run, labels, data, options, narrator=narrator)
    click.echo(json.dumps(evaluation, indent=2) if as_json else summary(evaluation, run))
