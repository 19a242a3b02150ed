"""The runtimes, one file each, loaded inside the worker process when their format is asked for."""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

from ...contract.errors import InputError, MissingExtraError
from ...contract.model_contract.model_contract import ModelContract
from ...contract.model_contract.provenance import tool_versions
from ..facts.driver import Driver
from ..facts.format_runtimes import RUNTIMES
from ..process.tasks import task


def open_driver(format: str, path: str | bytes, contract: ModelContract, *, facts: bool = True) -> Driver:
    """Open `path` with the driver of `format`.

    Args:
        format: a key of RUNTIMES.
        path: the file or folder; or the bytes of a .tflite or .onnx file, whatever is written over it later.
        contract: what it should promise.
        facts: whether to read what stands in the file as well, which takes memory that the runtime does not.

    Raises:
        MissingExtraError: the driver's package is not installed.
        InputError: an unknown format.
    """
    module = _import_driver(format)
    how = {"facts": False} if RUNTIMES[format].driver_reads_facts and not facts else {}
    driver: Driver = getattr(module, RUNTIMES[format].driver.partition(":")[2])(path, contract, **how)
    return driver


@task
def load_runtime(arguments: dict[str, Any]) -> dict[str, Any]:
    """Import the runtime of arguments["format"] and open nothing."""
    module = _import_driver(arguments["format"])
    if hasattr(module, "load_runtime"):
        module.load_runtime()
    return {}


@task
def package_versions(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the version of Python and of those of arguments["packages"] that are installed."""
    return {"python": sys.version} | tool_versions(*arguments["packages"])


def _import_driver(format: str) -> ModuleType:
    if format not in RUNTIMES:
        raise InputError("unknown format", received=format, expected=", ".join(RUNTIMES))
    needed = RUNTIMES[format]
    if needed.packages and not any(map(importlib.util.find_spec, needed.packages)):
        raise MissingExtraError(needed.packages[0], needed_for=f"running a {format} artifact", extra=needed.extra)
    return importlib.import_module(f"..{needed.driver.partition(':')[0]}", __package__)
