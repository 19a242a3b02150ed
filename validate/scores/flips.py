"""Which images an artifact answers otherwise than the reference, and what that does to the confusion matrix."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.statistics import scores
from .head_scores import ConfusionChange, Flip

Floats = NDArray[np.floating[Any]]

#: Flips of a kind that a report names for each head and door; `Parity.changed` counts all.
MOST_FLIPS = 30


def flips_of(
    labels: tuple[str, ...],
    answered: Floats,
    reference: Floats,
    truth: NDArray[Any],
    known: NDArray[np.bool_],
    names: tuple[str, ...],
) -> tuple[Flip, ...]:
    """Return the images whose most probable label changed, at most MOST_FLIPS of each kind.

    Those that were lost come first, then those that were wrong before and after, then those that were won; of each
    kind, the one of which the artifact is surest.

    Args:
        labels: of the head, in output order.
        answered: (n, labels) by the artifact; it may hold NaN.
        reference: (n, labels) by the reference.
        truth: (n,) label index; meaningless where not `known`.
        known: (n,) whether the truth is known.
        names: (n,) of the images.

    """
    before, after = reference.argmax(axis=1), answered.argmax(axis=1)
    finite: NDArray[np.bool_] = np.all(np.isfinite(answered), axis=1)
    rows = np.flatnonzero((before != after) | ~finite)
    kind = np.where(known & np.equal(before, truth), 0, np.where(known & finite & np.equal(after, truth), 2, 1))
    sure = np.where(finite, np.nan_to_num(answered).max(axis=1), np.inf)
    ordered = rows[np.lexsort((rows, -sure[rows], kind[rows]))]
    chosen = np.concatenate([ordered[kind[ordered] == one][:MOST_FLIPS] for one in range(3)])
    return tuple(
        Flip(
            image=names[row],
            truth=labels[truth[row]] if known[row] else None,
            reference=labels[before[row]],
            reference_probability=float(reference[row, before[row]]),
            artifact=labels[after[row]] if finite[row] else None,
            artifact_probability=float(answered[row, after[row]]),
        )
        for row in chosen
    )


def confusion_changes_of(
    labels: tuple[str, ...], answered: Floats, reference: Floats, truth: NDArray[Any]
) -> tuple[ConfusionChange, ...]:
    """Return the cells of the confusion matrix that differ from the reference's, the largest change first.

    Args:
        labels: of the head, in output order.
        answered, reference: (n, labels) on the images whose truth is known; rows with a NaN are left out of both.
        truth: (n,) label index.

    """
    finite = np.isfinite(answered).all(axis=1)
    ours, theirs = (
        scores.confusion_matrix(values[finite].argmax(axis=1), truth[finite], len(labels))
        for values in (answered, reference)
    )
    change = ours - theirs
    cells = [(int(row), int(column)) for row, column in np.argwhere(change)]
    cells.sort(key=lambda cell: (-abs(int(change[cell])), cell))
    return tuple(
        ConfusionChange(
            truth=labels[row],
            answer=labels[column],
            reference=int(theirs[row, column]),
            artifact=int(ours[row, column]),
        )
        for row, column in cells
    )
