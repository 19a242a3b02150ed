"""What in a file may be why its answers are wrong: weights that are all alike or not finite, odd zero points."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..process.tasks import task

#: Weights of fewer values are biases and the like, which may be alike.
_FEWEST = 16

#: Operators whose constants are weights of a layer.
_ONNX_LAYERS = ("Conv", "ConvTranspose", "Gemm", "MatMul")
_TFLITE_LAYERS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "BATCH_MATMUL")
_GRAPH_LAYERS = ("Conv2D", "DepthwiseConv2dNative", "MatMul", "BatchMatMulV2", "Conv2DBackpropInput")

Layer = tuple[str, NDArray[Any]]


@task
def file_suspects(arguments: dict[str, Any]) -> dict[str, Any]:
    """Look into the file at arguments["path"] of format arguments["format"]: a task of a worker.

    Returns:
        "weights": a list of {"name", "shape", "state"}, the state "zero", "constant" or "not finite"; "zero_points": a
        list of the fields of OddZeroPoint; "read": whether this format's weights are read at all.

    Raises:
        InputError: a damaged file.

    """
    readers = {"tflite": _tflite_layers, "onnx": _onnx_layers, "frozen_graph": _graph_layers}
    kind, path = arguments["format"], Path(arguments["path"])
    if kind not in readers:
        return {"weights": [], "zero_points": [], "read": False}
    found = [
        {"name": name[:120], "shape": list(values.shape), "state": state}
        for name, values in readers[kind](path)
        if (state := _state(values))
    ]
    return {"weights": found, "zero_points": _zero_points(path) if kind == "tflite" else [], "read": True}


def _state(values: NDArray[Any]) -> str | None:
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        return "not finite"
    if values.size < _FEWEST:
        return None
    if not values.any():
        return "zero"
    return "constant" if (values == values.flat[0]).all() else None


def _zero_points(path: Path) -> list[dict[str, Any]]:
    from ..tflite.tables import load_tflite
    from ..tflite.zero_points import odd_zero_points

    return [asdict(odd) for odd in odd_zero_points(load_tflite(path.read_bytes(), path))]


def _tflite_layers(path: Path) -> Iterator[Layer]:
    from ..tflite.graph import DTYPES, operators_of
    from ..tflite.tables import load_tflite

    model = load_tflite(path.read_bytes(), path)
    seen = set()
    for graph in model.subgraphs:
        source = _dequantized(model, graph)
        for operator in operators_of(model, graph):
            for number in operator.inputs[1:2] if operator.name in _TFLITE_LAYERS else ():
                tensor = graph.tensors[source.get(number, number)]
                data, dtype = model.buffers[tensor.buffer].data, DTYPES.get(tensor.type, "")
                if data is None or not len(data) or tensor.buffer in seen or dtype not in _NUMBERS:
                    continue
                seen.add(tensor.buffer)
                name = tensor.name.decode(errors="replace") if isinstance(tensor.name, bytes) else str(tensor.name)
                values = np.frombuffer(bytes(data), dtype=_NUMBERS[dtype])
                zeros = getattr(tensor.quantization, "zeroPoint", None)
                if dtype == "uint8" and zeros is not None and len(zeros) == 1:
                    values = values.astype(np.int16) - int(zeros[0])
                shape = tuple(int(size) for size in tensor.shape) if tensor.shape is not None else (values.size,)
                yield name, values.reshape(shape) if values.size == int(np.prod(shape)) else values


_NUMBERS = {"float32": "<f4", "float16": "<f2", "int8": "i1", "uint8": "u1", "int16": "<i2"}


def _dequantized(model: Any, graph: Any) -> dict[int, int]:
    """Return the number of a tensor that DEQUANTIZE writes to the one it reads: float16 weights are kept so."""
    from ..tflite.graph import operators_of

    operators = operators_of(model, graph)
    return {one.outputs[0]: one.inputs[0] for one in operators if one.name == "DEQUANTIZE" and one.inputs}


def _onnx_layers(path: Path) -> Iterator[Layer]:
    import onnx
    from onnx import numpy_helper

    from ..onnx_file.graph import graphs_of

    model = onnx.load(path, load_external_data=False)
    for graph in graphs_of(model):
        held = {tensor.name: tensor for tensor in getattr(graph, "initializer", ())}
        for node in graph.node:
            for name in node.input if node.op_type in _ONNX_LAYERS else ():
                tensor = held.get(name)
                if tensor is not None and tensor.data_location != onnx.TensorProto.EXTERNAL and len(tensor.dims) > 1:
                    yield f"{node.name or name}", numpy_helper.to_array(tensor)


def _graph_layers(path: Path) -> Iterator[Layer]:
    import tensorflow as tf

    definition = tf.compat.v1.GraphDef.FromString(path.read_bytes())
    nodes = {node.name: node for node in definition.node}
    for node in definition.node:
        for source in node.input if node.op in _GRAPH_LAYERS else ():
            held = nodes.get(source.split(":")[0])
            while held is not None and held.op == "Identity" and held.input:
                held = nodes.get(held.input[0].split(":")[0])
            if held is not None and held.op == "Const":
                values = tf.make_ndarray(held.attr["value"].tensor)
                if values.ndim > 1:
                    yield node.name, values
