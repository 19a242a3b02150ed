"""A frozen TensorFlow graph as a Keras layer, so that a model from elsewhere is one model.keras without foreign code.

The .keras file holds the graph without its weights as the layer's asset, and the weights as the layer's weights: they
are counted, saved and exported like those of any layer.
"""

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from .graph_operators import check_operators

ASSET = "graph.pb"


@keras.saving.register_keras_serializable(package="modelport")
class GraphLayer(keras.layers.Layer):  # type: ignore[misc]
    """Pixels (batch, height, width, channel) float32 -> (batch, width) float32, through a graph that does not learn.

    Args:
        graph: a GraphDef, serialized, whose weights are placeholders; None: `load_assets` will read it.
        source: name of the placeholder that takes pixels.
        answer: name of the tensor that answers, such as "probabilities:0".
        width: values per image.
        placeholders: name and shape of each placeholder that a weight feeds.
        of_layer: what every layer takes, such as its name.

    Raises:
        InputError: the graph holds operators that are not in modelport's list.
    """

    #: What files say that the class comes from, wherever it lies: the name that the first release gave it.
    __module__ = "modelport.runtimes.graph_layer"

    def __init__(
        self,
        *,
        graph: bytes | None = None,
        source: str,
        answer: str,
        width: int,
        placeholders: list[list[Any]],
        **of_layer: Any,
    ) -> None:
        super().__init__(**of_layer | {"trainable": False, "dtype": "float32"})
        if graph is not None:  # a file's configuration may bring one, too
            check_operators(tf.compat.v1.GraphDef.FromString(graph), f"layer {self.name!r}")
        self.graph, self.source, self.answer, self.width, self.placeholders = graph, source, answer, width, placeholders

    def build(self, input_shape: Any) -> None:
        """Make a weight for each placeholder."""
        self.fed = [
            self.add_weight(shape=tuple(shape), initializer="zeros", trainable=False, name=f"weight_{index}")
            for index, (_, shape) in enumerate(self.placeholders)
        ]
        self.built = True

    def compute_output_spec(self, pixels: Any, **_: Any) -> Any:
        """Say what comes out without the graph, which a file's configuration does not hold."""
        return keras.KerasTensor((pixels.shape[0], self.width), "float32")

    def call(self, pixels: Any, training: bool = False) -> Any:
        """Put the graph into the one that is being built; in eager mode, into one of its own."""
        weights = [tf.convert_to_tensor(weight.value) for weight in self.fed]
        if tf.executing_eagerly():
            return self._wrapped()(pixels, *weights)
        return self._insert(pixels, *weights)

    def _insert(self, pixels: Any, *weights: Any) -> Any:
        names = [name for name, _ in self.placeholders]
        feed = {f"{name}:0": value for name, value in zip([self.source, *names], [pixels, *weights], strict=True)}
        definition = tf.compat.v1.GraphDef.FromString(self.graph)
        (answer,) = tf.import_graph_def(definition, input_map=feed, return_elements=[self.answer], name="graph")
        return tf.ensure_shape(answer, (None, self.width))

    def _wrapped(self) -> Any:
        if not hasattr(self, "_function"):
            self._function = tf.function(self._insert)
        return self._function

    def get_config(self) -> dict[str, Any]:
        """Return what makes the layer again, but for the graph."""
        own = {key: getattr(self, key) for key in ("source", "answer", "width", "placeholders")}
        return {**super().get_config(), **own}

    def save_assets(self, inner_path: str) -> None:
        """Write the graph into the .keras file."""
        Path(inner_path, ASSET).write_bytes(self.graph or b"")

    def load_assets(self, inner_path: str) -> None:
        """Read the graph out of the .keras file; raises InputError, which Keras wraps, if operators are not listed."""
        graph = Path(inner_path, ASSET).read_bytes()
        check_operators(tf.compat.v1.GraphDef.FromString(graph), f"layer {self.name!r}")
        self.graph = graph  # not before: Keras goes on after errors of layers that it looks at twice


#: What `keras.models.load_model` needs to read an adopted run's model.keras: `custom_objects=OWN_LAYERS`.
OWN_LAYERS = {"GraphLayer": GraphLayer}
