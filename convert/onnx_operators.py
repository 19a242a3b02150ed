"""The operators of a GraphDef that ONNX has no counterpart of, as tf2onnx knows it, with their layers."""

from typing import Any

from tf2onnx.handler import tf_op

from ..contract.errors import InputError

#: What tf2onnx reads itself, without a handler.
_READ = frozenset({"Const", "Placeholder", "PlaceholderV2", "PlaceholderWithDefault", "NoOp"})


def check_operators(definition: Any, opset: int) -> None:
    """Refuse a GraphDef that tf2onnx cannot convert. To be asked after it failed: it takes loops and lists, as a whole.

    Args:
        definition: the GraphDef.
        opset: of ONNX' own operators.

    Raises:
        InputError: names each operator that is lacking with its node, which begins with its layer.
    """
    known = _READ | set(tf_op.create_mapping(opset, []))
    lacking = {node.op: node.name for node in reversed(definition.node) if node.op not in known}
    if lacking:
        raise InputError(
            f"ONNX has no operator {', '.join(sorted(lacking))}",
            where="\n".join(f"{name} ({operator})" for operator, name in sorted(lacking.items())),
            fix="build that layer of other operators, or choose another format: modelport convert RUN --to saved_model",
        )
