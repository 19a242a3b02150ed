"""What `convert` and `quantize` ask alike: in which form artifacts take their images, and what a .tflite is told."""

from collections.abc import Callable
from functools import reduce
from typing import Any

from ...contract.image.pixels import InputForm
from ...convert.options.asked_form import AskedForm
from ...convert.options.export_options import TfliteOptions
from .option_of import click_option

_FORM = ("value_range", "preprocessing")
_TFLITE = ("min_tflite", "description", "author", "license")

Command = Callable[..., Any]


def form_options(command: Command) -> Command:
    """Add --value-range and --preprocessing; `read_form` takes them."""
    return reduce(lambda made, name: click_option(AskedForm, name)(made), reversed(_FORM), command)


def tflite_options(command: Command) -> Command:
    """Add --min-tflite and what the metadata says; `read_tflite_options` takes them."""
    return reduce(lambda made, name: click_option(TfliteOptions, name)(made), reversed(_TFLITE), command)


def read_form(given: dict[str, Any], **layout: str) -> InputForm:
    """Return the form that the command line asks for; takes its options out of `given`."""
    return AskedForm(**{name: given.pop(name) for name in _FORM}, **layout).form


def read_tflite_options(given: dict[str, Any], *, allow_flex: bool = False) -> TfliteOptions:
    """Return what a .tflite is told; takes its options out of `given`."""
    return TfliteOptions(allow_flex=allow_flex, **{name: given.pop(name) for name in _TFLITE})
