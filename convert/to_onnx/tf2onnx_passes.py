"""tf2onnx's conversion, pass by pass, without the copies that it makes of all weights.

tf2onnx 1.17.0 runs some 25 optimizer passes over its graph. Before each it copies the graph deeply, so that a pass that
fails can be forgotten, and after each it writes all nodes, weights as well, into protocol buffers that nobody reads
before the last pass, and whose arenas free nothing. ResNet50, 94 MB of weights, takes 6.9 GB in a process there, and
7.2 s of processor time for what takes 3.0 s and 2.2 GB here.

Delete this file when tests/convert/to_onnx/test_tf2onnx_passes.py says that plain tf2onnx takes no more than it.
"""

from typing import Any

import tensorflow as tf
import tf2onnx
from tf2onnx import optimizer, tf_loader, tfonnx

#: tf2onnx itself goes on while a pass changes something; each does so a few times.
_MOST_ROUNDS = 20


def to_onnx(definition: Any, inputs: list[str], outputs: list[str], opset: int) -> Any:
    """Return the ONNX ModelProto that `tf2onnx.convert.from_graph_def` would return.

    Args:
        definition: a GraphDef without variables.
        inputs, outputs: names of tensors, "name:0".
        opset: of ONNX' own operators.
    """
    try:
        return _passes(definition, inputs, outputs, opset)
    except Exception:  # a pass failed, and left its graph half done; with its copies, tf2onnx does without that pass
        plain, _ = tf2onnx.convert.from_graph_def(
            definition, name="model", input_names=inputs, output_names=outputs, opset=opset
        )
        return plain


def _passes(definition: Any, inputs: list[str], outputs: list[str], opset: int) -> Any:
    with tf.Graph().as_default() as graph, tf.device("/cpu:0"):
        tf.import_graph_def(tf_loader.tf_optimize(inputs, outputs, definition), name="")
        made = tfonnx.process_tf_graph(
            graph, continue_on_error=True, opset=opset, input_names=inputs, output_names=outputs
        )
    for number in range(_MOST_ROUNDS):
        has_changed = False
        for make in optimizer._get_optimizers().values():
            one = make()
            one.opt_iteration = number
            made = one._optimize(made)
            made.delete_unused_nodes(made.outputs)
            has_changed = has_changed or one.graph_been_opt
        if not has_changed:
            break
    return made.make_model("converted from model")
