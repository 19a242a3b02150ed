"""Backbones by name, each with the value range that its weights were trained on."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras

from ...contract.errors import InputError


class Backbone(NamedTuple):
    """One feature extractor of keras.applications, built without its own preprocessing and top.

    Attributes:
        build: its function there.
        arguments: that it takes besides.
        expects: the range of pixels that its weights were trained on.
        cached_as: what names of its weights in Keras' cache hold.
    """

    build: Callable[..., Any]
    arguments: dict[str, Any]
    expects: tuple[float, float]
    cached_as: str


_OWN = {"include_preprocessing": False}
#: What keras.applications' preprocessing of each family produces (Rescaling(1/127.5, -1)).
_SIGNED = (-1.0, 1.0)

BACKBONES = {
    "MobileNetV3Large": Backbone(keras.applications.MobileNetV3Large, _OWN, _SIGNED, "v3_large"),
    "MobileNetV3Small": Backbone(keras.applications.MobileNetV3Small, _OWN, _SIGNED, "v3_small"),
    "MobileNetV2": Backbone(keras.applications.MobileNetV2, {}, _SIGNED, "v2"),
}


def build_backbone(name: str, weights: str, scaled: Any) -> Any:
    """Build a backbone on the Keras tensor `scaled`, (batch, height, width, 3) in the backbone's own range.

    Args:
        name: a key of BACKBONES.
        weights: "imagenet", "none", the path of a .weights.h5 file, or of the model.keras of another run.
        scaled: the tensor that the first convolution takes.

    Returns:
        The Keras model from the source input to the last feature map.

    Raises:
        InputError: the weights file is missing or belongs to another network, or ImageNet weights cannot be had.
    """
    if weights not in ("imagenet", "none") and not Path(weights).is_file():
        raise InputError("weights file is missing", where=weights, expected='a weights file, "imagenet" or "none"')
    backbone, from_run = BACKBONES[name], weights.endswith(".keras")
    source = None if weights == "none" or from_run else weights
    try:
        model = backbone.build(input_tensor=scaled, include_top=False, weights=source, **backbone.arguments)
        if from_run:
            _copy_weights(keras.models.load_model(weights, compile=False, safe_mode=True), model)
    except Exception as error:
        if source == "imagenet":
            raise _no_imagenet(name, error) from error
        raise InputError(
            f"weights do not fit {name}",
            where=weights,
            expected=f"a .weights.h5 file of {name} without its top, or the model.keras of a run with that backbone",
            received=_first_line(error),
            fix="pass the --backbone that the weights were saved from, or --weights none",
        ) from error
    return model


def _copy_weights(donor: Any, model: Any) -> None:
    """Copy weights between layers of one name; raises ValueError where the donor lacks one, or its shapes differ."""
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(donor.get_layer(layer.name).get_weights())


def has_imagenet_weights(name: str) -> bool:
    """Whether ImageNet weights of the backbone are in Keras' cache already, so that no download is needed."""
    folder = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"
    return any(folder.glob(f"*{BACKBONES[name].cached_as}*no_top*.h5")) if folder.is_dir() else False


def _no_imagenet(name: str, error: Exception) -> InputError:
    return InputError(
        f"ImageNet weights for {name} cannot be downloaded",
        where="--weights imagenet",
        received=_first_line(error),
        fix="on a machine with a network run\n"
        '  python -c "import keras; '
        f"keras.applications.{name}(include_top=False).save_weights('{name}.weights.h5')\"\n"
        f"and pass --weights {name}.weights.h5 here; or train from scratch with --weights none",
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
