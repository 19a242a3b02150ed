"""A Keras 3 model rebuilt in tf-keras (Keras 2), layer by layer, with the same names and weights.

Keras 3 writes .h5 files, too, but with its own configuration in them, which Keras 2 does not read.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import tf_keras

from ...contract.errors import InputError

#: Layers whose configuration means the same in both, except for what `_config` leaves out. GroupNormalization and
#: UnitNormalization are in TensorFlow 2.11 and 2.9 and later, the others in 2.6.
# fmt: off
_SAME = {
    "Activation", "Add", "Average", "AveragePooling2D", "BatchNormalization", "CenterCrop", "Concatenate", "Conv2D",
    "Conv2DTranspose", "Cropping2D", "Dense", "DepthwiseConv2D", "Dropout", "ELU", "Flatten", "GaussianDropout",
    "GaussianNoise", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "GroupNormalization", "LayerNormalization",
    "MaxPooling2D", "Maximum", "Minimum", "Multiply", "Normalization", "Permute", "PReLU", "RandomBrightness",
    "RandomContrast", "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "ReLU", "Rescaling",
    "Reshape", "Resizing", "SeparableConv2D", "Softmax", "SpatialDropout2D", "Subtract", "UnitNormalization",
    "UpSampling2D", "ZeroPadding2D",
}
# fmt: on

#: Keras 3's name of an argument to Keras 2's.
_RENAMED = {"LeakyReLU": {"negative_slope": "alpha"}}

#: Activations that mean the same in both. Not hard_sigmoid: relu6(x + 3) / 6 in Keras 3, clip(0.2 x + 0.5) in Keras 2.
_ACTIVATIONS = {"elu", "exponential", "gelu", "linear", "mish", "relu", "selu", "sigmoid", "softmax", "softplus"} | {
    "softsign",
    "tanh",
}
_ACTIVATIONS_RENAMED = {"silu": "swish"}

#: What only training needs; weights are copied, and a model from an .h5 file is not trained further here.
_OF_TRAINING = ("_initializer", "_regularizer", "_constraint")

Call = Callable[..., Any]


def keras2_twin(
    model: Any, shape: tuple[int | None, ...], heads: Sequence[str], before: tuple[float, float] | None = None
) -> Any:
    """Return a tf-keras model that answers as `model` does.

    Args:
        model: a functional or sequential Keras 3 model of one input, float32.
        shape: of its input, without the batch.
        heads: the order of the outputs of a model that answers a dictionary.
        before: scale and offset that are applied to the input first; None: nothing is.

    Raises:
        InputError: a layer, operation or activation that Keras 2 does not have.
    """
    pixels = tf_keras.Input(shape, dtype="float32", name="image")
    scaled = pixels if before is None else tf_keras.layers.Rescaling(*before, name="value_range")(pixels)
    made: dict[int, Call] = {}
    answer = _through(model, made)(scaled)
    outputs = [answer[name] for name in heads] if isinstance(answer, dict) else answer
    return tf_keras.Model(pixels, outputs, name="model")


def _through(model: Any, made: dict[int, Call]) -> Call:
    """Return what puts a tensor of tf-keras through the model; layers that are shared stay so."""
    graph = model._functional if isinstance(model, keras.Sequential) else model
    if not hasattr(graph, "_run_through_graph"):
        raise _lacks("a model that is not functional", model.name)

    def call(inputs: Any, *_: Any, **__: Any) -> Any:
        return graph._run_through_graph(inputs, operation_fn=lambda operation: _twin_of(operation, made))

    return call


def _twin_of(operation: Any, made: dict[int, Call]) -> Call:
    if id(operation) not in made:
        if isinstance(operation, keras.Model):
            made[id(operation)] = _through(operation, made)
        elif isinstance(operation, keras.layers.Layer):
            made[id(operation)] = _twin_layer(operation)
        else:
            made[id(operation)] = _twin_operation(operation)
    return made[id(operation)]


def _twin_layer(layer: Any) -> Call:
    """Return the layer of tf-keras, with an activation that Keras 2 has not as layers behind it."""
    kind, config = type(layer).__name__, layer.get_config()
    activation = config.get("activation") or "linear"
    if isinstance(activation, dict):
        activation = activation.get("config", {}).get("name", activation.get("class_name"))
    behind = _activation_layers(activation, layer.name)
    if behind and kind == "Activation":
        return _in_sequence(behind, weights_of=None)
    if type(layer).__module__.split(".")[0] != "keras" or kind not in _SAME | set(_RENAMED):
        raise _lacks(kind, layer.name)
    if "activation" in config:
        config["activation"] = "linear" if behind else _ACTIVATIONS_RENAMED.get(activation, activation)
    if behind:
        config["name"] = f"{layer.name}_before_{activation}"
    twin = getattr(tf_keras.layers, kind)
    return _in_sequence([twin(**_config(twin, config, _RENAMED.get(kind, {}))), *behind], weights_of=layer)


def _config(twin: Any, config: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments that the class of tf-keras takes; weights are set later."""
    accepted = {
        name for base in twin.__mro__ for name in inspect.signature(base.__init__).parameters if base is not object
    } | {"name"}
    given = {renamed.get(key, key): value for key, value in config.items() if not key.endswith(_OF_TRAINING)}
    return {key: value for key, value in given.items() if key in accepted} | {"dtype": "float32", "trainable": True}


def _activation_layers(name: str, of: str) -> list[Call]:
    """Return layers that compute an activation that Keras 2 has not, the last one named `of`; none if it has it."""
    layers = tf_keras.layers
    if name in _ACTIVATIONS or name in _ACTIVATIONS_RENAMED:
        return []
    if name == "relu6":
        return [layers.ReLU(6.0, name=of)]
    if name not in ("hard_sigmoid", "hard_silu", "hard_swish"):
        raise _lacks(f"activation {name}", of)
    sixth = layers.Rescaling(1 / 6, name=of if name == "hard_sigmoid" else f"{of}_sixth")
    gate = [layers.Rescaling(1.0, 3.0, name=f"{of}_plus_3"), layers.ReLU(6.0, name=f"{of}_relu6"), sixth]
    if name == "hard_sigmoid":
        return gate
    product = layers.Multiply(name=of)
    return [lambda x: product([x, _in_sequence(gate, weights_of=None)(x)])]


def _in_sequence(calls: list[Call], weights_of: Any) -> Call:
    """Return a call of all of them; the first, once it is built, gets the weights of a Keras 3 layer."""

    def call(inputs: Any, *_: Any, **__: Any) -> Any:
        for number, one in enumerate(calls):
            inputs = one(inputs)
            if number == 0 and weights_of is not None and weights_of.weights:
                one.set_weights([weight.numpy() for weight in weights_of.weights])  # type: ignore[attr-defined]
        return inputs

    return call


def _twin_operation(operation: Any) -> Call:
    """Return a layer for arithmetic between two tensors, or between a tensor and a number."""
    layers, kind, name = tf_keras.layers, type(operation).__name__, operation.name
    of_two = {"Add": layers.Add, "Subtract": layers.Subtract, "Multiply": layers.Multiply}
    of_number: dict[str, Callable[[float], tuple[float, float]]] = {
        "Add": lambda number: (1.0, number),
        "Subtract": lambda number: (1.0, -number),
        "Multiply": lambda number: (number, 0.0),
        "Divide": lambda number: (1 / number, 0.0),
        "TrueDivide": lambda number: (1 / number, 0.0),
    }

    def call(first: Any, second: Any = None, **_: Any) -> Any:
        if kind in of_number and isinstance(second, int | float):
            return layers.Rescaling(*of_number[kind](float(second)), name=name)(first)
        if kind in ("Add", "Multiply") and isinstance(first, int | float):
            return layers.Rescaling(*of_number[kind](float(first)), name=name)(second)
        if kind == "Subtract" and isinstance(first, int | float):
            return layers.Rescaling(-1.0, float(first), name=name)(second)
        if kind in of_two and all(map(tf_keras.backend.is_keras_tensor, (first, second))):
            return of_two[kind](name=name)([first, second])
        activation = {"Relu": "relu", "Relu6": "relu6", "HardSigmoid": "hard_sigmoid", "HardSilu": "hard_silu"}.get(
            kind
        )
        if activation is None or second is not None:
            raise _lacks(f"operation {kind}", name)
        behind = _activation_layers(activation, name) or [layers.Activation(activation, name=name)]
        return _in_sequence(behind, weights_of=None)(first)

    return call


def _lacks(what: str, name: str) -> InputError:
    return InputError(
        "the model has something that a Keras 2 file (.h5) cannot hold",
        where=name,
        expected="layers that mean the same in Keras 3 and Keras 2, and that are translated",
        received=what,
        fix="choose another format: modelport convert RUN --to saved_model, which TensorFlow 2 of any age loads",
    )
