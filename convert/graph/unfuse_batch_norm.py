"""Write inference's FusedBatchNorm out as a product and a sum, which can then be put into the convolution before it."""

from collections.abc import Container
from typing import Any

import numpy as np
import tensorflow as tf

from .fold_graph import constant, free_name, value_of

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
            and _is_inference(node)
            and [parameter.op for parameter in parameters] == ["Const"] * 4
            and parameters[0].attr["dtype"].type == node.attr["T"].type  # else images are float16, statistics float32
            and node.name not in statistics  # its other outputs, "name:1" and on, are read
        )
        result.node.extend(_written_out(node, parameters, nodes) if fits else [node])
    return result


def _is_inference(node: Any) -> bool:
    """Say whether the statistics are given and the channels come last; where nothing is said, it is training."""
    attributes = node.attr
    inference = "is_training" in attributes and not attributes["is_training"].b
    return inference and ("data_format" not in attributes or attributes["data_format"].s == b"NHWC")


def _written_out(node: Any, parameters: list[Any], taken: Container[str]) -> list[Any]:
    scale, offset, mean, variance = (value_of(parameter).astype(np.float64) for parameter in parameters)
    factor = scale / np.sqrt(variance + (node.attr["epsilon"].f if "epsilon" in node.attr else 1e-4))
    shift = offset - mean * factor
    dtype = value_of(parameters[0]).dtype
    times, plus, scaled = (free_name(f"{node.name}/{part}", taken) for part in ("factor", "shift", "product"))
    product = tf.compat.v1.NodeDef(name=scaled, op="Mul", input=[node.input[0], times])
    total = tf.compat.v1.NodeDef(name=node.name, op="AddV2", input=[scaled, plus])
    for made in (product, total):
        made.attr["T"].CopyFrom(node.attr["T"])
    return [constant(times, factor.astype(dtype)), constant(plus, shift.astype(dtype)), product, total]
