"""`modelport convert`."""

import json
from dataclasses import asdict
from typing import Any

import click

from ...convert.options.asked_form import AskedForm
from ...convert.options.export_options import ExportOptions, FrozenGraphOptions, OnnxOptions, TfjsOptions, TfliteOptions
from ...convert.options.formats import DEFAULT_FORMATS, PATHS
from ...runtimes.process.limits import Limits
from ..narration import Terminal
from ..options.aliases import read_aliases
from ..options.comma_list import parse_names
from ..options.form_options import form_options, read_form, read_tflite_options, tflite_options
from ..options.ignored_options import refuse_given
from ..options.option_of import click_option
from ..quiet import quiet
from ..require import require_extra

#: Options that count for one format alone.
_OF_FORMAT = {
    "tflite": ("allow_flex", "min_tflite", "description", "author", "license"),
    "onnx": ("layout", "opset"),
    "frozen_graph": ("like", "like_labels", "aliases", "family", "input_name", "output_name"),
    "tfjs": ("quantize_weights",),
}


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
@click_option(OnnxOptions, "opset")
@click_option(TfliteOptions, "allow_flex")
@tflite_options
@click_option(FrozenGraphOptions, "like")
@click_option(FrozenGraphOptions, "like_labels")
@click_option(FrozenGraphOptions, "aliases")
@click_option(FrozenGraphOptions, "family")
@click_option(FrozenGraphOptions, "input_name")
@click_option(FrozenGraphOptions, "output_name")
@click_option(TfjsOptions, "quantize_weights")
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
    for name, options in _OF_FORMAT.items():
        if name not in formats:
            refuse_given(context, options, needs=f"{name} among --to")
    wanted = _options(given)
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


def _options(given: dict[str, Any]) -> ExportOptions:
    given["aliases"] = read_aliases(given["aliases"])
    return ExportOptions(
        form=read_form(given, layout=given.pop("layout")),
        tflite=read_tflite_options(given, allow_flex=given.pop("allow_flex")),
        onnx=OnnxOptions(opset=given.pop("opset")),
        tfjs=TfjsOptions(quantize_weights=given.pop("quantize_weights")),
        frozen_graph=FrozenGraphOptions(**given),
    )
