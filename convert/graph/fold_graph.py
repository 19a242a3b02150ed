"""Take out of a GraphDef what is known before any image comes: constants, and the scales of BatchNormalization."""

import math
from collections import Counter
from collections.abc import Container
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.core.framework import types_pb2
from tensorflow.python.framework import op_def_registry

_CONVOLUTIONS = ("Conv2D", "DepthwiseConv2dNative")


def fold_constants(definition: Any, outputs: list[str]) -> Any:
    """Return the GraphDef with a Const in the place of each tensor that depends on no input.

    Args:
        definition: without functions and control flow.
        outputs: names of the operations that must stay.
    """
    nodes = {node.name: node for node in definition.node}
    known = _independent(definition)
    wanted = sorted(
        {
            name
            for node in definition.node
            if node.name not in known
            for name in node.input
            if name in known and nodes[name].op != "Const"
        }
    )
    values = dict(zip(wanted, _run(definition, wanted), strict=True)) if wanted else {}
    result = tf.compat.v1.GraphDef(versions=definition.versions)
    for node in definition.node:
        result.node.append(constant(node.name, values[node.name]) if node.name in values else node)
    return tf.compat.v1.graph_util.extract_sub_graph(result, outputs)


def fold_scales(definition: Any, outputs: list[str]) -> Any:
    """Return the GraphDef with each multiplication by a constant for each channel put into the convolution before it.

    Conv2D(x, w) * s  becomes  Conv2D(x, w * s)
    """
    result = tf.compat.v1.GraphDef.FromString(definition.SerializeToString())
    nodes = {node.name: node for node in result.node}
    users = Counter([*outputs, *(name for node in result.node for name in _names(node))])
    replaced: dict[str, str] = {}
    for node in list(result.node):
        found = _scaled_convolution(node, nodes, users) if node.name not in outputs else None
        if found is None:
            continue
        convolution, weights = found
        folded = constant(free_name(f"{node.name}/weights", nodes), weights)
        result.node.append(folded)
        convolution.input[1] = folded.name
        replaced[node.name] = convolution.name
    for node in result.node:
        node.input[:] = [replaced.get(name.removesuffix(":0"), name) for name in node.input]
    return tf.compat.v1.graph_util.extract_sub_graph(result, outputs)


def free_name(wanted: str, taken: Container[str]) -> str:
    """Return a name that no node has: `wanted`, with underscores behind it if need be."""
    while wanted in taken:
        wanted += "_"
    return wanted


def constant(name: str, value: NDArray[Any] | np.generic) -> Any:
    """Return a Const node."""
    node = tf.compat.v1.NodeDef(name=name, op="Const")
    node.attr["dtype"].type = tf.as_dtype(value.dtype).as_datatype_enum
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    return node


def value_of(node: Any) -> NDArray[Any]:
    """Return the value of a Const node."""
    return np.asarray(tf.make_ndarray(node.attr["value"].tensor))


def _independent(definition: Any) -> set[str]:
    """Return the names of the nodes that depend on no input, and that answer the same each time.

    A node with several outputs is none, so that every name is a tensor's, too.
    """
    waiting, known = list(definition.node), set[str]()
    while True:
        found = {node.name for node in waiting if _is_fixed(node) and known.issuperset(_names(node))}
        if not found:
            return known
        known |= found
        waiting = [node for node in waiting if node.name not in found]


def _names(node: Any) -> list[str]:
    return [name.removesuffix(":0") for name in node.input]


def _is_fixed(node: Any) -> bool:
    described = op_def_registry.get(node.op)
    return (
        node.op != "Placeholder"
        and described is not None
        and not described.is_stateful
        and len(described.output_arg) == 1
        and not described.output_arg[0].number_attr
        and not described.output_arg[0].type_list_attr
        and described.output_arg[0].type != types_pb2.DT_VARIANT  # a list of tensors
    )


def _run(definition: Any, names: list[str]) -> list[NDArray[Any]]:
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(tf.compat.v1.graph_util.extract_sub_graph(definition, names), name="")
    with tf.compat.v1.Session(graph=graph) as session:
        return [np.asarray(value) for value in session.run([f"{name}:0" for name in names])]


def _scaled_convolution(
    node: Any, nodes: dict[str, Any], users: Counter[str]
) -> tuple[Any, NDArray[np.float32]] | None:
    """Return the convolution and its weights, scaled, if `node` multiplies its channels, and nothing else reads it.

    In float16 the product of two numbers soon is too large or too small, where TensorFlow computes in float32.
    """
    if node.op != "Mul":
        return None
    for given, factor in (_names(node), reversed(_names(node))):
        convolution, scale = nodes.get(given), nodes.get(factor)  # none: the second output of a Split, say
        if convolution is None or scale is None or convolution.op not in _CONVOLUTIONS or scale.op != "Const":
            continue
        weights = nodes.get(_names(convolution)[1])
        plain = users[convolution.name] == 1 and convolution.attr["data_format"].s == b"NHWC"
        if weights is not None and weights.op == "Const" and plain:
            scaled = _scaled(value_of(weights), value_of(scale), depthwise=convolution.op != "Conv2D")
            return None if scaled is None else (convolution, scaled)
    return None


def _scaled(weights: NDArray[Any], scale: NDArray[Any], *, depthwise: bool) -> NDArray[np.float32] | None:
    """Return weights * scale, where there is one factor for each channel, and float32 holds all products."""
    per_filter = weights.shape[2:] if depthwise else weights.shape[3:]
    channels = math.prod(per_filter)
    if scale.shape not in _per_channel(channels) or scale.dtype != np.float32:
        return None
    with np.errstate(over="ignore"):
        scaled: NDArray[np.float32] = weights * scale.reshape(per_filter)
    return scaled if np.isfinite(scaled).all() else None


def _per_channel(channels: int) -> tuple[tuple[int, ...], ...]:
    return (channels,), (1, channels), (1, 1, channels), (1, 1, 1, channels)
