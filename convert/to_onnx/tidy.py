"""Give an ONNX model one form, whatever order tf2onnx went through its sets in: the same bytes in every process."""

from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

#: Name of a value to its sizes; -1: not known.
Shapes = dict[str, list[int]]


def tidy(model: Any) -> None:
    """Settle the Reshapes, sort the nodes, and name every value by its place, in the model itself.

    tf2onnx 1.17 joins Reshapes and folds their shapes in an order that changes from process to process, and numbers
    what it makes. With one form for the Reshapes, all that is left to settle is order and names.
    """
    graph = model.graph
    if any(attribute.HasField("g") or attribute.graphs for node in graph.node for attribute in node.attribute):
        return  # a branch may use outer values by name; no image classifier met so far has one
    _settle_reshapes(graph, _shapes(model))
    _flatten_without_transpose(graph, _shapes(model))
    del graph.value_info[:]
    ordered = list(_from_the_outputs(graph))
    names = _new_names(graph, ordered)
    constants = {tensor.name: tensor for tensor in graph.initializer}
    used = [name for name in names if name in constants]
    for node in ordered:
        node.name = names[node.output[0]]
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        attributes = sorted(node.attribute, key=lambda attribute: attribute.name)
        del node.attribute[:]
        node.attribute.extend(attributes)
        node.doc_string = ""
    tensors = [numpy_helper.from_array(numpy_helper.to_array(constants[name]), names[name]) for name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(ordered)
    graph.initializer.extend(tensors)


def _settle_reshapes(graph: Any, shapes: Shapes) -> None:
    """Give each Reshape whose sizes are known, but for the batch, a constant; drop those that change nothing."""
    outputs, instead, kept = {value.name for value in graph.output}, dict[str, str](), []
    for node in graph.node:
        node.input[:] = [instead.get(name, name) for name in node.input]
        shape = shapes.get(node.output[0], [])
        if node.op_type == "Reshape" and shape and shape.count(-1) <= 1:
            if shapes.get(node.input[0]) == shape and node.output[0] not in outputs:
                instead[node.output[0]] = node.input[0]
                continue
            constant = numpy_helper.from_array(np.array(shape, dtype=np.int64), f"shape of {node.output[0]}")
            graph.initializer.append(constant)
            node.input[1] = constant.name
        kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)


def _flatten_without_transpose(graph: Any, shapes: Shapes) -> None:
    """Sort the rows of a dense layer's weights for what a Flatten gives without a Transpose to NHWC before it."""
    made_by = {name: node for node in graph.node for name in node.output}
    weights = {tensor.name: tensor for tensor in graph.initializer}
    takers = Counter(name for node in graph.node for name in node.input)
    takers.update(value.name for value in graph.output)
    for dense in [node for node in graph.node if node.op_type == "MatMul" and node.input[1] in weights]:
        flat: Any = made_by.get(dense.input[0])
        turned: Any = made_by.get(flat.input[0]) if flat is not None and flat.op_type == "Reshape" else None
        if turned is None or turned.op_type != "Transpose" or list(turned.attribute[0].ints) != [0, 2, 3, 1]:
            continue
        shape, alone = shapes.get(turned.input[0], []), (flat.output[0], turned.output[0], dense.input[1])
        if -1 in shape[1:] or any(takers[name] > 1 for name in alone):
            continue
        channels, height, width = shape[1:]
        if shapes.get(flat.output[0], [])[1:] != [channels * height * width]:  # a row is a pixel, not an image
            continue
        rows = numpy_helper.to_array(weights[dense.input[1]]).reshape(height, width, channels, -1)
        sorted_rows = np.ascontiguousarray(rows.transpose(2, 0, 1, 3).reshape(channels * height * width, -1))
        weights[dense.input[1]].CopyFrom(numpy_helper.from_array(sorted_rows, dense.input[1]))
        flat.input[0] = turned.input[0]


def _shapes(model: Any) -> Shapes:
    """Return the sizes of every value whose rank is known; -1: not known."""
    graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    return {
        value.name: [size.dim_value or -1 for size in value.type.tensor_type.shape.dim]
        for value in (*graph.input, *graph.value_info, *graph.output)
        if value.type.tensor_type.HasField("shape")
    }


def _from_the_outputs(graph: Any) -> Iterator[Any]:
    """Yield the nodes that outputs need, each after those that it needs, in the order of outputs and inputs."""
    made_by = {name: node for node in graph.node for name in node.output if name}
    seen: set[str] = set()
    stack = [(made_by[value.name], False) for value in reversed(graph.output) if value.name in made_by]
    while stack:
        node, is_ready = stack.pop()
        if is_ready:
            yield node
        elif node.output[0] not in seen:
            seen.add(node.output[0])
            stack.append((node, True))
            stack += [(made_by[name], False) for name in reversed(node.input) if name in made_by]


def _new_names(graph: Any, ordered: list[Any]) -> dict[str, str]:
    """Return old to new name of each constant, in the order of use, and of each value between the nodes.

    With a slash, which no head's name has.
    """
    constants, number = {tensor.name for tensor in graph.initializer}, count()
    public = {value.name for value in (*graph.input, *graph.output)}
    names: dict[str, str] = {}
    for place, node in enumerate(ordered):
        for name in node.input:
            if name in constants and name not in names:
                names[name] = f"constant/{next(number)}"
        for index, name in enumerate(node.output):
            if name:
                names[name] = name if name in public else f"{node.op_type}/{place}" + (f"/{index}" if index else "")
    return names
