"""What `convert` and `quantize` ask alike: in which form artifacts take their images, and what a .tflite is told."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from ...contract.image.pixels import InputForm
from ...convert.options.export_options import TfliteOptions
from ...convert.options.formats import VALUE_RANGES
from .ignored_options import refuse_given

_FORM = (
    click.option(
        "--value-range", type=click.Choice(list(VALUE_RANGES)), help="Of the pixels taken.  [default: the run's]"
    ),
    click.option(
        "--preprocessing",
        type=click.Choice(["none", "in-graph"]),
        default="none",
        show_default=True,
        help="in-graph: take uint8 images of any size, and resize and scale inside the artifact.",
    ),
)
_TFLITE = (
    click.option(
        "--min-tflite",
        metavar="VERSION",
        help="Refuse to write a .tflite that needs a newer TensorFlow Lite.  [default: contract.json's]",
    ),
    click.option(
        "--description", metavar="TEXT", help="In the .tflite's metadata.  [default: what it takes and answers]"
    ),
    click.option("--author", metavar="NAME", help="In the .tflite's metadata."),
    click.option("--license", metavar="TEXT", help="In the .tflite's metadata."),
)

Command = Callable[..., Any]


def form_options(command: Command) -> Command:
    """Add --value-range and --preprocessing; `read_form` takes them."""
    return reduce(lambda made, option: option(made), reversed(_FORM), command)


def tflite_options(command: Command) -> Command:
    """Add --min-tflite and what the metadata says; `read_tflite_options` takes them."""
    return reduce(lambda made, option: option(made), reversed(_TFLITE), command)


def read_form(context: click.Context, given: dict[str, Any], layout: str = "nhwc") -> InputForm:
    """Return the form that the command line asks for; takes its options out of `given`."""
    value_range, preprocessing = given.pop("value_range"), given.pop("preprocessing")
    if preprocessing == "in-graph":
        refuse_given(context, ["value_range"], needs="--preprocessing none: images come as uint8, 0 to 255")
    return InputForm(
        value_range=None if value_range is None else VALUE_RANGES[value_range],
        preprocessing=preprocessing.replace("-", "_"),
        layout=layout.upper(),
    )


def read_tflite_options(given: dict[str, Any], *, allow_flex: bool = False) -> TfliteOptions:
    """Return what a .tflite is told; takes its options out of `given`."""
    names = ("min_tflite", "description", "author", "license")
    return TfliteOptions(allow_flex=allow_flex, **{name: given.pop(name) for name in names})
