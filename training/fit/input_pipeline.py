"""Batches of images for `fit`, decoded and resized by the same operators as the exported graphs."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import tensorflow as tf

from ...contract.dataset.prepared_dataset import LabelledImage
from ...contract.image.pixels import PixelContract
from ...runtimes.tf_graph.graph_pixels import decode, to_pixels

#: Decoded images are kept in memory up to this many bytes, and decoded anew in every epoch beyond it.
CACHE_BYTES = 1 << 30


def image_batches(
    images: Sequence[LabelledImage],
    pixels: PixelContract,
    *,
    batch_size: int,
    augmentation: Sequence[Any] = (),
    shuffle_seed: int | None = None,
) -> Any:
    """Return a tf.data.Dataset of (pixels, label) batches.

    Args:
        images: files, JPEG or PNG.
        pixels: what each must become.
        batch_size: images a batch; the last one may be smaller.
        augmentation: layers applied to each batch of pixels.
        shuffle_seed: shuffle anew in every epoch; None: keep the order.

    Returns:
        Elements ((batch, height, width, channel) float32 in the contract's value range, (batch,) int32).
    """
    paths = [str(image.path) for image in images]
    labels = [image.label for image in images]
    data = tf.data.Dataset.from_tensor_slices((paths, tf.constant(labels, tf.int32)))
    data = data.map(partial(_load, pixels=pixels), num_parallel_calls=tf.data.AUTOTUNE)
    if len(paths) * pixels.height * pixels.width * pixels.channels * 4 <= CACHE_BYTES:
        data = data.cache()
    if shuffle_seed is not None:
        data = data.shuffle(min(len(paths), 4096), seed=shuffle_seed)
    data = data.batch(batch_size)
    if augmentation:
        data = data.map(partial(_augment, layers=augmentation), num_parallel_calls=tf.data.AUTOTUNE)
    return data.prefetch(tf.data.AUTOTUNE)


def _load(path: Any, label: Any, *, pixels: PixelContract) -> tuple[Any, Any]:
    image = to_pixels(decode(tf.io.read_file(path), pixels), pixels)
    return tf.ensure_shape(image, pixels.shape), label


def _augment(batch: Any, labels: Any, *, layers: Sequence[Any]) -> tuple[Any, Any]:
    for layer in layers:
        batch = layer(batch, training=True)
    return batch, labels
