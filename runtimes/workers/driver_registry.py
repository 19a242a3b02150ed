"""The runtimes, one file each, loaded inside the worker process when their format is asked for."""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any, NamedTuple

from ...contract.errors import InputError, MissingExtraError
from ...contract.model_contract.model_contract import ModelContract
from ...contract.model_contract.provenance import tool_versions
from ..facts.driver import Driver
from ..process.tasks import task


class Registration(NamedTuple):
    """Where a driver is, and which packages it can run on, the first that is there; extra None is the base install.

    Without packages, the driver looks for what it needs itself.
    """

    file: str
    name: str
    packages: tuple[str, ...]
    extra: str | None


_TFLITE = ("ai_edge_litert", "tflite_runtime", "tensorflow")

DRIVERS = {
    "keras": Registration("keras_file.keras_driver", "KerasDriver", ("keras",), "tensorflow"),
    "saved_model": Registration("tf_graph.saved_model_driver", "SavedModelDriver", ("tensorflow",), "tensorflow"),
    "frozen_graph": Registration("tf_graph.frozen_graph_driver", "FrozenGraphDriver", ("tensorflow",), "tensorflow"),
    "tflite": Registration("tflite.tflite_driver", "TfliteDriver", _TFLITE, None),
    "onnx": Registration("onnx_file.onnx_driver", "OnnxDriver", ("onnxruntime",), None),
    "tfjs": Registration("tfjs.tfjs_driver", "TfjsDriver", (), None),
    "h5": Registration("keras_file.h5_driver", "H5Driver", ("tf_keras",), "tensorflow"),
}

#: Formats whose drivers read the file a second time, for what no runtime tells.
_READ_FACTS = ("tflite", "onnx")


def open_driver(format: str, path: str | bytes, contract: ModelContract, *, facts: bool = True) -> Driver:
    """Open `path` with the driver of `format`.

    Args:
        format: a key of DRIVERS.
        path: the file or folder; or the bytes of a .tflite or .onnx file, whatever is written over it later.
        contract: what it should promise.
        facts: whether to read what stands in the file as well, which takes memory that the runtime does not.

    Raises:
        MissingExtraError: the driver's package is not installed.
        InputError: an unknown format.
    """
    how = {} if facts or format not in _READ_FACTS else {"facts": False}
    driver: Driver = getattr(_import_driver(format), DRIVERS[format].name)(path, contract, **how)
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
    if format not in DRIVERS:
        raise InputError("unknown format", received=format, expected=", ".join(DRIVERS))
    needed = DRIVERS[format]
    if needed.packages and not any(map(importlib.util.find_spec, needed.packages)):
        raise MissingExtraError(needed.packages[0], needed_for=f"running a {format} artifact", extra=needed.extra)
    return importlib.import_module(f"..{needed.file}", __package__)
