"""Open a graph that was frozen for a batch of one size to batches of any size, and make sure that it is.

    (1, 224, 224, 3) -> ... -> Reshape [1, 1001]      becomes      (any, 224, 224, 3) -> ... -> Reshape [-1, 1001]

For the batch that it was frozen for, the graph computes what it did: -1 is then the size that stood there.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ....contract.errors import InputError

#: Largest difference that the order of additions may make, as a part of the largest answer (at least 1): the budget of
#: float32 artifacts. What mixes images of a batch, such as BatchNorm in training mode, differs by far more.
TOLERANCE = 0.001
#: Black and white in the ranges that classifiers are trained on: a network may saturate in the others.
_RANGES = ((0.0, 1.0), (0.0, 255.0), (-1.0, 1.0))
_IMAGES = 3
#: What the lines begin with in which TensorFlow says where an error happened.
_WHERE = ("Graph execution error", "Detected at node", "<stack traces", "File ", "[[", "2 root error")


def open_batch(definition: Any, imported: Any, batch: int) -> Any:
    """Return a GraphDef whose Reshapes keep the size of the batch, whatever it is.

    Args:
        definition: a GraphDef; it is not changed.
        imported: the tf.Graph of it, whose shapes TensorFlow has inferred for the fixed batch.
        batch: the size that it was frozen for.
    """
    result = tf.compat.v1.GraphDef.FromString(definition.SerializeToString())
    for node in [node for node in result.node if node.op == "Reshape"]:
        operation = imported.get_operation_by_name(node.name)
        shape = operation.outputs[0].shape
        wanted = _constant(operation.inputs[1])
        if wanted is None or not wanted.size or wanted[0] != batch or not shape.is_fully_defined():
            continue
        constant = result.node.add(name=_free(f"{node.name}/any_batch", result), op="Const")
        values = np.array([-1, *shape.as_list()[1:]], dtype=wanted.dtype)
        constant.attr["dtype"].type = tf.as_dtype(values.dtype).as_datatype_enum
        constant.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(values))
        node.input[1] = constant.name
    return result


def answers_one_by_one(run: Callable[[Any], Any], shape: tuple[int, int, int], where: Path) -> tuple[int, ...]:
    """Refuse a graph that answers a batch of three otherwise than its images one by one; return an answer's shape.

    Args:
        run: a tensor of pixels (batch, *shape) float32 to an answer.
        shape: (height, width, channel).
        where: the file.

    Raises:
        InputError: the answers differ, or TensorFlow cannot run it at all.
    """
    spec = tf.TensorSpec((None, *shape), tf.float32)
    function = tf.function(run, input_signature=[spec], autograph=False)
    random, worst = np.random.default_rng(0), 0.0
    for low, high in _RANGES:
        pixels = random.uniform(low, high, (_IMAGES, *shape)).astype(np.float32)
        try:
            together = np.asarray(function(pixels))
            single = np.concatenate([np.asarray(function(pixels[index : index + 1])) for index in range(_IMAGES)])
        except Exception as error:  # TensorFlow raises whatever it meets
            raise _refusal(shape, where, "it fails: " + _reason(error)) from error
        if together.shape != single.shape:
            raise _refusal(shape, where, f"{together.shape} for three images, {single.shape} for one by one")
        worst = max(worst, _difference(together, single))
    if worst > TOLERANCE:
        raise _refusal(shape, where, f"a batch of three is answered otherwise than its images alone, by {worst:.2g}")
    return tuple(int(size) for size in together.shape)


def _difference(together: NDArray[Any], single: NDArray[Any]) -> float:
    """Return the largest difference as a part of the largest answer; NaN in the same places is for others to judge."""
    same = (together == single) | (np.isnan(together) & np.isnan(single))
    if same.all():
        return 0.0
    scale = max(1.0, float(np.max(np.abs(single), where=np.isfinite(single), initial=0.0)))
    gaps = np.abs(together - single, where=~same, out=np.zeros_like(single))
    return float(np.nan_to_num(gaps, nan=np.inf).max()) / scale


def _constant(tensor: Any) -> NDArray[Any] | None:
    operation = tensor.op
    while operation.type == "Identity":
        operation = operation.inputs[0].op
    return tf.get_static_value(operation.outputs[0]) if operation.type == "Const" else None


def _free(name: str, definition: Any) -> str:
    taken = {node.name for node in definition.node}
    while name in taken:
        name += "_"
    return name


def _refusal(shape: tuple[int, int, int], where: Path, received: str) -> InputError:
    return InputError(
        "graph does not answer each image of a batch for itself",
        where=where,
        expected=f"(any, {', '.join(map(str, shape))}) pixels, and for each image the answer that it gets alone",
        received=received,
        fix=f"freeze it again in inference mode, with a placeholder (None, {', '.join(map(str, shape))})",
    )


def _reason(error: Exception) -> str:
    """Return the first line that says what happened; TensorFlow puts where before it."""
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith(_WHERE)]
    return (told or [type(error).__name__])[0][:300]
