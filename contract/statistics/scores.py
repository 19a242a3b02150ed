"""Scores of predictions: top-k, per-class precision and recall, confusion, agreement, divergence, absolute error.

Everywhere: `probabilities` is (n, classes) float in [0, 1], `truth` is (n,) label indices, n is at least 1. NaN is
never replaced: it comes out of the score, or counts as wrong, as each docstring says.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]


def hits(probabilities: Floats, truth: Labels, k: int = 1) -> NDArray[np.bool_]:
    """Return (n,) whether the true label is among the `k` most probable; of equal ones the lower index comes first.

    A row that holds a NaN is a miss.
    """
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    found: NDArray[np.bool_] = (order == truth[:, None]).any(axis=1)
    return found & ~np.isnan(probabilities).any(axis=1)


def top_k_accuracy(probabilities: Floats, truth: Labels, k: int = 1) -> float:
    """Return the fraction of images, in [0, 1], whose true label is among the `k` most probable."""
    return float(hits(probabilities, truth, k).mean())


def confusion_matrix(predicted: Labels, truth: Labels, classes: int) -> NDArray[np.int64]:
    """Return (classes, classes) counts: row = true label, column = predicted label."""
    matrix = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(matrix, (truth, predicted), 1)
    return matrix


def precision_and_recall(confusion: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (classes,) precision and (classes,) recall, in [0, 1]; NaN for a class never predicted, or never true."""
    right = np.diag(confusion).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return right / confusion.sum(axis=0), right / confusion.sum(axis=1)


def agreement(one: Floats, other: Floats) -> float:
    """Return the fraction of images, in [0, 1], for which both have the same most probable label."""
    return float((one.argmax(axis=1) == other.argmax(axis=1)).mean())


def kl_divergence(reference: Floats, other: Floats, floor: float = 1e-12) -> float:
    """Return the mean over images of KL(reference || other), in nats; probabilities below `floor` count as `floor`."""
    p, q = (np.maximum(x.astype(np.float64), floor) for x in (reference, other))
    return float((p * (np.log(p) - np.log(q))).sum(axis=1).mean())


def mean_absolute_error(values: Floats, truth: Floats) -> float:
    """Return the mean absolute error of (n, 1) or (n,) values against (n,) true values, in their unit."""
    return float(np.abs(values.reshape(len(truth)).astype(np.float64) - truth).mean())
