"""Break a good artifact in one known way: the usual mistakes, made on purpose with other tools than the judge's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from ai_edge_litert import schema_py_generated as schema
from onnx import helper, numpy_helper

Change = Callable[[Any], None]


def with_order(order: list[int]) -> Change:
    """Return a change of an ONNX model: column `order[i]` of its first output comes in place i."""

    def change(model: Any) -> None:
        graph = model.graph
        name = graph.output[0].name
        _rename_output(graph, name, "sabotage_in")
        graph.initializer.append(numpy_helper.from_array(np.array(order, dtype=np.int64), "sabotage_order"))
        graph.node.append(helper.make_node("Gather", ["sabotage_in", "sabotage_order"], [name], axis=1))

    return change


def with_input(*operators: tuple[str, float]) -> Change:
    """Return a change of an ONNX model: binary operators such as ("Div", 255.0) come before all others."""

    def change(model: Any) -> None:
        graph = model.graph
        name, nodes, last = graph.input[0].name, [], graph.input[0].name
        for number, (kind, value) in enumerate(operators):
            graph.initializer.append(numpy_helper.from_array(np.array(value, dtype=np.float32), f"sabotage_{number}"))
            nodes.append(helper.make_node(kind, [last, f"sabotage_{number}"], [f"sabotage_out_{number}"]))
            last = f"sabotage_out_{number}"
        _insert_first(graph, name, last, nodes)

    return change


def with_axis_order(axis: int, order: list[int]) -> Change:
    """Return a change of an ONNX model: the input's `axis` is read in another order, such as [2, 1, 0] for BGR."""

    def change(model: Any) -> None:
        graph = model.graph
        name = graph.input[0].name
        graph.initializer.append(numpy_helper.from_array(np.array(order, dtype=np.int64), "sabotage_order"))
        node = helper.make_node("Gather", [name, "sabotage_order"], ["sabotage_out"], axis=axis)
        _insert_first(graph, name, "sabotage_out", [node])

    return change


def with_transposed_input(model: Any) -> None:
    """Exchange height and width of an ONNX model's (n, height, width, channel) input."""
    name = model.graph.input[0].name
    node = helper.make_node("Transpose", [name], ["sabotage_out"], perm=[0, 2, 1, 3])
    _insert_first(model.graph, name, "sabotage_out", [node])


def with_resize(**attributes: str) -> Change:
    """Return a change of an ONNX model: attributes of every Resize node."""

    def change(model: Any) -> None:
        nodes = [node for node in model.graph.node if node.op_type == "Resize"]
        assert nodes, "no Resize"
        for node in nodes:
            kept = [attribute for attribute in node.attribute if attribute.name not in attributes]
            del node.attribute[:]
            node.attribute.extend([*kept, *(helper.make_attribute(*item) for item in attributes.items())])

    return change


def with_zeroed_weights(number: int) -> Change:
    """Return a change of an ONNX model: the weights of its `number`-th convolution are zero."""

    def change(model: Any) -> None:
        held = {tensor.name: tensor for tensor in model.graph.initializer}
        names = [node.input[1] for node in model.graph.node if node.op_type == "Conv" and node.input[1] in held]
        tensor = held[names[number]]
        tensor.CopyFrom(numpy_helper.from_array(np.zeros(tensor.dims, dtype=np.float32), tensor.name))

    return change


def write_changed_onnx(source: Path, destination: Path, change: Change) -> None:
    """Write a changed copy of an .onnx file."""
    model = onnx.load(source)
    change(model)
    onnx.save(model, destination)


def write_changed_tflite(source: Path, destination: Path, change: Change) -> None:
    """Write a changed copy of a .tflite file: `change` gets the schema's ModelT."""
    import flatbuffers

    data = source.read_bytes()
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    change(model)
    builder = flatbuffers.Builder(len(data) + (1 << 16))
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    destination.write_bytes(bytes(builder.Output()))


def tflite_weights_zeroed(number: int) -> Change:
    """Return a change of a ModelT: the weights of its `number`-th convolution are zero."""

    def change(model: Any) -> None:
        graph = model.subgraphs[0]
        operator = [one for one in graph.operators if _code(model, one) == schema.BuiltinOperator.CONV_2D][number]
        buffer = model.buffers[graph.tensors[int(operator.inputs[1])].buffer]
        buffer.data = np.zeros(len(buffer.data), dtype=np.uint8)

    return change


def tflite_zero_point_moved(where: str, by: int) -> Change:
    """Return a change of a ModelT: the zero point of "input", "output", "weights" or "relu" moves by `by`."""

    def change(model: Any) -> None:
        graph, codes = model.subgraphs[0], schema.BuiltinOperator
        operators = graph.operators
        found: dict[str, Any] = {
            "input": lambda: next(one.outputs[0] for one in operators if _code(model, one) == codes.QUANTIZE),
            "output": lambda: next(one.outputs[0] for one in operators if _code(model, one) == codes.SOFTMAX),
            "weights": lambda: next(one.inputs[1] for one in operators if _code(model, one) == codes.CONV_2D),
            "relu": lambda: next(one.outputs[0] for one in operators if _fused(one) == 1),
        }
        quantization = graph.tensors[int(found[where]())].quantization
        quantization.zeroPoint = np.asarray(quantization.zeroPoint) + by

    return change


def truncate(source: Path, destination: Path, share: float = 0.6) -> None:
    """Write the first part of a file."""
    data = source.read_bytes()
    destination.write_bytes(data[: int(len(data) * share)])


def _code(model: Any, operator: Any) -> int:
    code = model.operatorCodes[operator.opcodeIndex]
    return int(max(code.builtinCode, code.deprecatedBuiltinCode))


def _fused(operator: Any) -> int:
    return int(getattr(operator.builtinOptions, "fusedActivationFunction", 0))


def _rename_output(graph: Any, old: str, new: str) -> None:
    for node in graph.node:
        for place, name in enumerate(node.output):
            if name == old:
                node.output[place] = new


def _insert_first(graph: Any, name: str, last: str, nodes: list[Any]) -> None:
    for node in graph.node:
        for place, source in enumerate(node.input):
            if source == name:
                node.input[place] = last
    for number, node in enumerate(nodes):
        graph.node.insert(number, node)
