"""Write a convolution in groups as one of each group: TensorFlow.js, and old TensorFlow on the CPU, have no other.

x -> Conv2D(w), w takes 1 of g channels      becomes      x -> Split -> Conv2D(w_1) ... Conv2D(w_g) -> ConcatV2
"""

from typing import Any

import numpy as np
import tensorflow as tf

from .fold_graph import constant, value_of


def split_groups(definition: Any) -> Any:
    """Return the GraphDef without Conv2D of several groups; their weights are constants, and channels are last."""
    nodes = {node.name: node for node in definition.node}
    with tf.Graph().as_default() as graph:  # its shapes say how many channels come in
        tf.import_graph_def(definition, name="")
    result = tf.compat.v1.GraphDef(versions=definition.versions, library=definition.library)
    for node in definition.node:
        weights = nodes[node.input[1].removesuffix(":0")] if node.op == "Conv2D" else None
        groups = 1
        if weights is not None and weights.op == "Const" and node.attr["data_format"].s == b"NHWC":
            pixels, kernel = graph.get_operation_by_name(node.name).inputs
            groups = int((pixels.shape[3] or kernel.shape[2]) // kernel.shape[2])
        result.node.extend(_split(node, value_of(weights), groups) if groups > 1 else [node])
    return result


def _split(node: Any, weights: Any, groups: int) -> list[Any]:
    """Return the nodes that answer as `node` does, the last one with its name."""
    axis = constant(f"{node.name}/axis", np.int32(3))
    parts = _node("Split", f"{node.name}/split", [axis.name, node.input[0]], T=node.attr["T"])
    parts.attr["num_split"].i = groups
    made, names = [axis, parts], []
    for number, part in enumerate(np.split(weights, groups, axis=3)):
        kernel = constant(f"{node.name}/weights_{number}", part)
        inputs = [f"{parts.name}:{number}" if number else parts.name, kernel.name]
        made += [kernel, _node("Conv2D", f"{node.name}/group_{number}", inputs, **node.attr)]
        names.append(made[-1].name)
    whole = _node("ConcatV2", node.name, [*names, axis.name], T=node.attr["T"])
    whole.attr["N"].i = groups
    whole.attr["Tidx"].type = tf.int32.as_datatype_enum
    return [*made, whole]


def _node(op: str, name: str, inputs: list[str], **attr: Any) -> Any:
    return tf.compat.v1.NodeDef(op=op, name=name, input=inputs, attr=attr)
