"""A model without variables: made of a function, and put into a graph that is being built."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

#: What is left of a function that XLA must compile: Keras makes one of each convolution in groups.
_CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A model as a graph of constants and operators.

    Attributes:
        definition: the GraphDef.
        input: its tensor of pixels.
        outputs: its tensors of the heads, in the order of the sorted head names.
    """

    definition: Any
    input: str
    outputs: tuple[str, ...]


def freeze(function: Callable[[Any], dict[str, Any]], spec: Any) -> Frozen:
    """Return what a function from a batch of pixels to head name to tensor computes; `spec` is the batch's."""
    frozen = _without_variables(function, spec)
    if any(node.op in _CALLS for node in frozen.graph.as_graph_def().node):
        tf.config.run_functions_eagerly(True)  # not eagerly, but as part of the function that calls them
        try:
            frozen = _without_variables(function, spec)
        finally:
            tf.config.run_functions_eagerly(False)
    definition = frozen.graph.as_graph_def()
    _name_weights(definition)
    return Frozen(
        definition=definition,
        input=frozen.inputs[0].name,
        outputs=tuple(tensor.name for tensor in frozen.outputs),
    )


def _without_variables(function: Callable[[Any], dict[str, Any]], spec: Any) -> Any:
    return convert_variables_to_constants_v2(tf.function(function, input_signature=[spec]).get_concrete_function())


def _name_weights(definition: Any) -> None:
    """Name each weight that TensorFlow gave a number of this process's own after the first operator that takes it."""
    names: dict[str, str] = {}
    for node in definition.node:
        for name in node.input:
            if name.isdecimal() and name not in names:
                names[name] = f"{node.name}/weights_{len(names)}"
    for node in definition.node:
        node.name = names.get(node.name, node.name)
        node.input[:] = [names.get(name, name) for name in node.input]


def load_frozen(path: str | Path, input: str, outputs: list[str]) -> Frozen:
    """Return the model whose GraphDef is in a file."""
    definition = tf.compat.v1.GraphDef.FromString(Path(path).read_bytes())
    return Frozen(definition=definition, input=input, outputs=tuple(outputs))


def insert_frozen(frozen: Frozen, pixels: Any, outputs: dict[str, str]) -> None:
    """Put the model between a tensor of pixels and named operations.

    Args:
        frozen: the model.
        pixels: tensor (batch, height, width, channel) of the graph that is being built.
        outputs: head name to the name of the operation that answers for it.
    """
    answers = tf.import_graph_def(
        frozen.definition,
        input_map={frozen.input: pixels},
        return_elements=list(frozen.outputs),
        name="model",
    )
    for head, answer in zip(sorted(outputs), answers, strict=True):  # in the order of the sorted head names
        tf.identity(answer, name=outputs[head])
