"""TFLite through TensorFlow's converter: float32 here; the quantization recipes set options on the same converter."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...contract.errors import InputError
from ...contract.model_contract.tflite_release import release_key
from ...runtimes.tflite.open_tflite import read_tflite
from ..options.export_options import TfliteOptions
from ..source.source import Source
from .conversion import run_converter
from .metadata import add_metadata

DEFAULTS = TfliteOptions()
_TASK = "modelport.convert.to_tflite.conversion:convert_to_tflite"


def begin_tflite(source: Source, options: TfliteOptions = DEFAULTS) -> None:
    """Let another process convert meanwhile, if there is one."""
    source.conversions.begin(_TASK, lambda: _arguments(source, options))


def write_tflite(source: Source, destination: Path, options: TfliteOptions = DEFAULTS) -> None:
    """Write the float32 model: (1, height, width, channel) float32 in the contract's range -> heads, float32.

    Raises:
        InputError: an operator has no TFLite counterpart, or one that is newer than what must run the file.
    """
    arguments = _arguments(source, options)
    source.conversions.result(_TASK, arguments)
    destination.write_bytes(_finish(Path(arguments["to"]).read_bytes(), source, options))


def _arguments(source: Source, options: TfliteOptions) -> dict[str, Any]:
    return {
        "saved_model": str(source.exported),
        "model": source.model.name,
        "allow_flex": options.allow_flex,
        "to": str(source.scratch / "model.tflite"),
    }


def tflite_bytes(
    source: Source, configure: Callable[[Any], None] = lambda converter: None, options: TfliteOptions = DEFAULTS
) -> bytes:
    """Return the bytes of a file, converted in this process.

    Args:
        source: the model.
        configure: sets a recipe's options on TensorFlow's converter.
        options: see TfliteOptions.

    Raises:
        InputError: as of `write_tflite`.
    """
    data = run_converter(source.exported, source.model.name, allow_flex=options.allow_flex, configure=configure)
    return _finish(data, source, options)


def _finish(data: bytes, source: Source, options: TfliteOptions) -> bytes:
    """Return the file with its metadata; its input and outputs have the names of the signature "serving_default"."""
    oldest = options.min_tflite or source.contract.min_tflite
    data = add_metadata(data, replace(source.contract, pixels=source.taken, min_tflite=oldest), options)
    check_min_tflite(data, oldest, source.model.name)
    return data


def check_min_tflite(data: bytes, oldest: str, where: str) -> None:
    """Raise InputError if the file's operators, as their content truly needs them, are newer than `oldest` serves.

    Args:
        data: a .tflite.
        oldest: the oldest TensorFlow Lite that must run it.
        where: the model's name, for the error.
    """
    facts = read_tflite(data)
    needed = facts["min_tflite"]
    if needed is None or release_key(needed) <= release_key(oldest):
        return
    raise InputError(
        "the file needs a newer TensorFlow Lite than the oldest that must run it",
        where=where,
        expected=f"operators that TensorFlow Lite {oldest} serves",
        received=f"TensorFlow Lite {needed}: {', '.join(facts['min_tflite_because'])}",
        fix=f"replace the operator, or choose another recipe; where every app has it: --min-tflite {needed}",
    )
