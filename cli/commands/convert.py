"""`modelport convert`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ...convert.options.export_options import ExportOptions, FrozenGraphOptions, OnnxOptions, TfjsOptions
from ...convert.options.formats import DEFAULT_FORMATS, PATHS
from ...convert.options.graph_families import FAMILIES
from ...runtimes.process.limits import LEAST_MEMORY_MB, MOST_MEMORY_MB
from ..narration import Terminal
from ..options.aliases import read_aliases
from ..options.comma_list import parse_names
from ..options.form_options import form_options, read_form, read_tflite_options, tflite_options
from ..options.ignored_options import refuse_given
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
@click.option("--layout", type=click.Choice(["nhwc", "nchw"]), default="nhwc", show_default=True, help="Axes of ONNX.")
@click.option("--opset", type=click.IntRange(13, 18), default=OnnxOptions().opset, show_default=True, help="Of ONNX.")
@click.option("--allow-flex", is_flag=True, help="Let the .tflite use operators that need the Flex delegate.")
@tflite_options
@click.option(
    "--like", type=click.Path(path_type=Path), help="An old frozen graph: the new one has its inputs and its output."
)
@click.option(
    "--like-labels",
    type=click.Path(path_type=Path),
    help="The old client's labels file: the frozen graph answers in its order.",
)
@click.option(
    "--alias", "aliases", multiple=True, metavar="OLD=NEW", help="Labels that mean the same, such as del=delete."
)
@click.option(
    "--family",
    type=click.Choice(list(FAMILIES)),
    help="Without an old graph: what the client feeds. inception: a file's bytes; mobilenet: 224 x 224 pixels in "
    "-1..1; pixels: the model's size.",
)
@click.option("--input-name", help="Tensor of the frozen graph that the client feeds.")
@click.option("--output-name", help="Tensor that it reads.  [default: final_result:0]")
@click.option(
    "--quantize-weights", type=click.Choice(["float16", "uint8"]), help="How TensorFlow.js weights are stored."
)
@click.option(
    "--limit-memory-mb",
    "memory_mb",
    type=click.IntRange(min=LEAST_MEMORY_MB, max=MOST_MEMORY_MB),
    default=4096,
    show_default=True,
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
    wanted = _options(context, given)
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


def _options(context: click.Context, given: dict[str, Any]) -> ExportOptions:
    given["aliases"] = read_aliases(given["aliases"])
    return ExportOptions(
        form=read_form(context, given, layout=given.pop("layout")),
        tflite=read_tflite_options(given, allow_flex=given.pop("allow_flex")),
        onnx=OnnxOptions(opset=given.pop("opset")),
        tfjs=TfjsOptions(quantize_weights=given.pop("quantize_weights")),
        frozen_graph=FrozenGraphOptions(**given),
    )
