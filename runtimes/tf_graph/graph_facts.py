"""Facts about a TensorFlow GraphDef, from its protocol buffer: nothing is imported into a graph or run."""

from collections import Counter
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from typing import Any

from ..facts.description import Operator
from ..facts.inspection import InspectedTensor

DECODERS = ("DecodeJpeg", "DecodeImage", "DecodePng", "DecodeBmp", "DecodeGif", "DecodeAndCropJpeg")
PLACEHOLDERS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
#: Operators that hand on what they get, in another shape or type.
PASSING = ("Identity", "Reshape", "Squeeze", "Cast")
#: Ends that carry no value.
_NO_OUTPUT = ("NoOp", "Const", "Assert", *PLACEHOLDERS)
VARIABLES = ("VariableV2", "Variable", "VarHandleOp", "VarIsInitializedOp")
#: Bytes of one value.
WIDTHS = {"float32": 4, "float64": 8, "float16": 2, "bfloat16": 2}
FLOATS = tuple(WIDTHS)
_EIGHT_BIT = ("int8", "uint8", "qint8", "quint8")


def operators_of_nodes(nodes: Iterable[Any]) -> tuple[Operator, ...]:
    """Return the kinds of operators, sorted by name."""
    counts = Counter(str(node.op) for node in nodes)
    return tuple(Operator(name=name, version=0, count=n) for name, n in sorted(counts.items()))


def ends_of(graph: Any) -> list[Any]:
    """Return the nodes that no other reads: what the graph was made to answer, if nobody cut it badly."""
    read = {name.lstrip("^").split(":")[0] for node in graph.node for name in node.input}
    return [node for node in graph.node if node.name not in read and node.op not in _NO_OUTPUT]


def nodes_behind(graph: Any, tensors: Iterable[str], fed: Iterable[str] = ()) -> list[Any]:
    """Return the nodes that these tensors ("name:0") depend on, functions that are called included, each once.

    What lies behind a node that is `fed` counts only where another way leads to it.
    """
    by_name = {node.name: node for node in graph.node}
    found: dict[str, Any] = {}
    waiting = [name for tensor in tensors if (name := tensor.split(":")[0]) in by_name]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = by_name[name]
            texts = () if name in fed else by_name[name].input
            waiting += [other for text in texts if (other := text.lstrip("^").split(":")[0]) in by_name]
    called = functions_called(graph, found.values())
    inside = [node for item in graph.library.function if item.signature.name in called for node in item.node_def]
    return [*found.values(), *inside]


def functions_called(graph: Any, nodes: Iterable[Any]) -> set[str]:
    """Return the names of the graph's functions that these nodes call, and of those that these call."""
    functions = {function.signature.name: function for function in graph.library.function}
    found: set[str] = set()
    waiting = [name for node in nodes for name in _called(node)]
    while waiting:
        name = waiting.pop()
        if name in functions and name not in found:
            found.add(name)
            waiting += [other for node in functions[name].node_def for other in _called(node)]
    return found


def circle_of_calls(graph: Any) -> list[str]:
    """Return the names of functions that call each other in a circle, the first once more at the end; empty: none."""
    calls = {
        one.signature.name: {name for node in one.node_def for name in _called(node)} for one in graph.library.function
    }
    try:
        TopologicalSorter({name: called & calls.keys() for name, called in calls.items()}).prepare()
    except CycleError as error:
        return [str(name) for name in error.args[1]]
    return []


def _called(node: Any) -> list[str]:
    """Return what a node may call: functions in its attributes, or the one that is its operator."""
    values = list(node.attr.values())
    return [
        node.op,
        *(value.func.name for value in values),
        *(function.name for value in values for function in value.list.func),
    ]


def foreign_operators(names: Iterable[str]) -> tuple[str, ...]:
    """Return the operators that this TensorFlow does not know: custom ones, or those of another release."""
    from tensorflow.python.framework import op_def_registry

    return tuple(sorted(name for name in set(names) if op_def_registry.get(name) is None))


def dtype_name(number: int) -> str:
    """Return the name of a TensorFlow DataType."""
    from tensorflow.core.framework import types_pb2

    known = {value: name for name, value in types_pb2.DataType.items()}
    name = str(known.get(number, f"type {number}")).removeprefix("DT_").lower()
    return {"float": "float32", "double": "float64", "half": "float16", "string": "bytes"}.get(name, name)


def shape_of(shape: Any) -> tuple[int | None, ...] | None:
    """Return a TensorShapeProto's sizes; None for an unknown rank."""
    if shape.unknown_rank:
        return None
    return tuple(None if size.size < 0 else int(size.size) for size in shape.dim)


def elements(shape: tuple[int | None, ...]) -> int:
    """Return how many values a shape has; 0 where a size is open."""
    count = 1
    for size in shape:
        count *= size or 0
    return count


def tensor_of_node(node: Any) -> InspectedTensor:
    """Return what a node says about its output: of a placeholder, all."""
    attributes = node.attr
    dtype = next((attributes[key].type for key in ("dtype", "T", "Tparams") if key in attributes), 0)
    listed = [attributes[key] for key in ("shape", "_output_shapes") if key in attributes]
    shape = None
    for value in listed:
        proto = value.shape if value.HasField("shape") else next(iter(value.list.shape), None)
        shape = None if proto is None else shape_of(proto)
        break
    return InspectedTensor(name=f"{node.name}:0", dtype=dtype_name(dtype), shape=shape)


def constant_sizes(nodes: Iterable[Any]) -> dict[str, tuple[int, int]]:
    """Return dtype to (values, bytes) of the constants that are weights: floats, 8 bits, and not single numbers."""
    found: dict[str, tuple[int, int]] = {}
    for node in nodes:
        if node.op != "Const":
            continue
        tensor = node.attr["value"].tensor
        dtype, shape = dtype_name(tensor.dtype), shape_of(tensor.tensor_shape) or ()
        if dtype in (*FLOATS, *_EIGHT_BIT) and shape:
            old, count = found.get(dtype, (0, 0)), elements(shape)
            found[dtype] = (old[0] + count, old[1] + count * WIDTHS.get(dtype, 1))
    return found
