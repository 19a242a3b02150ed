"""`modelport convert`."""

import json
from dataclasses import asdict

import click

from ..contract.pixels import InputForm
from ..convert.export_options import ExportOptions, TfliteOptions
from ..convert.formats import PATHS, VALUE_RANGES
from .comma_list import parse_names
from .ignored_options import refuse_given
from .narration import Terminal
from .quiet import quiet
from .require import require_extra


@click.command()
@click.argument("run")
@click.option("--to", default="all", show_default=True, help=f"Formats, separated by commas: {', '.join(PATHS)}.")
@click.option("--value-range", type=click.Choice(list(VALUE_RANGES)), help="Of the pixels taken.  [default: the run's]")
@click.option(
    "--preprocessing",
    type=click.Choice(["none", "in-graph"]),
    default="none",
    show_default=True,
    help="in-graph: take uint8 images of any size, and resize and scale inside the artifact.",
)
@click.option("--layout", type=click.Choice(["nhwc", "nchw"]), default="nhwc", show_default=True, help="Axes of ONNX.")
@click.option("--allow-flex", is_flag=True, help="Let the .tflite use operators that need the Flex delegate.")
@click.option("--overwrite", is_flag=True, help="Write anew what is there already.")
@click.option("--json", "as_json", is_flag=True, help="Print the artifacts as JSON.")
@click.pass_context
def convert(
    context: click.Context,
    run: str,
    to: str,
    value_range: str | None,
    preprocessing: str,
    layout: str,
    allow_flex: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write the model of RUN as SavedModel, frozen graph, TFLite and ONNX, all float32, recorded in artifacts.json.

    An artifact that is there already, unchanged, is kept.

    \b
    Example:
      modelport convert run --to tflite,onnx
      modelport convert run --to tflite --preprocessing in-graph
    """
    formats = parse_names(to, PATHS, "--to")
    if "tflite" not in formats:
        refuse_given(context, ["allow_flex"], needs="tflite among --to")
    if "onnx" not in formats:
        refuse_given(context, ["layout"], needs="onnx among --to")
    if preprocessing == "in-graph":
        refuse_given(context, ["value_range"], needs="--preprocessing none: images come as uint8, 0 to 255")
    form = InputForm(
        value_range=None if value_range is None else VALUE_RANGES[value_range],
        preprocessing=preprocessing.replace("-", "_"),
        layout=layout.upper(),
    )
    options = ExportOptions(form=form, tflite=TfliteOptions(allow_flex=allow_flex))
    require_extra("tensorflow", needed_for="modelport convert")
    narrator = Terminal()
    with quiet(run, "convert"):
        from ..convert.convert import convert as convert_run

        artifacts = convert_run(run, formats, options, overwrite=overwrite, narrator=narrator)
    if as_json:
        click.echo(json.dumps([asdict(artifact) for artifact in artifacts], indent=2))
    else:
        click.echo(
            f"{len(artifacts)} artifacts in {run}. Next: modelport quantize {run}, then modelport validate {run}"
        )
