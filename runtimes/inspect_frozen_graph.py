"""Inspect a GraphDef (.pb): its placeholders, its ends, its decoders; the graph is not imported or run."""

from pathlib import Path
from typing import Any

from ..contract.errors import InputError
from .graph_facts import (
    DECODERS,
    VARIABLES,
    constant_sizes,
    foreign_operators,
    operators_of_nodes,
    tensor_of_node,
)
from .graph_operators import all_nodes, unlisted, unlisted_sentence
from .inspection import InspectedTensor, Inspection, Problem
from .operator_names import LOADED

_PLACEHOLDERS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
#: Ends that carry no value.
_NO_OUTPUT = ("NoOp", "Const", "Assert", *_PLACEHOLDERS)
_PASSING = ("Identity", "Reshape", "Squeeze", "Cast")


def inspect_frozen_graph(path: Path) -> Inspection:
    """Return what stands in the graph.

    Raises:
        InputError: not a GraphDef, or a damaged one.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.framework import graph_pb2

    graph = graph_pb2.GraphDef()
    try:
        graph.ParseFromString(path.read_bytes())
    except DecodeError as error:
        received = f"{path.stat().st_size:,} bytes; {str(error)[:200]}"
        fix = "copy or download it again, and compare its size with the source"
        raise InputError("frozen graph is damaged", where=path, received=received, fix=fix) from error
    nodes = list(all_nodes(graph))
    names, sizes = {str(node.op) for node in nodes}, constant_sizes(nodes)
    library = {function.signature.name for function in graph.library.function}
    inspection = Inspection(
        path=str(path),
        format="frozen_graph",
        variant=f"TensorFlow GraphDef, producer {graph.versions.producer}",
        size_bytes=path.stat().st_size,
        parameters=sum(count for count, _ in sizes.values()),
        inputs=tuple(tensor_of_node(node) for node in graph.node if node.op in _PLACEHOLDERS),
        outputs=_ends(graph),
        operators=operators_of_nodes(nodes),
        weight_bytes={dtype: size for dtype, (_, size) in sorted(sizes.items())},
        custom_operators=foreign_operators(names - library),
        code_operators=unlisted(nodes, graph, allowed=LOADED),
        metadata={"decoders": ", ".join(sorted(names & set(DECODERS)))} if names & set(DECODERS) else {},
    )
    return inspection.with_problems(*_problems(inspection, graph, names))


def _ends(graph: Any) -> tuple[InspectedTensor, ...]:
    """Return the nodes that no other reads: what the graph was made to answer, if nobody cut it badly."""
    read = {name.lstrip("^").split(":")[0] for node in graph.node for name in node.input}
    return tuple(tensor_of_node(node) for node in graph.node if node.name not in read and node.op not in _NO_OUTPUT)


def _problems(inspection: Inspection, graph: Any, names: set[str]) -> list[Problem]:
    backend, found = ("Python backend", "adopt"), []
    if inspection.code_operators:
        found.append(Problem(where=backend, sentence=unlisted_sentence(inspection.code_operators)))
    variables = sorted(names & set(VARIABLES))
    if variables:
        sentence = (
            f"not frozen: it reads variables ({', '.join(variables)}), whose values are in a checkpoint beside it"
        )
        found.append(Problem(where=backend, sentence=sentence))
    if "DecodeImage" in names:
        found.append(Problem(where=("Python backend",), sentence="DecodeImage is unknown to TensorFlow 1 clients"))
    if graph.library.function:
        sentence = f"{len(graph.library.function)} library functions: TensorFlow 1 clients may not run them"
        found.append(Problem(where=("Python backend",), sentence=sentence))
    if not inspection.inputs:
        found.append(Problem(where=backend, sentence="no placeholder: nothing can be fed"))
    by_name = {node.name: node for node in graph.node}
    for output in inspection.outputs:
        last = _last(by_name, output.name.removesuffix(":0"))
        if last in ("MatMul", "BiasAdd", "Add", "AddV2"):
            sentence = f"output {output.name!r} comes from {last}, no Softmax or Sigmoid: raw scores (logits)"
            found.append(Problem(where=backend, sentence=sentence))
    return found


def _last(by_name: dict[str, Any], name: str) -> str | None:
    for _ in range(len(by_name)):
        node = by_name.get(name)
        if node is None or node.op not in _PASSING or not node.input:
            return str(node.op) if node else None
        name = node.input[0].split(":")[0]
    return None
