"""Inspect a GraphDef (.pb): its placeholders, its ends, its decoders; the graph is not imported or run."""

from pathlib import Path
from typing import Any

from ..facts.inspection import Inspection, Problem
from .graph_facts import (
    DECODERS,
    PASSING,
    PLACEHOLDERS,
    VARIABLES,
    constant_sizes,
    ends_of,
    foreign_operators,
    operators_of_nodes,
    tensor_of_node,
)
from .graph_operators import all_nodes, unlisted, unlisted_sentence
from .operator_names import LOADED
from .read_graph_def import read_graph_def


def inspect_frozen_graph(path: Path) -> Inspection:
    """Return what stands in the graph.

    Raises:
        InputError: not a GraphDef, or a damaged one.
    """
    graph = read_graph_def(path)
    nodes = list(all_nodes(graph))
    names, sizes = {str(node.op) for node in nodes}, constant_sizes(nodes)
    library = {function.signature.name for function in graph.library.function}
    inspection = Inspection(
        path=str(path),
        format="frozen_graph",
        variant=f"TensorFlow GraphDef, producer {graph.versions.producer}",
        size_bytes=path.stat().st_size,
        parameters=sum(count for count, _ in sizes.values()),
        inputs=tuple(tensor_of_node(node) for node in graph.node if node.op in PLACEHOLDERS),
        outputs=tuple(map(tensor_of_node, ends_of(graph))),
        operators=operators_of_nodes(nodes),
        weight_bytes={dtype: size for dtype, (_, size) in sorted(sizes.items())},
        custom_operators=foreign_operators(names - library),
        code_operators=unlisted(nodes, graph, allowed=LOADED),
        metadata={"decoders": ", ".join(sorted(names & set(DECODERS)))} if names & set(DECODERS) else {},
    )
    return inspection.with_problems(*_problems(inspection, graph, names))


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
        if node is None or node.op not in PASSING or not node.input:
            return str(node.op) if node else None
        name = node.input[0].split(":")[0]
    return None
