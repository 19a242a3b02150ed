"""Put a frozen model into a graph that is being built."""

from typing import Any

import tensorflow as tf


def insert_frozen(frozen: Any, pixels: Any, outputs: dict[str, str]) -> None:
    """Put the model between a tensor of pixels and named operations.

    Args:
        frozen: `Source.frozen`, made before the graph was opened, because variables are read eagerly.
        pixels: tensor (batch, height, width, channel) float32 of the graph that is being built.
        outputs: head name to the name of the operation that answers for it.
    """
    answers = tf.import_graph_def(
        frozen.graph.as_graph_def(),
        input_map={frozen.inputs[0].name: pixels},
        return_elements=[tensor.name for tensor in frozen.outputs],
        name="model",
    )
    for head, answer in zip(sorted(outputs), answers, strict=True):  # in the order of the sorted head names
        tf.identity(answer, name=outputs[head])
