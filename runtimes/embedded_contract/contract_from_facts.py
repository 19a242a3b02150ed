"""The modelport contract of an inspected model: inside it, or in a contract.json beside it that stands for it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ...contract.errors import ModelportError
from ...contract.files.hashing import sha256_of
from ...contract.image.pixels import PixelContract
from ...contract.labels.heads import ClassificationHead, Head, head_from_json
from ...contract.model_contract.model_contract import read_contract
from ...contract.run.run_folder import RunFolder
from ..facts.description import shape_text
from ..facts.inspection import Inspection, Problem

#: Larger than any contract: one of 10,000 labels takes some 300 kB.
MAX_CONTRACT_BYTES = 1 << 24


def add_contract(inspection: Inspection, path: Path) -> Inspection:
    """Return the inspection with the contract that was found, checked against what the file itself says."""
    value, found_in = inspection.contract, "inside"
    if value is None and (value := _beside(path)) is not None:
        found_in = "contract.json beside it"
    if value is None:
        return inspection
    try:
        pixels, heads = PixelContract.from_json(value["input"]), tuple(map(head_from_json, value["heads"]))
    except (ModelportError, KeyError, TypeError, ValueError, AttributeError) as error:
        problem = Problem(
            where=("adopt", "CI"), sentence=f"its contract ({found_in}) is not understood: {_first(error)}"
        )
        return replace(inspection, contract=None).with_problems(problem)
    labels = next((head.labels for head in heads if isinstance(head, ClassificationHead)), ())
    known = replace(inspection, contract=value, contract_from=found_in, labels=inspection.labels or labels)
    return known.with_problems(*_contradictions(inspection, pixels, heads), *_unrecorded(path, found_in))


def _beside(path: Path) -> dict[str, Any] | None:
    """Return the contract beside the file, if there is a sound one, with what the lock says differs in this file."""
    file = path.parent / "contract.json"
    try:
        if file.stat().st_size > MAX_CONTRACT_BYTES:
            return None
        contract = read_contract(file)
    except (ModelportError, OSError, RecursionError):
        return None
    try:  # an artifact may take other pixels, or answer in another order
        artifact = RunFolder(path.parent).read_lock().artifact_at(path.name)
        return (artifact.contract_in(contract) if artifact else contract).to_json()
    except (ModelportError, RecursionError):  # `_unrecorded` says so
        return contract.to_json()


def _contradictions(inspection: Inspection, pixels: PixelContract, heads: tuple[Head, ...]) -> list[Problem]:
    found, where = [], ("Flutter app", "Python backend", "CI")
    images = [tensor for tensor in inspection.inputs if tensor.shape is not None and len(tensor.shape) == 4]
    for tensor in images[:1]:
        sizes, expected = tensor.shape[1:] if tensor.shape else (), pixels.shape
        if not any(_fits(sizes, shape) for shape in (expected, (expected[2], *expected[:2]))):
            sentence = f"takes {shape_text(tensor.shape)}, its contract says {shape_text((None, *expected))}"
            found.append(Problem(where=where, sentence=sentence))
    widths = [tensor.shape[-1] for tensor in inspection.outputs if tensor.shape and len(tensor.shape) == 2]
    promised = [head.width for head in heads]
    if widths and None not in widths and sorted(map(str, widths)) != sorted(map(str, promised)):
        sentence = f"answers {', '.join(map(str, widths))} values, its contract says {', '.join(map(str, promised))}"
        found.append(Problem(where=where, sentence=sentence))
    return found


def _fits(sizes: tuple[int | None, ...], shape: tuple[int, ...]) -> bool:
    return all(size in (None, wanted) for size, wanted in zip(sizes, shape, strict=True))


def _unrecorded(path: Path, found_in: str) -> list[Problem]:
    """Return a problem if the file lies in a run folder whose lock has another file, or none, under its name."""
    run = RunFolder(path.parent)
    if not run.lock.is_file() or path.name == run.model.name:
        return []
    try:
        lock = run.read_lock()
    except ModelportError as error:
        return [Problem(where=("CI",), sentence=f"artifacts.json beside it cannot be read: {_first(error)}")]
    listed = {artifact.path: artifact.sha256 for artifact in lock.artifacts}
    recorded = listed.get(path.name, lock.shipped.sha256 if lock.shipped and lock.shipped.path == path.name else None)
    if recorded is None:
        sentence = "artifacts.json beside it does not list it: the contract may not be its own"
        return [] if found_in == "inside" else [Problem(where=("CI",), sentence=sentence)]
    if recorded != sha256_of(path):
        sentence = "not the file that artifacts.json beside it lists: changed after the export, or of another run"
        return [Problem(where=("CI", "Flutter app", "Python backend"), sentence=sentence)]
    return []


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
