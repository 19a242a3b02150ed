"""Does a frozen graph compute in float32 all the way? In float16 or float64 its exports fail, or need Flex."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from ....contract.errors import InputError

_OTHER_FLOATS = {kind.as_datatype_enum: kind.name for kind in (tf.float16, tf.bfloat16, tf.float64)}
#: These hold or convert values and compute nothing: weights may be stored in float16.
_SILENT = frozenset({"Const", "Cast", "Identity", "Placeholder", "NoOp"})


def check_float32(graph: bytes, where: str) -> None:
    """Refuse a graph with operators that compute in another precision.

    Args:
        graph: a GraphDef, serialized.
        where: names the model in errors.

    Raises:
        InputError: names precisions and operators.
    """
    definition = tf.compat.v1.GraphDef.FromString(graph)
    nodes = [node for part in (definition, *definition.library.function) for node in _nodes(part)]
    found = Counter((kind, node.op) for node in nodes if node.op not in _SILENT for kind in _kinds(node))
    if found:
        raise InputError(
            f"model computes in {' and '.join(sorted({kind for kind, _ in found}))}",
            where=where,
            expected="float32 from the pixels to the answer: what modelport exports to computes in it",
            received=", ".join(f"{op} x{n}" for (_, op), n in sorted(found.items())[:8]),
            fix="export it in float32: where its code is, set the dtype policy to 'float32', build the model again,\n"
            "load its weights, and export that",
        )


def _nodes(part: Any) -> Any:
    return part.node if hasattr(part, "node") else part.node_def


def _kinds(node: Any) -> Iterator[str]:
    """Yield each of the other precisions once that a node's attributes name."""
    types = {number for value in node.attr.values() for number in (value.type, *value.list.type)}
    yield from sorted(_OTHER_FLOATS[number] for number in types & _OTHER_FLOATS.keys())
