"""Write inference's FusedBatchNorm out as a product and a sum, which can then be put into the convolution before it."""

from typing import Any

import numpy as np
import tensorflow as tf

from .fold_graph import constant, value_of

_FUSED = ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")


def unfuse_batch_norm(definition: Any) -> Any:
    """Return the GraphDef with x * s + b in the place of each FusedBatchNorm whose parameters are constants.

    s = scale / sqrt(variance + epsilon), b = offset - mean * s; computed in float64, rounded once.

    Args:
        definition: without control inputs. Models that TensorFlow 1 or tf-keras made hold this operator, Keras 3's not.
    """
    nodes = {node.name: node for node in definition.node}
    statistics = {
        text.split(":")[0] for node in definition.node for text in node.input if not text.endswith(":0") and ":" in text
    }
    result = tf.compat.v1.GraphDef(versions=definition.versions)
    for node in definition.node:
        parameters = [nodes[name.removesuffix(":0")] for name in node.input[1:] if name.removesuffix(":0") in nodes]
        fits = (
            node.op in _FUSED
            and not node.attr["is_training"].b
            and node.attr["data_format"].s in (b"", b"NHWC")
            and [parameter.op for parameter in parameters] == ["Const"] * 4
            and node.name not in statistics  # its other outputs, "name:1" and on, are read
        )
        result.node.extend(_written_out(node, parameters) if fits else [node])
    return result


def _written_out(node: Any, parameters: list[Any]) -> list[Any]:
    scale, offset, mean, variance = (value_of(parameter).astype(np.float64) for parameter in parameters)
    factor = scale / np.sqrt(variance + (node.attr["epsilon"].f if "epsilon" in node.attr else 1e-4))
    shift = offset - mean * factor
    dtype = value_of(parameters[0]).dtype
    constants = [
        constant(f"{node.name}/factor", factor.astype(dtype)),
        constant(f"{node.name}/shift", shift.astype(dtype)),
    ]
    product = tf.compat.v1.NodeDef(name=f"{node.name}/product", op="Mul", input=[node.input[0], constants[0].name])
    total = tf.compat.v1.NodeDef(name=node.name, op="AddV2", input=[product.name, constants[1].name])
    for made in (product, total):
        made.attr["T"].CopyFrom(node.attr["T"])
    return [*constants, product, total]
