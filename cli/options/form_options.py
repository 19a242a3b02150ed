"""What `convert` and `quantize` ask alike: in which form artifacts take their images, and what a .tflite is told."""

from typing import Any

from ...contract.image.pixels import InputForm
from ...contract.options.option import options_of
from ...convert.options.asked_form import AskedForm
from ...convert.options.export_options import TfliteOptions
from .option_of import click_options

_FORM = ("value_range", "preprocessing")
_TFLITE = tuple(name for name in options_of(TfliteOptions) if name != "allow_flex")  # no recipe needs it

#: Adds --value-range and --preprocessing; `read_form` takes them.
form_options = click_options(AskedForm, *_FORM)

#: Adds --min-tflite and what the metadata says; `read_tflite_options` takes them.
tflite_options = click_options(TfliteOptions, *_TFLITE)


def read_form(given: dict[str, Any], **layout: str) -> InputForm:
    """Return the form that the command line asks for; takes its options out of `given`."""
    return AskedForm(**{name: given.pop(name) for name in _FORM}, **layout).form


def read_tflite_options(given: dict[str, Any]) -> TfliteOptions:
    """Return what a .tflite is told; takes its options out of `given`."""
    return TfliteOptions(**{name: given.pop(name) for name in _TFLITE})
