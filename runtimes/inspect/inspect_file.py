"""The worker's half of `modelport inspect`: tell the format, read the file, find what will go wrong."""

import importlib
import importlib.util
from pathlib import Path
from typing import Any, NamedTuple

from ...contract.errors import MissingExtraError
from ..detect.detect_format import FORMATS, detect_format
from ..embedded_contract.contract_from_facts import add_contract
from ..facts.inspection import Inspection
from ..process.tasks import task
from .problems import add_problems


class Reader(NamedTuple):
    """Where a format's reader is, and the package that it needs beyond the base install."""

    file: str
    name: str
    package: str | None = None


READERS = {
    "tflite": Reader("tflite.inspect_tflite", "inspect_tflite"),
    "onnx": Reader("onnx_file.inspect_onnx", "inspect_onnx"),
    "tfjs": Reader("tfjs.inspect_tfjs", "inspect_tfjs"),
    "keras": Reader("keras_file.inspect_keras", "inspect_keras"),
    "keras_h5": Reader("keras_file.inspect_keras", "inspect_keras_h5", "h5py"),
    "saved_model": Reader("tf_graph.inspect_saved_model", "inspect_saved_model", "tensorflow"),
    "frozen_graph": Reader("tf_graph.inspect_frozen_graph", "inspect_frozen_graph", "tensorflow"),
}


@task
def inspect(arguments: dict[str, Any]) -> dict[str, Any]:
    """Inspect the file or folder at arguments["path"]: a task of a worker, JSON in and out.

    Raises:
        InputError: nothing there, no model, or a damaged one.
        MissingExtraError: its format needs [tensorflow].
    """
    return inspect_here(Path(arguments["path"])).to_json()


def inspect_here(path: Path) -> Inspection:
    """Inspect a file or folder in this process; raises as `inspect` does."""
    kind = detect_format(path)
    reader = READERS[kind]
    if reader.package and importlib.util.find_spec(reader.package) is None:
        raise MissingExtraError(reader.package, needed_for=f"inspecting {path.name} ({FORMATS[kind]})")
    module = importlib.import_module(f"..{reader.file}", __package__)
    inspection: Inspection = getattr(module, reader.name)(path)
    return add_problems(add_contract(inspection, path))
