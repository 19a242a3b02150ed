"""Workaround: tf2onnx's transpose optimizer fails on rank-0 constants.

In tf2onnx 1.17.0 the optimizer calls max() over the empty shape of a scalar that feeds Add or Mul, logs
"max() arg is an empty sequence" and gives up, so that every NHWC/NCHW pair of Transposes stays: 124 of them in
MobileNetV3Large. Giving those constants the shape (1,) first leaves 1. Broadcasting makes the two equal.

Delete this file when tests/convert/test_tf2onnx_scalars.py says that plain tf2onnx needs it no more.
"""

from typing import Any

#: Element-wise operators of two operands that broadcast: there a scalar and a vector of one mean the same.
_BROADCASTING = {"Add", "AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "SquaredDifference", "Pow"}


def widen_scalars(definition: Any) -> int:
    """Give scalar constants that only feed broadcasting operators the shape (1,), in place.

    Args:
        definition: a GraphDef that the caller made for this purpose.

    Returns:
        The number of constants that were changed.
    """
    consumers: dict[str, set[str]] = {}
    for node in definition.node:
        for name in node.input:
            consumers.setdefault(name.removeprefix("^").split(":")[0], set()).add(node.op)
    scalars = [
        node.attr["value"].tensor
        for node in definition.node
        if node.op == "Const"
        and not node.attr["value"].tensor.tensor_shape.dim
        and consumers.get(node.name, set()) <= _BROADCASTING
    ]
    for tensor in scalars:
        tensor.tensor_shape.dim.add(size=1)
    return len(scalars)
