"""Write the BatchNorm of 2015 as today's: TensorFlow runs the old operator only in graphs of its time.

    BatchNormWithGlobalNormalization(x, mean, variance, beta, gamma)  becomes
    FusedBatchNormV3(x, gamma, beta, mean, variance), in inference mode

Inception's classify_image_graph_def.pb holds it: "Op BatchNormWithGlobalNormalization is not available in GraphDef
version 9" and later, and a graph that is put into another takes over that one's version.
"""

from typing import Any

import tensorflow as tf

_OLD = "BatchNormWithGlobalNormalization"


def renew_batch_norm(definition: Any) -> None:
    """Rewrite each such node of a GraphDef in its place; its name stays.

    Where it does not scale (scale_after_normalization is false), gamma becomes ones.
    """
    for node in [node for node in definition.node if node.op == _OLD]:
        data, mean, variance, beta, gamma = list(node.input)[:5]
        epsilon = node.attr["variance_epsilon"].f
        if not node.attr["scale_after_normalization"].b:
            gamma = _ones_like(definition, f"{node.name}/no_scale", beta)
        controls = [name for name in node.input if name.startswith("^")]
        node.op = "FusedBatchNormV3"
        node.input[:] = [data, gamma, beta, mean, variance, *controls]
        node.attr.clear()
        for name in ("T", "U"):
            node.attr[name].type = tf.float32.as_datatype_enum
        node.attr["epsilon"].f = epsilon
        node.attr["is_training"].b = False
        node.attr["data_format"].s = b"NHWC"
        node.attr["exponential_avg_factor"].f = 1.0


def _ones_like(definition: Any, name: str, tensor: str) -> str:
    ones = definition.node.add(name=name, op="OnesLike", input=[tensor])
    ones.attr["T"].type = tf.float32.as_datatype_enum
    return name
