"""Workaround: tf2onnx's transpose optimizer fails on rank-0 constants.

In tf2onnx 1.17.0 the optimizer calls max() over the empty shape of a scalar that feeds Add or Mul, logs
"max() arg is an empty sequence" and gives up, so that every NHWC/NCHW pair of Transposes stays: 124 of them in
MobileNetV3Large. Giving those constants the shape (1,) first leaves 1. Broadcasting makes the two equal.

Delete this file when tests/convert/to_onnx/test_tf2onnx_scalars.py says that plain tf2onnx needs it no more.
"""

from typing import Any

#: Element-wise operators of two operands that broadcast: beside a tensor, a scalar and a vector of one mean the same.
_BROADCASTING = {"Add", "AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "SquaredDifference", "Pow"}


def widen_scalars(graph: Any) -> tuple[Any, int]:
    """Give every scalar constant the shape (1,) where it meets a tensor in a broadcasting operator.

    One that other operators take as well, an axis say, stays as it is for them.

    Args:
        graph: a tf.Graph, which is not changed; its shapes say which operands are tensors.

    Returns:
        The GraphDef, and the number of constants that were widened in it.
    """
    definition = graph.as_graph_def()
    constants = {node.name: node for node in definition.node if node.op == "Const"}
    widened: dict[str, str] = {}
    for node in list(definition.node):
        if node.op not in _BROADCASTING or not _meets_a_tensor(graph.get_operation_by_name(node.name)):
            continue
        for place, name in enumerate(node.input):
            constant = constants.get(name)
            if constant is not None and not constant.attr["value"].tensor.tensor_shape.dim:
                if name not in widened:
                    widened[name] = _add_copy(definition, constant)
                node.input[place] = widened[name]
    return definition, len(widened)


def _meets_a_tensor(operation: Any) -> bool:
    return max((tensor.shape.rank or 0 for tensor in operation.inputs), default=0) > 0


def _add_copy(definition: Any, constant: Any) -> str:
    copy = definition.node.add()
    copy.CopyFrom(constant)
    copy.name = f"{constant.name}/widened"
    copy.attr["value"].tensor.tensor_shape.dim.add(size=1)
    return str(copy.name)
