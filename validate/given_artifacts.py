"""`--artifact FILE`: what is judged is named on the command line, wherever it lies, not by a lock."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..contract.artifacts import FORMATS, Artifact, Lock
from ..contract.errors import InputError, ModelportError, UsageError
from ..contract.hashing import sha256_of, size_bytes_of
from ..runtimes.detect_format import detect_format
from ..runtimes.tasks import run_task
from ..runtimes.workers import FACTS


def describe_given(paths: Sequence[Path], lock: Lock, logs: Path) -> list[Artifact]:
    """Return an Artifact for each file or folder; its `path` is the bare name.

    One that the lock knows by its sha256 keeps its recipe and its parent; of any other the format is told from the
    content, the recipe from the data types, and the parent is unknown ("").

    Args:
        paths: as given.
        lock: of the run.
        logs: folder for what foreign code prints.

    Raises:
        InputError: nothing there, or nothing that a runtime opens.
        UsageError: two of the same name.
    """
    names = [path.absolute().name for path in paths]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError("two artifacts have one name", where="--artifact", received=", ".join(twice), fix="rename one")
    return [_describe(path, lock, logs) for path in paths]


def _describe(path: Path, lock: Lock, logs: Path) -> Artifact:
    kind = detect_format(path)
    kind = "h5" if kind == "keras_h5" else kind
    if kind not in FORMATS:
        raise InputError("not an artifact that is judged", where=path, expected=", ".join(FORMATS), received=kind)
    digest = sha256_of(path)
    for artifact in lock.artifacts:
        if (artifact.sha256, artifact.format) == (digest, kind):
            return replace(artifact, path=path.absolute().name)
    return Artifact(
        path=path.absolute().name,
        format=kind,
        recipe=_recipe(path, kind, logs),
        size_bytes=size_bytes_of(path),
        sha256=digest,
        parent_sha256="",
    )


def _recipe(path: Path, kind: str, logs: Path) -> str:
    """Return the recipe whose budgets fit the data types of the tensors."""
    if kind not in FACTS:
        return "float32"
    try:
        facts = run_task(FACTS[kind], {"path": str(path.absolute())}, log=logs / f"{path.name}.log")
    except ModelportError:  # its runtime will say why it cannot be opened
        return "float32"
    recipe = recipe_of(facts["tensor_dtypes"])
    return "weight_int8" if kind == "tfjs" and recipe.endswith("int8") else recipe


def recipe_of(tensor_dtypes: dict[str, Any]) -> str:
    """Return the recipe that a file with these data types is held to: the strictest in bytes that it could be.

    Example:
        >>> recipe_of({"float32": 120, "int8": 40, "int32": 3})
        'dynamic_int8'
    """
    if any(tensor_dtypes.get(dtype) for dtype in ("int8", "uint8", "int4", "uint4")):
        floats = tensor_dtypes.get("float32", 0) + tensor_dtypes.get("float", 0)
        return "dynamic_int8" if floats > tensor_dtypes.get("int8", 0) else "full_int8"
    return "float16" if tensor_dtypes.get("float16") else "float32"
