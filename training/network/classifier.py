"""The network: contract's pixels -> one Rescaling -> backbone -> pooling -> dropout -> softmax."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from ...contract.image.pixels import PixelContract
from ...contract.labels.heads import ClassificationHead
from ..train_options import TrainOptions
from .backbones import BACKBONES, build_backbone

DROPOUT = 0.2
#: BatchNorm momentum when training from scratch. Keras' MobileNetV3 has 0.999, whose moving statistics are still near
#: their start when a small set's training ends (DESIGN.md, facts 1 and 14).
FROM_SCRATCH_MOMENTUM = 0.9


def build_classifier(
    options: TrainOptions,
    pixels: PixelContract,
    head: ClassificationHead,
    *,
    policy: str = "float32",
    weights: str | None = None,
) -> Any:
    """Build the network under a dtype policy.

    Args:
        options: says backbone and weights.
        pixels: what goes in; the model carries the rest of the scaling in a single Rescaling layer.
        head: what comes out.
        policy: "float32" or "mixed_float16"; inputs and probabilities are float32 under both.
        weights: in the place of `options.weights`, where the weights will be set afterwards.

    Returns:
        A functional Keras model, input "image" (batch, height, width, channel), output named like the head,
        (batch, classes) probabilities in [0, 1].
    """
    with dtype_policy(policy):
        image = keras.Input(pixels.shape, name="image", dtype="float32")
        scaled = rescaling(pixels.value_range, BACKBONES[options.backbone].expects)(image)
        features = build_backbone(options.backbone, weights or options.weights, scaled).output
        pooled = keras.layers.GlobalAveragePooling2D(name="pool")(features)
        dropped = keras.layers.Dropout(DROPOUT, seed=options.seed, name="dropout")(pooled)
        logits = keras.layers.Dense(head.width, name="logits")(dropped)
        probabilities = keras.layers.Softmax(name=head.name, dtype="float32")(logits)
        model = keras.Model(image, probabilities, name="classifier")
    if options.from_scratch:
        for layer in batch_norms(model):
            layer.momentum = FROM_SCRATCH_MOMENTUM
    return model


def rescaling(source: tuple[float, float], target: tuple[float, float]) -> Any:
    """Return the Rescaling layer that maps `source`'s ends to `target`'s."""
    scale = (target[1] - target[0]) / (source[1] - source[0])
    return keras.layers.Rescaling(scale, target[0] - source[0] * scale, name="rescaling")


def set_trainable(model: Any, *, backbone: bool, batch_norm: bool) -> None:
    """Say what learns: the head always, the backbone, and its BatchNorm layers.

    In Keras 3 an unfrozen BatchNorm runs in training mode during `fit` whatever the call said; on small sets that ruins
    fine-tuning, so BatchNorm layers are frozen one by one (DESIGN.md, fact 1).
    """
    for layer in model.layers:
        layer.trainable = backbone or layer.name == "logits"
    for layer in batch_norms(model):
        layer.trainable = batch_norm


def batch_norms(model: Any) -> list[Any]:
    """Return the BatchNormalization layers."""
    return [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]


@contextmanager
def dtype_policy(name: str) -> Iterator[None]:
    """Build what is built inside the block under the policy `name`."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
