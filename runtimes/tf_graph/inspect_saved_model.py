"""Inspect a SavedModel folder: its saved_model.pb, parsed and never loaded or run."""

import json
from pathlib import Path
from typing import Any

from ...contract.errors import InputError
from ...contract.files.hashing import size_bytes_of
from ..embedded_contract.embedded_promise import saved_model_says
from ..facts.inspection import InspectedTensor, Inspection, Problem
from .graph_facts import (
    DECODERS,
    FLOATS,
    VARIABLES,
    WIDTHS,
    dtype_name,
    elements,
    nodes_behind,
    operators_of_nodes,
    shape_of,
)
from .graph_operators import all_nodes, unlisted_sentence
from .saved_model_operators import unlisted_in_saved_model

_DEFAULT = "serving_default"
#: Signatures that a SavedModel has for itself.
_INTERNAL = "__saved_model_init_op"


def inspect_saved_model(path: Path) -> Inspection:
    """Return what the SavedModel in folder `path` says.

    Raises:
        InputError: a damaged saved_model.pb, or one without a graph.
    """
    graph, tags = _read(path / "saved_model.pb")
    signatures = {name: entry for name, entry in graph.signature_def.items() if name != _INTERNAL}
    main = signatures.get(_DEFAULT) or (next(iter(signatures.values())) if len(signatures) == 1 else None)
    nodes = list(all_nodes(graph.graph_def))
    answering = nodes_behind(graph.graph_def, [entry.name for entry in main.outputs.values()] if main else [])
    names, sizes = {str(node.op) for node in nodes}, _variables(answering)
    info = graph.meta_info_def
    inspection = Inspection(
        path=str(path),
        format="saved_model",
        variant=f"TensorFlow SavedModel, written by TensorFlow {info.tensorflow_version or '(unknown)'}",
        size_bytes=size_bytes_of(path),
        parameters=sum(count for count, _ in sizes.values()) or None,
        inputs=_tensors(main.inputs) if main else (),
        outputs=_tensors(main.outputs) if main else (),
        operators=operators_of_nodes(answering),
        weight_bytes={dtype: size for dtype, (_, size) in sorted(sizes.items())},
        code_operators=unlisted_in_saved_model(graph),
        metadata=_texts(graph, signatures, names, tags),
        contract=saved_model_says(path)["promise"],
    )
    return inspection.with_problems(*_problems(path, inspection, signatures, graph))


def _read(file: Path) -> tuple[Any, list[str]]:
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    message = saved_model_pb2.SavedModel()
    try:
        message.ParseFromString(file.read_bytes())
    except DecodeError as error:
        received = f"{file.stat().st_size:,} bytes; {str(error)[:200]}"
        fix = "copy or download it again, and compare its size with the source"
        raise InputError("saved_model.pb is damaged", where=file, received=received, fix=fix) from error
    for graph in message.meta_graphs:
        if "serve" in graph.meta_info_def.tags or len(message.meta_graphs) == 1:
            return graph, list(graph.meta_info_def.tags)
    raise InputError(
        "SavedModel has no graph to serve", where=file, expected="one tagged 'serve'", fix="export it again"
    )


def _tensors(entries: Any) -> tuple[InspectedTensor, ...]:
    return tuple(
        InspectedTensor(name=name, dtype=dtype_name(entry.dtype), shape=shape_of(entry.tensor_shape))
        for name, entry in sorted(entries.items())
    )


def _variables(nodes: list[Any]) -> dict[str, tuple[int, int]]:
    """Return dtype to (values, bytes) of the float variables that the signature reads: no optimizer's, no counters."""
    found: dict[str, tuple[int, int]] = {}
    for node in nodes:
        if node.op not in VARIABLES or "shape" not in node.attr:
            continue
        dtype, shape = dtype_name(node.attr["dtype"].type), shape_of(node.attr["shape"].shape) or ()
        if dtype in FLOATS:
            old, count = found.get(dtype, (0, 0)), elements(shape)
            found[dtype] = (old[0] + count, old[1] + count * WIDTHS[dtype])
    return found


def _texts(graph: Any, signatures: dict[str, Any], names: set[str], tags: list[str]) -> dict[str, str]:
    keras = [node.user_object.metadata for node in graph.object_graph_def.nodes[:1]]
    identifiers = {node.user_object.identifier for node in graph.object_graph_def.nodes}
    by_keras = any(identifier.startswith("_tf_keras") for identifier in identifiers)
    texts = {
        "tags": ", ".join(tags),
        "signatures": ", ".join(sorted(signatures)),
        "keras": "a Keras 2 model" if by_keras else "",
        "decoders": ", ".join(sorted(names & set(DECODERS))),
    }
    if by_keras and keras and keras[0]:
        try:
            value = json.loads(keras[0])
            texts["model"] = str(value.get("class_name", ""))[:100] if isinstance(value, dict) else ""
        except (ValueError, RecursionError):
            pass
    return {key: text for key, text in texts.items() if text}


def _problems(path: Path, inspection: Inspection, signatures: dict[str, Any], graph: Any) -> list[Problem]:
    found = []
    if inspection.code_operators:
        sentence = unlisted_sentence(inspection.code_operators)
        found.append(Problem(where=("adopt", "Python backend"), sentence=sentence))
    if _DEFAULT not in signatures:
        listed = ", ".join(sorted(signatures)) or "none"
        sentence = f"no signature {_DEFAULT}: it has {listed}"
        found.append(Problem(where=("adopt", "convert", "CI"), sentence=sentence))
    index, data = path / "variables" / "variables.index", list((path / "variables").glob("variables.data-*"))
    if inspection.parameters and not (index.is_file() and data):
        sentence = "variables/ is missing: the weights are not here"
        found.append(Problem(where=("adopt", "convert", "Python backend"), sentence=sentence))
    elif inspection.parameters:
        there = sum(file.stat().st_size for file in data)
        needed = sum(inspection.weight_bytes.values())
        if there < needed:
            sentence = f"weights are cut off: {there:,} bytes in variables/, its variables need {needed:,}"
            found.append(Problem(where=("adopt", "convert", "Python backend"), sentence=sentence))
    return found
