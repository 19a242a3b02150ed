"""Mistakes that stand in the file: layers without weights; odd zero points, put right in a copy that is run."""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from ...contract.errors import ModelportError
from ...runtimes.workers.workers import run_task
from .difference import difference
from .sample import Asked, Candidate, choose_rows

_SUSPECTS = "modelport.runtimes.inspect.file_suspects:file_suspects"

#: Zero points that are tried, one copy of the file each.
_MOST_COPIES = 12

#: Formats of other artifacts that are read to compare with: those that cost no TensorFlow.
_COMPARED = ("tflite", "onnx")

#: Layers that are named.
_NAMED = 3

_STATES = {
    "zero": "are all zero",
    "constant": "are all the same number",
    "not finite": "hold NaN or infinity",
}


def file_facts(asked: Asked, states: tuple[str, ...]) -> list[str]:
    """Return a sentence for each state that the weights of layers are in; none that a sound artifact of the run shares.

    Args:
        asked: whose file.
        states: of "zero", "constant" and "not finite".

    """
    told = _suspects(asked, asked.bench.path_of(asked.artifact), asked.artifact.format)
    found = [layer for layer in told["weights"] if layer["state"] in states]
    if not found:
        return []
    shared, compared = _of_siblings(asked)
    own = [layer for layer in found if (layer["state"], _size(layer)) not in shared]
    sentences = []
    for state in states:
        layers = [layer for layer in own if layer["state"] == state]
        if layers:
            names = ", ".join(f"{layer['name']!r} {_shape(layer)}" for layer in layers[:_NAMED])
            more = f", and of {len(layers) - _NAMED} more" if len(layers) > _NAMED else ""
            alone = "" if compared else ", and no other artifact of the run is here that would have them"
            sentences.append(f"the weights of {names}{more} {_STATES[state]}{alone}")
    return sentences


def file_candidates(asked: Asked) -> Iterator[Candidate]:
    """Yield each odd zero point, with the difference that is left in a copy of the file that has the expected one."""
    if asked.artifact.format != "tflite":
        return
    asked.note_tried("zero points")
    path = asked.bench.path_of(asked.artifact)
    rows = choose_rows(asked)
    before = difference(asked.answers(rows), asked.expected(rows), asked.heads)
    if before is None:
        return
    for odd in _suspects(asked, path, "tflite")["zero_points"][:_MOST_COPIES]:
        with suppress(ModelportError), tempfile.TemporaryDirectory(prefix="modelport-") as folder:
            copy = Path(folder) / path.name
            copy.write_bytes(_with_zero_point(path.read_bytes(), odd["tensor"], odd["expected"]))
            contract, log = asked.bench.contract_of(asked.artifact), asked.bench.logs / "diagnosis.log"
            with asked.bench.open_artifact(copy, "tflite", contract, log=log) as session:
                mended = Asked(session, asked.door, asked.artifact, asked.budgets, asked.bench)
                after = difference(mended.answers(rows), asked.expected(rows), asked.heads)
        if after is not None:
            words = f"zero point of {odd['words']} is {odd['zero_point']}, not {odd['expected']}"
            yield Candidate(words=words, before=before, after=after, proof="put right in a copy of the file")


def _suspects(asked: Asked, path: Path, format: str) -> dict[str, Any]:
    """Return what file_suspects says; nothing for a file that it cannot read."""
    try:
        arguments = {"path": str(path.absolute()), "format": format}
        return run_task(_SUSPECTS, arguments, log=asked.bench.logs / "diagnosis.log")
    except ModelportError:
        return {"weights": [], "zero_points": [], "read": False}


def _of_siblings(asked: Asked) -> tuple[set[tuple[str, int]], bool]:
    """Return what weights of all other artifacts are in the same state, as a pruned model's are; and if there was one.

    What only some have is no pruning: those were made from one another, or broken alike.
    """
    states: list[set[tuple[str, int]]] = []
    for sibling in asked.bench.siblings:
        path = asked.bench.root / sibling.path
        is_other = path.is_file() and path != asked.bench.path_of(asked.artifact)
        if is_other and sibling.format in _COMPARED:
            told = _suspects(asked, path, sibling.format)
            if told["read"]:
                states.append({(layer["state"], _size(layer)) for layer in told["weights"]})
    return set.intersection(*states) if states else set(), bool(states)


def _size(layer: dict[str, Any]) -> int:
    return int(np.prod(layer["shape"]))


def _shape(layer: dict[str, Any]) -> str:
    return f"({' x '.join(map(str, layer['shape']))})"


def _with_zero_point(data: bytes, tensor: int, zero_point: int) -> bytes:
    """Return a .tflite file with another zero point, in its place, of one tensor of the main graph."""
    from ...runtimes.tflite.zero_points import zero_point_places

    patched = bytearray(data)
    for place in zero_point_places(data, tensor):
        patched[place : place + 8] = zero_point.to_bytes(8, "little", signed=True)
    return bytes(patched)
