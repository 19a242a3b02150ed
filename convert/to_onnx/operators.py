"""The operators of a GraphDef that ONNX has no counterpart of, as tf2onnx knows it, with their layers."""

from typing import Any

from tf2onnx.handler import tf_op

from ..graph.lacking_operators import refuse_lacking

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
    refuse_lacking(definition, _READ | set(tf_op.create_mapping(opset, [])), "ONNX", "choose another format")
