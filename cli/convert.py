"""`modelport convert`."""

import json
from dataclasses import asdict

import click

from ..convert.formats import PATHS
from .comma_list import parse_names
from .ignored_options import refuse_given
from .narration import Terminal
from .quiet import quiet
from .require import require_extra


@click.command()
@click.argument("run")
@click.option("--to", default="all", show_default=True, help=f"Formats, separated by commas: {', '.join(PATHS)}.")
@click.option("--allow-flex", is_flag=True, help="Let the .tflite use operators that need the Flex delegate.")
@click.option("--overwrite", is_flag=True, help="Write anew what is there already.")
@click.option("--json", "as_json", is_flag=True, help="Print the artifacts as JSON.")
@click.pass_context
def convert(context: click.Context, run: str, to: str, allow_flex: bool, overwrite: bool, as_json: bool) -> None:
    """Write the model of RUN as SavedModel, frozen graph, TFLite and ONNX, all float32, recorded in artifacts.json.

    An artifact that is there already, unchanged, is kept.

    \b
    Example:
      modelport convert run --to tflite,onnx
    """
    formats = parse_names(to, PATHS, "--to")
    if "tflite" not in formats:
        refuse_given(context, ["allow_flex"], needs="tflite among --to")
    require_extra("tensorflow", needed_for="modelport convert")
    narrator = Terminal()
    with quiet(run, "convert"):
        from ..convert.convert import convert as convert_run

        artifacts = convert_run(run, formats, allow_flex=allow_flex, overwrite=overwrite, narrator=narrator)
    if as_json:
        click.echo(json.dumps([asdict(artifact) for artifact in artifacts], indent=2))
    else:
        click.echo(
            f"{len(artifacts)} artifacts in {run}. Next: modelport quantize {run}, then modelport validate {run}"
        )
