"""`modelport adopt`."""

import json
from pathlib import Path
from typing import Any

import click

from ...training.adopt.options import AdoptOptions, parse_range
from ..narration import Terminal
from ..options.option_of import click_option
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
@click_option(AdoptOptions, "source_range")
@click_option(AdoptOptions, "softmax")
@click_option(AdoptOptions, "image_size")
@click_option(AdoptOptions, "input_name")
@click_option(AdoptOptions, "output_name")
@click_option(AdoptOptions, "allow_lambda")
@click_option(AdoptOptions, "min_tflite")
@click_option(AdoptOptions, "drawing")
@click_option(AdoptOptions, "overwrite")
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
    parsed = parse_range(source_range) if source_range else None
    options = AdoptOptions(source_range=parsed, **given)
    require_extra("tensorflow", needed_for="modelport adopt")
    narrator = Terminal()
    with quiet(run, "adopt"):
        from ...training.adopt.adopt import adopt as adopt_model

        evaluation = adopt_model(model, run, labels, data, options, narrator=narrator)
    click.echo(json.dumps(evaluation, indent=2) if as_json else summary(evaluation, run))
