"""Are these probabilities? Judged on what a model answers to real images, not on how its last layer is called."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...contract.errors import InputError, JudgedAndFailed

#: How far a row of a float32 softmax over thousands of labels may be from one: 1,000 additions at 6e-8 each, and slack.
TOLERANCE = 1e-3


def check_probabilities(
    answers: NDArray[np.float32],
    where: object,
    *,
    softmax: bool,
    under_other_ranges: Sequence[NDArray[np.float32]] = (),
) -> None:
    """Refuse answers that are no probabilities, or that were some before a softmax was appended.

    Args:
        answers: (n, labels), on real images.
        where: the model.
        softmax: whether they come out of a softmax that `--softmax` appended.
        under_other_ranges: what it answers to the same images where black and white are other values. Small logits may
            look like probabilities, or like sigmoids, under one range; these do so under all.

    Raises:
        JudgedAndFailed: NaN or infinity.
        InputError: logits, independent sigmoids, or the softmax of probabilities.
    """
    if not np.isfinite(answers).all():
        bad = int((~np.isfinite(answers)).any(axis=1).sum())
        raise JudgedAndFailed("answers are no numbers", where=where, received=f"NaN or infinity for {bad} images")
    under_each = (answers, *under_other_ranges)
    if softmax and all(_are_probabilities(_before_softmax(rows)) for rows in under_each):
        fix = "drop --softmax"
        raise InputError("the model answers probabilities already", where=where, expected="logits", fix=fix)
    if _are_probabilities(answers):
        return
    outside = [rows for rows in under_each if not (rows.min() >= 0 and rows.max() <= 1)]
    independent, shown = not outside, outside[0] if outside else answers
    sums = shown.astype(np.float64).sum(axis=1)
    received = f"values in [{shown.min():.4g}, {shown.max():.4g}], rows that sum to {_span(sums)}"
    raise InputError(
        "outputs are no probabilities",
        where=where,
        expected="values in [0, 1], rows that sum to 1",
        received=received + (": independent sigmoids, it seems, of which several may be true" if independent else ""),
        fix="export it with a softmax at its end"
        if independent
        else "pass --softmax, which appends one, if these are logits",
    )


def _are_probabilities(rows: NDArray[np.floating]) -> bool:
    in_range = rows.min() >= -TOLERANCE and rows.max() <= 1 + TOLERANCE
    return bool(in_range and np.abs(rows.astype(np.float64).sum(axis=1) - 1).max() <= TOLERANCE)


def _before_softmax(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what a softmax was taken of, up to a constant, which is chosen so that each row sums to one."""
    logits = np.log(np.maximum(rows.astype(np.float64), 1e-30))
    shifted: NDArray[np.float64] = logits + (1 - logits.sum(axis=1, keepdims=True)) / rows.shape[1]
    return shifted


def _span(values: NDArray[np.float64]) -> str:
    return f"{values.min():.4g}..{values.max():.4g}"
