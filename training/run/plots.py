"""The pictures of a run: curves, confusion matrix, sample predictions. Each carries the run's id in its metadata."""

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from ...contract.files.atomic_write import atomic_file
from ...contract.image.decode import open_image
from ...contract.labels.heads import ClassificationHead
from ...contract.run.reference import Reference
from ...contract.statistics.scores import confusion_matrix, hits
from .history import History, best_epoch

matplotlib.use("Agg")
from matplotlib import pyplot as plt

GREEN, RED = "#1a7f37", "#cf222e"


def plot_history(history: History, path: Path, metadata: dict[str, str]) -> None:
    """Draw loss and accuracy of every epoch, with the start of phase 2 and the epoch that was kept."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
    epochs = np.arange(1, len(history["loss"]) + 1)
    for axis, curve in zip(axes, ("loss", "accuracy"), strict=True):
        axis.plot(epochs, history[curve], marker=".", label="train (augmented)")
        axis.plot(epochs, history[f"val_{curve}"], marker=".", label="validation")
        axis.axvline(best_epoch(history) + 1, color=GREEN, linestyle=":", label="kept")
        if 2 in history["phase"]:
            axis.axvline(history["phase"].index(2) + 0.5, color="gray", linewidth=1, label="phase 2 begins")
        axis.set(title=curve, xlabel="epoch", ylim=(0, None) if curve == "loss" else (0, 1.02))
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[1].legend(loc="lower right")
    _save(figure, path, metadata)


def plot_confusion(reference: Reference, head: ClassificationHead, path: Path, metadata: dict[str, str]) -> None:
    """Draw the confusion matrix: rows are true labels; numbers are written where there are at most 30 classes."""
    predicted = reference.predictions[head.name].argmax(axis=1)
    matrix = confusion_matrix(predicted, reference.truths[head.name], len(head.labels))
    side = min(16.0, 3 + 0.35 * len(head.labels))
    figure, axis = plt.subplots(figsize=(side, side), layout="constrained")
    axis.imshow(matrix, cmap="Blues")
    ticks = range(len(head.labels))
    axis.set_xticks(ticks, head.labels, rotation=90, parse_math=False)
    axis.set_yticks(ticks, head.labels, parse_math=False)
    axis.set(xlabel="predicted", ylabel="true", title=f"{len(predicted)} test images")
    if len(head.labels) <= 30:
        for (row, column), count in np.ndenumerate(matrix):
            if count:
                color = "white" if count > matrix.max() / 2 else "black"
                axis.text(column, row, str(count), ha="center", va="center", color=color, fontsize=8)
    _save(figure, path, metadata)


def plot_samples(
    reference: Reference, head: ClassificationHead, root: Path, path: Path, metadata: dict[str, str], count: int = 12
) -> None:
    """Show the most confident errors, then the least confident right answers, until there are `count` images."""
    probabilities, truth = reference.predictions[head.name], reference.truths[head.name]
    confidence, right = probabilities.max(axis=1), hits(probabilities, truth)
    order = np.lexsort((np.where(right, confidence, -confidence), right))[:count]
    figure, axes = plt.subplots(-(-len(order) // 4), 4, figsize=(9, 2.6 * -(-len(order) // 4)), layout="constrained")
    figure.suptitle(f"{int((~right).sum())} errors on {len(truth)} test images, most confident first")
    for axis in np.ravel(axes):
        axis.axis("off")
    for axis, row in zip(np.ravel(axes), order, strict=False):
        file = root / reference.paths[row]
        axis.imshow(open_image(file.read_bytes(), file).convert("RGB"))
        said, true = head.labels[probabilities[row].argmax()], head.labels[truth[row]]
        text = f"{true}" if right[row] else f"{true}, taken for {said}"
        axis.set_title(
            f"{text}\n{confidence[row]:.2f}", color=GREEN if right[row] else RED, fontsize=9, parse_math=False
        )
    _save(figure, path, metadata)


def _save(figure: Any, path: Path, metadata: dict[str, str]) -> None:
    with atomic_file(path) as part:
        figure.savefig(part, dpi=110, metadata=metadata)
    plt.close(figure)
