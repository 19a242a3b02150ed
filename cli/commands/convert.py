"""`modelport convert`."""

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import reduce
from typing import Any

import click

from ...contract.options.option import options_of
from ...convert.options.asked_form import AskedForm
from ...convert.options.export_options import ExportOptions
from ...convert.options.formats import DEFAULT_FORMATS, PATHS
from ...runtimes.process.limits import Limits
from ..narration import Terminal
from ..options.aliases import read_aliases
from ..options.comma_list import parse_names
from ..options.form_options import form_options, read_form
from ..options.ignored_options import refuse_given
from ..options.option_of import click_option, click_options
from ..quiet import quiet
from ..require import require_extra


def _format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add every option of every format."""
    owners = reversed(ExportOptions.formats().values())
    return reduce(lambda made, owner: click_options(owner)(made), owners, command)


@click.command()
@click.argument("run")
@click.option(
    "--to",
    default=",".join(DEFAULT_FORMATS),
    show_default=True,
    help=f"Formats, separated by commas: {', '.join(PATHS)}; or all.",
)
@form_options
@click_option(AskedForm, "layout")
@_format_options
@click_option(
    Limits,
    "memory_mb",
    help="MiB of private memory that converting may take; formats are converted side by side as far as it reaches.",
)
@click.option("--overwrite", is_flag=True, help="Write anew what is there already.")
@click.option("--json", "as_json", is_flag=True, help="Print the artifacts as JSON.")
@click.pass_context
def convert(
    context: click.Context, /, run: str, to: str, memory_mb: int, overwrite: bool, as_json: bool, **given: Any
) -> None:
    """Write the model of RUN in other formats, float32, recorded in artifacts.json.

    An artifact that is there already, unchanged, is kept. An old client of a frozen graph calls the new one unchanged
    with --like.

    \b
    Example:
      modelport convert run --to all
      modelport convert run --to tflite,onnx --preprocessing in-graph
      modelport convert run --to frozen_graph --like OLD.pb --like-labels OLD.txt --alias del=delete
    """
    formats = parse_names(to, PATHS, "--to")
    for name, owner in ExportOptions.formats().items():
        if name not in formats:
            own = [*options_of(owner), *(["layout"] if name == "onnx" else [])]
            refuse_given(context, own, needs=f"{name} among --to")
    given["aliases"] = read_aliases(given["aliases"])
    wanted = ExportOptions.told(read_form(given, layout=given["layout"]), given)
    require_extra("tensorflow", needed_for="modelport convert")
    narrator = Terminal()
    with quiet(run, "convert"):
        from ...convert.convert import convert as convert_run

        artifacts = convert_run(run, formats, wanted, overwrite=overwrite, narrator=narrator, memory_mb=memory_mb)
    if as_json:
        click.echo(json.dumps([asdict(artifact) for artifact in artifacts], indent=2))
    else:
        click.echo(
            f"{len(artifacts)} artifacts in {run}. Next: modelport quantize {run}, then modelport validate {run}"
        )
