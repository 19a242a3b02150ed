"""evaluation_report.json against scikit-learn, on made-up predictions."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.run.reference import Reference
from modelport.training.run.evaluation import evaluate, most_confused
from modelport.training.run.history import new_history

metrics = pytest.importorskip("sklearn.metrics", reason="the comparison needs scikit-learn")

CLASSES, N = 12, 300
LABELS = tuple(f"class {index:02}" for index in range(CLASSES))
HEAD = ClassificationHead(name="label", labels=LABELS)
HISTORY = new_history() | {
    "accuracy": [0.5, 0.75, 0.9],
    "val_accuracy": [0.4, 0.5, 0.45],
    "val_loss": [1.0, 1.0, 1.0],
    "phase": [1, 1, 1],
}


def made_up(truth: Any, seed: int = 0) -> Reference:
    """Random probabilities that favour the truth."""
    random = np.random.default_rng(seed)
    scores = random.random((len(truth), CLASSES))
    scores[np.arange(len(truth)), truth] += 0.5
    digests = tuple(f"{row:064}" for row in range(len(truth)))
    return Reference(
        run_id="the run",
        model_sha256="the model",
        paths=digests,
        file_sha256=digests,
        pixels_sha256=digests,
        truths={"label": np.asarray(truth)},
        predictions={"label": (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)},
    )


@pytest.fixture
def truth() -> Any:
    return np.random.default_rng(1).integers(0, CLASSES, N)


def test_scores_are_scikit_learns(truth: Any) -> None:
    reference = made_up(truth)
    probabilities = reference.predictions["label"]
    predicted = probabilities.argmax(axis=1)
    report = evaluate(reference, HEAD, HISTORY)
    expected = metrics.classification_report(truth, predicted, target_names=LABELS, output_dict=True)
    assert pytest.approx(expected["accuracy"]) == report["test_accuracy"]
    assert pytest.approx(metrics.top_k_accuracy_score(truth, probabilities, k=3)) == report["top3_accuracy"]
    assert metrics.confusion_matrix(truth, predicted).tolist() == report["confusion_matrix"]
    for label in LABELS:
        row = report["per_class_metrics"][label]
        assert pytest.approx(expected[label]) == {
            "precision": row["precision"],
            "recall": row["recall"],
            "f1-score": row["f1"],
            "support": row["support"],
        }


def test_the_interval_is_statsmodels_wilson(truth: Any) -> None:
    """By hand: Wilson (1927)."""
    report = evaluate(made_up(truth), HEAD, HISTORY)
    from scipy.stats import binomtest

    right = round(report["test_accuracy"] * N)
    expected = binomtest(right, N).proportion_ci(method="wilson")
    assert pytest.approx((expected.low, expected.high)) == report["test_accuracy_interval_95"]


def test_the_report_says_of_which_run_it_is_and_how_many_images(truth: Any) -> None:
    report = evaluate(made_up(truth), HEAD, HISTORY)
    assert ("the run", "the model", N) == (report["run_id"], report["model_sha256"], report["test_images"])
    assert list(LABELS) == report["class_names"]


def test_the_gap_is_that_of_the_epoch_that_was_kept(truth: Any) -> None:
    assert pytest.approx(0.75 - 0.5) == evaluate(made_up(truth), HEAD, HISTORY)["train_validation_gap"]


def test_a_class_without_an_image_has_no_recall_and_no_nan() -> None:
    report = evaluate(made_up(np.zeros(20, np.int64)), HEAD, HISTORY)
    row = report["per_class_metrics"][LABELS[5]]
    assert (None, 0) == (row["recall"], row["support"])
    import json

    json.dumps(report, allow_nan=False)


def test_the_ten_most_confused_pairs_come_first() -> None:
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    np.fill_diagonal(confusion, 1000)
    for count, (row, column) in enumerate(zip(range(11), range(1, 12), strict=True), start=1):
        confusion[row, column] = count
    pairs = most_confused(confusion, LABELS)
    assert [11, 10, 9, 8, 7, 6, 5, 4, 3, 2] == [pair["count"] for pair in pairs]
    assert {"true": LABELS[10], "predicted": LABELS[11], "count": 11} == pairs[0]
    assert 1000 == confusion[0, 0], "the matrix was changed"


def test_a_perfect_model_confuses_nothing() -> None:
    assert [] == most_confused(np.eye(CLASSES, dtype=np.int64), LABELS)


def test_exchanged_labels_are_suspected_and_right_ones_are_not() -> None:
    truth = np.arange(N) % CLASSES
    right, answered = made_up(truth), np.array([0, 2, 1, *range(3, CLASSES)])[truth]
    sure = np.eye(CLASSES, dtype=np.float32)
    exchanged = replace(right, predictions={"label": sure[answered]})
    assert evaluate(replace(right, predictions={"label": sure[truth]}), HEAD, HISTORY)["suspected_labels"] is None
    said = evaluate(exchanged, HEAD, HISTORY)["suspected_labels"]
    assert "labels 'class 01' and 'class 02' are probably exchanged" in said
    assert "300 of 300 images are answered right, not 250" in said
