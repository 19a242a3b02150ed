"""The worker's half of `modelport inspect`: tell the format, read the file, find what will go wrong."""

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from ...contract.errors import MissingExtraError
from ..detect.detect_format import KINDS, detect_format
from ..embedded_contract.contract_from_facts import add_contract
from ..facts.format_runtimes import RUNTIMES
from ..facts.inspection import Inspection
from ..process.tasks import task
from .problems import add_problems


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
    row = RUNTIMES["h5" if kind == "keras_h5" else kind]
    if row.inspector_package and importlib.util.find_spec(row.inspector_package) is None:
        raise MissingExtraError(row.inspector_package, needed_for=f"inspecting {path.name} ({KINDS[kind]})")
    file, function = row.inspector.split(":")
    inspection: Inspection = getattr(importlib.import_module(f"..{file}", __package__), function)(path)
    return add_problems(add_contract(inspection, path))
