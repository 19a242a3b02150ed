"""`modelport convert`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ..contract.errors import UsageError
from ..contract.pixels import InputForm
from ..convert.export_options import ExportOptions, FrozenGraphOptions, OnnxOptions, TfjsOptions, TfliteOptions
from ..convert.formats import DEFAULT_FORMATS, PATHS, VALUE_RANGES
from ..convert.graph_families import FAMILIES
from .comma_list import parse_names
from .ignored_options import refuse_given
from .narration import Terminal
from .quiet import quiet
from .require import require_extra

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
@click.option("--value-range", type=click.Choice(list(VALUE_RANGES)), help="Of the pixels taken.  [default: the run's]")
@click.option(
    "--preprocessing",
    type=click.Choice(["none", "in-graph"]),
    default="none",
    show_default=True,
    help="in-graph: take uint8 images of any size, and resize and scale inside the artifact.",
)
@click.option("--layout", type=click.Choice(["nhwc", "nchw"]), default="nhwc", show_default=True, help="Axes of ONNX.")
@click.option("--opset", type=click.IntRange(13, 18), default=OnnxOptions().opset, show_default=True, help="Of ONNX.")
@click.option("--allow-flex", is_flag=True, help="Let the .tflite use operators that need the Flex delegate.")
@click.option(
    "--min-tflite",
    metavar="VERSION",
    help="Oldest TensorFlow Lite that must run the .tflite; others are refused.  [default: contract.json's]",
)
@click.option("--description", metavar="TEXT", help="In the .tflite's metadata.  [default: what it takes and answers]")
@click.option("--author", metavar="NAME", help="In the .tflite's metadata.")
@click.option("--license", metavar="TEXT", help="In the .tflite's metadata.")
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
@click.option("--overwrite", is_flag=True, help="Write anew what is there already.")
@click.option("--json", "as_json", is_flag=True, help="Print the artifacts as JSON.")
@click.pass_context
def convert(context: click.Context, /, run: str, to: str, overwrite: bool, as_json: bool, **given: Any) -> None:
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
    if given["preprocessing"] == "in-graph":
        refuse_given(context, ["value_range"], needs="--preprocessing none: images come as uint8, 0 to 255")
    wanted = _options(given)
    require_extra("tensorflow", needed_for="modelport convert")
    narrator = Terminal()
    with quiet(run, "convert"):
        from ..convert.convert import convert as convert_run

        artifacts = convert_run(run, formats, wanted, overwrite=overwrite, narrator=narrator)
    if as_json:
        click.echo(json.dumps([asdict(artifact) for artifact in artifacts], indent=2))
    else:
        click.echo(
            f"{len(artifacts)} artifacts in {run}. Next: modelport quantize {run}, then modelport validate {run}"
        )


def _options(given: dict[str, Any]) -> ExportOptions:
    named = {name: {key: given[key] for key in keys} for name, keys in _OF_FORMAT.items()}
    layout = named["onnx"].pop("layout")
    named["frozen_graph"]["aliases"] = _aliases(given["aliases"])
    form = InputForm(
        value_range=None if given["value_range"] is None else VALUE_RANGES[given["value_range"]],
        preprocessing=given["preprocessing"].replace("-", "_"),
        layout=layout.upper(),
    )
    return ExportOptions(
        form=form,
        tflite=TfliteOptions(**named["tflite"]),
        onnx=OnnxOptions(**named["onnx"]),
        frozen_graph=FrozenGraphOptions(**named["frozen_graph"]),
        tfjs=TfjsOptions(**named["tfjs"]),
    )


def _aliases(texts: tuple[str, ...]) -> dict[str, str]:
    for text in texts:
        if not all(text.partition("=")):
            raise UsageError("not an alias", where="--alias", expected="OLD=NEW, such as del=delete", received=text)
    return dict(text.split("=", 1) for text in texts)
