"""evaluation_report.json: how good the model is on the test split."""

from typing import Any

import numpy as np

from ...contract.labels.heads import ClassificationHead
from ...contract.labels.label_suspicion import suspected_labels
from ...contract.run.reference import Reference
from ...contract.statistics.intervals import wilson_interval
from ...contract.statistics.scores import confusion_matrix, hits, precision_and_recall, top_k_accuracy
from .history import History, best_epoch


def evaluate(reference: Reference, head: ClassificationHead, history: History | None) -> dict[str, Any]:
    """Return the content of evaluation_report.json; fractions are in [0, 1], a metric of an absent class is null.

    "suspected_labels" says in words how the labels are probably wrong; null where the answers do not say so clearly.

    Args:
        reference: predictions for the test split.
        head: whose labels name the classes.
        history: for the gap between training and validation accuracy, at the epoch whose weights were kept. Training
            accuracy is measured on augmented images with dropout, so the gap may be negative. None, a training that
            was elsewhere, leaves the gap null.
    """
    probabilities, truth = reference.predictions[head.name], reference.truths[head.name]
    right = int(hits(probabilities, truth).sum())
    confusion = confusion_matrix(probabilities.argmax(axis=1), truth, len(head.labels))
    return {
        "run_id": reference.run_id,
        "model_sha256": reference.model_sha256,
        "test_images": len(truth),
        "test_accuracy": right / len(truth),
        "test_accuracy_interval_95": list(wilson_interval(right, len(truth))),
        "top3_accuracy": top_k_accuracy(probabilities, truth, 3),
        "train_validation_gap": None if history is None else _gap(history),
        "class_names": list(head.labels),
        "per_class_metrics": _per_class(confusion, head.labels),
        "confusion_matrix": confusion.tolist(),
        "most_confused_pairs": most_confused(confusion, head.labels),
        "suspected_labels": suspected_labels(confusion, head) or None,
    }


def _gap(history: History) -> float:
    kept = best_epoch(history)
    return float(history["accuracy"][kept] - history["val_accuracy"][kept])


def most_confused(confusion: Any, labels: tuple[str, ...], count: int = 10) -> list[dict[str, Any]]:
    """Return the largest off-diagonal entries of a (classes, classes) confusion matrix, most frequent first."""
    errors = confusion.copy()
    np.fill_diagonal(errors, 0)
    order = np.argsort(-errors, axis=None, kind="stable")[:count]
    pairs = (np.unravel_index(flat, errors.shape) for flat in order)
    return [
        {"true": labels[row], "predicted": labels[column], "count": int(errors[row, column])}
        for row, column in pairs
        if errors[row, column]
    ]


def _per_class(confusion: Any, labels: tuple[str, ...]) -> dict[str, dict[str, float | int | None]]:
    precision, recall = precision_and_recall(confusion)
    harmonic = 2 * np.diag(confusion) / np.maximum(confusion.sum(axis=0) + confusion.sum(axis=1), 1)
    return {
        label: {
            "precision": _number(precision[i]),
            "recall": _number(recall[i]),
            "f1": float(harmonic[i]),
            "support": int(confusion[i].sum()),
        }
        for i, label in enumerate(labels)
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
