"""`--artifact FILE`: what is judged is named on the command line, wherever it lies, not by a lock."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..contract.errors import InputError, ModelportError, UsageError
from ..contract.files.hashing import sha256_of, size_bytes_of
from ..contract.formats import EXPORTED
from ..contract.image.pixels import InputForm
from ..contract.model_contract.model_contract import ModelContract
from ..contract.run.artifacts import Artifact
from ..contract.run.lock import Lock
from ..runtimes.detect.detect_format import detect_format
from ..runtimes.facts.format_runtimes import FACTS
from ..runtimes.workers.workers import run_task


def describe_given(paths: Sequence[Path], lock: Lock, contract: ModelContract, logs: Path) -> list[Artifact]:
    """Return an Artifact for each file or folder; its `path` is the bare name.

    One that the lock knows by its sha256 keeps its recipe and its parent; of any other the format is told from the
    content, the recipe from the data types, and the parent is unknown (""). One that says of itself that it takes
    images as an artifact of the lock does is judged in that form: it is the same build, made anew. A form that the lock
    does not know is not believed.

    Args:
        paths: as given.
        lock: of the run.
        contract: of the run.
        logs: folder for what foreign code prints.

    Raises:
        InputError: nothing there, or nothing that a runtime opens.
        UsageError: two of the same name.
    """
    names = [path.absolute().name for path in paths]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError("two artifacts have one name", where="--artifact", received=", ".join(twice), fix="rename one")
    return [_describe(path, lock, contract, logs) for path in paths]


def _describe(path: Path, lock: Lock, contract: ModelContract, logs: Path) -> Artifact:
    kind = detect_format(path)
    kind = "h5" if kind == "keras_h5" else kind
    if kind not in EXPORTED:
        raise InputError("not an artifact that is judged", where=path, expected=", ".join(EXPORTED), received=kind)
    digest = sha256_of(path)
    for artifact in lock.artifacts:
        if (artifact.sha256, artifact.format) == (digest, kind):
            return replace(artifact, path=path.absolute().name)
    facts = _facts(path, kind, logs)
    recipe = recipe_of(facts)
    form = _known_form(facts.get("promise"), kind, lock, contract)
    return Artifact(
        path=path.absolute().name,
        format=kind,
        recipe="weight_int8" if kind == "tfjs" and recipe.endswith("int8") else recipe,
        size_bytes=size_bytes_of(path),
        sha256=digest,
        parent_sha256="",
        **asdict(form),
    )


def _facts(path: Path, kind: str, logs: Path) -> dict[str, Any]:
    """Return what stands in the file; nothing where nobody reads it, or its runtime will say why it cannot."""
    if kind not in FACTS:
        return {}
    try:
        return run_task(FACTS[kind], {"path": str(path.absolute())}, log=logs / f"{path.name}.log")
    except ModelportError:
        return {}


def _known_form(promise: dict[str, Any] | None, kind: str, lock: Lock, contract: ModelContract) -> InputForm:
    """Return the form of the artifact of the lock whose input the file's own contract describes, else the run's."""
    inside = (promise or {}).get("input")
    forms = [artifact.form for artifact in lock.artifacts if artifact.format == kind]
    return next((form for form in forms if contract.pixels.taken_as(form).to_json() == inside), InputForm())


def recipe_of(facts: dict[str, Any]) -> str:
    """Return the recipe that a file is held to, by the data type of most of the bytes that it stores.

    Args:
        facts: `stored_bytes` and `tensor_dtypes` of a Description; a file that nobody reads has none.

    Example:
        >>> recipe_of({"stored_bytes": {"float32": 36, "int8": 900}, "tensor_dtypes": {"float32": 12, "int8": 4}})
        'dynamic_int8'
    """
    stored, dtypes = facts.get("stored_bytes", {}), facts.get("tensor_dtypes", {})
    half = sum(stored.values()) / 2
    if sum(stored.get(dtype, 0) for dtype in ("int8", "uint8", "int4", "uint4")) > half:
        floats = dtypes.get("float32", 0) + dtypes.get("float", 0)
        return "dynamic_int8" if floats > dtypes.get("int8", 0) else "full_int8"
    return "float16" if stored.get("float16", 0) > half else "float32"
