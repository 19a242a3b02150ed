"""Write the operator Erfc, which Keras' GELU brings and few formats have, as Erf."""

from typing import Any

import numpy as np
import tensorflow as tf

from .fold_graph import constant


def without_erfc(definition: Any) -> Any:
    """Return the GraphDef with 1 - Erf(x) in the place of each Erfc(x)."""
    result = tf.compat.v1.GraphDef(versions=definition.versions, library=definition.library)
    for node in definition.node:
        if node.op == "Erfc":
            one, erf = constant(f"{node.name}/one", np.float32(1.0)), _copy(node, name=f"{node.name}/erf", op="Erf")
            result.node.extend([one, erf, _copy(node, op="Sub", input=[one.name, erf.name])])
        else:
            result.node.append(node)
    return result


def _copy(node: Any, **changes: Any) -> Any:
    fields = {"name": node.name, "op": node.op, "input": node.input, "attr": node.attr} | changes
    return tf.compat.v1.NodeDef(**fields)
