"""A classifier from elsewhere: what goes in, what comes out, and whether that is one image and one set of labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ....contract.errors import InputError
from ....runtimes.facts.description import TensorInfo, shape_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignModel:
    """An opened model.

    Attributes:
        where: the file or folder.
        loader: what opened it, such as "keras 3.15.1".
        inputs, outputs: as the model names them.
        run: a tensor of pixels (batch, height, width, channel) float32 to the answer (batch, width).
        keras_model: the model, where Keras 3 holds it without any code but its own; None: it goes through a graph.
        notes: sentences about what was changed on the way.
    """

    where: str
    loader: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    run: Callable[[Any], Any]
    keras_model: Any = None
    notes: tuple[str, ...] = ()


def image_shape(model: ForeignModel, image_size: Sequence[int] | None) -> tuple[int, int, int]:
    """Return (height, width, channels) of the only input.

    Args:
        model: opened.
        image_size: height and width, for a model that takes any.

    Raises:
        InputError: two inputs, no image, another data type, or a size that is not known or not the one asked for.
    """
    given = _only(model.inputs, "input", "one image (batch, height, width, channel)", model.where)
    if len(given.shape) != 4:
        raise _shape_error("input is no image", given, model.where, "export the classifier that takes single images")
    batch, height, width, channels = given.shape
    if channels not in (1, 3):
        first = height in (1, 3)
        what = "input is NCHW: the channels come first" if first else "input has no 1 or 3 channels"
        fix = "export it channels last: modelport's targets take no other" if first else None
        raise _shape_error(what, given, model.where, fix)
    if given.dtype != "float32":
        raise InputError(
            f"input is {given.dtype}",
            where=f"{model.where}, input {given.name!r}",
            expected="float32, which every target of modelport takes",
            received=given.dtype,
            fix="export it without the cast: the value range is told by --source-range 0..255, or measured",
        )
    if batch is not None:
        fix = "export it for a batch of any size (None)"
        raise _shape_error(f"batch is fixed to {batch}", given, model.where, fix)
    return (*_size(given, height, width, image_size, model.where), channels)


def output_width(model: ForeignModel) -> int:
    """Return the number of values per image; raises InputError unless one output has (batch, two or more) float32."""
    answer = _only(model.outputs, "output", "one set of probabilities (batch, labels)", model.where)
    width = answer.shape[-1] if len(answer.shape) == 2 else None
    if width is None or answer.dtype not in ("float32", "float16", "bfloat16", "float64"):
        raise InputError(
            "output is no set of probabilities",
            where=f"{model.where}, output {answer.name!r}",
            expected="(batch, labels) float32",
            received=f"{shape_text(answer.shape)} {answer.dtype}",
        )
    if width == 1:
        raise InputError(
            "model has a single output value",
            where=f"{model.where}, output {answer.name!r}",
            expected="one probability for each of at least two labels",
            received="(batch, 1): a sigmoid's, or a regression's",
            fix="where the model's code is: end it in two values and a softmax (the logits 0 and x give sigmoid(x))",
        )
    return width


def _only(tensors: tuple[TensorInfo, ...], role: str, expected: str, where: str) -> TensorInfo:
    if len(tensors) != 1:
        received = (
            "\n".join(f"{tensor.name} {shape_text(tensor.shape)} {tensor.dtype}" for tensor in tensors[:8]) or "none"
        )
        what = f"model has {len(tensors)} {role}s"
        fix = f"export a model with the one {role} that classifies"
        raise InputError(what, where=where, expected=expected, received=received, fix=fix)
    return tensors[0]


def _size(
    given: TensorInfo, height: int | None, width: int | None, wanted: Sequence[int] | None, where: str
) -> tuple[int, int]:
    if wanted is not None:
        if any(own not in (None, asked) for own, asked in zip((height, width), wanted, strict=True)):
            fix = "drop --image-size"
            raise _shape_error(f"--image-size {wanted[0]} {wanted[1]} is not the model's", given, where, fix)
        return int(wanted[0]), int(wanted[1])
    if height is None or width is None:
        fix = "pass --image-size HEIGHT WIDTH, the size that it was trained on"
        raise _shape_error("model takes images of any size", given, where, fix)
    return height, width


def _shape_error(what: str, tensor: TensorInfo, where: str, fix: str | None) -> InputError:
    return InputError(
        what,
        where=f"{where}, input {tensor.name!r}",
        expected="(batch, height, width, 1 or 3)",
        received=shape_text(tensor.shape),
        fix=fix,
    )
