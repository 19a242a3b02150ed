"""Turn a function of pixels into a GraphLayer: no variables, no Python, nothing left of where it came from."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from ....runtimes.tf_graph.graph_layer import GraphLayer
from ....runtimes.tf_graph.graph_operators import check_operators
from ....runtimes.tf_graph.plain_graph import plain_graph


def freeze_into_layer(run: Callable[[Any], Any], shape: tuple[int, int, int], where: str) -> tuple[Any, list[Any]]:
    """Trace and freeze a function.

    Args:
        run: a tensor of pixels (batch, *shape) float32 to an answer (batch, width).
        shape: (height, width, channel).
        where: names the model in errors.

    Returns:
        A GraphLayer that is not built, and the values of its weights, in order, once it is.

    Raises:
        InputError: the graph holds operators that are not in modelport's list.
    """
    spec = tf.TensorSpec((None, *shape), tf.float32, name="image")
    frozen = convert_variables_to_constants_v2(tf.function(run, input_signature=[spec]).get_concrete_function())
    answer = frozen.outputs[0]
    definition = plain_graph(frozen.graph.as_graph_def(), answer.op.name)
    check_operators(definition, where)
    weights = _take_weights(definition)
    layer = GraphLayer(
        graph=definition.SerializeToString(deterministic=True),
        source=frozen.inputs[0].op.name,
        answer=answer.name,
        width=int(answer.shape[-1]),
        placeholders=[[name, list(value.shape)] for name, value in weights],
        name="graph",
    )
    return layer, [value for _, value in weights]


def _take_weights(definition: Any) -> list[tuple[str, NDArray[np.float32]]]:
    """Put a placeholder in the place of each float32 constant that is no scalar; return names and values."""
    taken = []
    for node in definition.node:
        if node.op != "Const" or node.attr["dtype"].type != tf.float32.as_datatype_enum:
            continue
        value = tf.make_ndarray(node.attr["value"].tensor)
        if not value.ndim or not value.size:
            continue
        taken.append((node.name, value))
        node.op = "Placeholder"
        node.attr.clear()
        node.attr["dtype"].type = tf.float32.as_datatype_enum
        node.attr["shape"].shape.CopyFrom(tf.TensorShape(value.shape).as_proto())
    return taken
