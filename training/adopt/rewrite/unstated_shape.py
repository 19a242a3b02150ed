"""A placeholder that does not say its shape: --image-size says two numbers of it, and the graph fits one third."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import tensorflow as tf

from ....contract.errors import InputError
from ....runtimes.facts.description import TensorInfo


def complete_shape(
    given: TensorInfo, pixels: Any, definition: Any, output: str, image_size: Sequence[int] | None, path: Path
) -> TensorInfo:
    """Return the input with the number of channels that the graph takes, if it does not state one.

    Args:
        given: the input.
        pixels: its tensor, in the imported graph.
        definition: the graph.
        output: the tensor that answers.
        image_size: height and width; None: not told.
        path: the file.

    Raises:
        InputError: no size was told, or the graph fits grey and RGB images alike, or neither.
    """
    rank = pixels.shape.rank
    if given.dtype != "float32" or not (rank is None or (rank == 4 and given.shape[3] is None)):
        return given
    where = f"{path}, input {given.name!r}"
    expected = "(batch, height, width, 1 or 3)"
    if image_size is None:
        fix = "pass --image-size HEIGHT WIDTH, the size that it was trained on"
        raise InputError(
            "input does not state its shape", where=where, expected=expected, received="any shape", fix=fix
        )
    fitting = [channels for channels in (1, 3) if _fits(given.name, definition, output, image_size, channels)]
    if len(fitting) != 1:
        received = "grey and RGB images fit it alike" if fitting else "neither grey nor RGB images of this size fit it"
        fix = "freeze it again with a placeholder (None, HEIGHT, WIDTH, 3)"
        raise InputError("input does not state its shape", where=where, expected=expected, received=received, fix=fix)
    return replace(given, shape=(*(given.shape[:3] or (None, None, None)), *fitting))


def _fits(source: str, definition: Any, output: str, size: Sequence[int], channels: int) -> bool:
    """Say whether TensorFlow's inference of shapes takes such images; nothing is fed."""
    with tf.Graph().as_default():
        pixels = tf.compat.v1.placeholder(tf.float32, (None, *size, channels))
        try:
            tf.import_graph_def(definition, {source: pixels}, return_elements=[output])
        except ValueError:
            return False
    return True
