"""What the old and the new model take and answer: names, data types, shapes, number of classes, all held together."""

from dataclasses import replace
from pathlib import Path

from ....contract.errors import InputError
from ....contract.model_contract.model_contract import ModelContract
from ....convert.to_frozen_graph.old_graph import OldGraph, read_old_graph
from ....runtimes.facts.description import shape_text
from ....runtimes.facts.inspection import InspectedTensor, Inspection
from ....runtimes.inspect.inspect_artifact import INSPECT
from ....runtimes.process.temporary_log import temporary_log
from ....runtimes.workers.workers import run_task
from ..compare.compare_models import in_order


def check_graph_ends(old: OldGraph, path: Path, where: Path, *, same_classes: bool) -> None:
    """Make sure that a new frozen graph can be called as the old one is.

    Args:
        old: of the graph that goes.
        path: the new graph.
        where: the old graph, for the error.
        same_classes: whether it must answer as many.

    Raises:
        InputError: everything that differs, in the order names, data types, shapes, classes.
    """
    new = read_old_graph(path, None, old.output)
    found = []
    if old.encoded is not None and old.encoded != new.encoded:
        found.append(f"files: {old.encoded}, the new one {new.encoded or 'takes none'}")
    if old.pixels is not None:
        found += _differences(old.pixels, new.pixels, same_name=True)
    if old.output != new.output:
        found.append(f"answer: {old.output}, the new one {new.output}")
    if same_classes and None not in (old.classes, new.classes) and old.classes != new.classes:
        found.append(f"classes: {old.classes}, the new one {new.classes}")
    _refuse(found, where, path)


def check_model_ends(old: Path, new: Path, *, same_classes: bool, same_names: bool) -> None:
    """Make sure that a new Keras model, SavedModel or .h5 can be called as the old one is.

    Args:
        old: the model that goes; it is read in a process of its own, and not run.
        new: the model that comes.
        same_classes: whether it must answer as many.
        same_names: whether the service calls tensors by their names.

    Raises:
        InputError: everything that differs; the old one is damaged or no model.
    """
    with temporary_log("backend") as log:
        theirs, mine = (
            Inspection.from_json(run_task(INSPECT, {"path": str(path.absolute())}, log=log)) for path in (old, new)
        )
    found = []
    if theirs.format != mine.format:
        found.append(f"format: {theirs.format}, the new one {mine.format}")
    for one, other in zip(theirs.inputs[:1], mine.inputs[:1], strict=False):
        found += _differences(one, other, same_name=same_names)
    for one, other in zip(theirs.outputs[:1], mine.outputs[:1], strict=False):
        if same_names and one.name != other.name:
            found.append(f"answer: {one.name}, the new one {other.name}")
        if same_classes and one.shape and other.shape and None not in (sizes := {one.shape[-1], other.shape[-1]}):
            found += [f"classes: {one.shape[-1]}, the new one {other.shape[-1]}"] * (len(sizes) > 1)
    _refuse(found, old, new)


def old_graph_contract(old: OldGraph, contract: ModelContract) -> ModelContract:
    """Return what the old graph promises, in the order of `contract`, so that it can be asked."""
    pixels = old.pixels.name if old.pixels else str(old.encoded)
    names = {"pixels": pixels, "output": old.output} | ({"encoded": old.encoded} if old.encoded else {})
    return replace(in_order(contract, contract.first_classification.labels), tensor_names=names)


def _differences(old: InspectedTensor, new: InspectedTensor | None, *, same_name: bool) -> list[str]:
    if new is None:
        return [f"pixels: {old.name}, the new one takes none"]
    found = [f"pixels: {old.name}, the new one {new.name}"] if same_name and old.name != new.name else []
    if old.dtype != new.dtype:
        found.append(f"pixels: {old.dtype}, the new one {new.dtype}")
    if old.shape is not None and new.shape is not None and not _fits(old.shape, new.shape):
        found.append(f"pixels: {shape_text(old.shape)}, the new one {shape_text(new.shape)}")
    return found


def _fits(old: tuple[int | None, ...], new: tuple[int | None, ...]) -> bool:
    """Whether all that the old one takes the new one does: a size of the old one that is not said may be the new's."""
    return len(old) == len(new) and all(b is None or a in (None, b) for a, b in zip(old, new, strict=True))


def _refuse(found: list[str], where: Path, new: Path) -> None:
    if found:
        raise InputError(
            "the new model cannot be called as the old one is",
            where=where,
            expected="the same names, data types, shapes and number of classes",
            received="\n".join(found),
            fix=f"modelport inspect {where} and {new.name} show both; change the client, or export in the old form",
        )
