"""Against scikit-learn and by hand."""

import math

import numpy as np
import pytest
from modelport.contract.statistics import scores


def random_probabilities(n: int = 200, classes: int = 5, seed: int = 0) -> tuple[scores.Floats, scores.Labels]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(classes), n).astype(np.float32), rng.integers(0, classes, n)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_top_k_equals_scikit_learn(k: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    probabilities, truth = random_probabilities()
    expected = 1.0 if k == 5 else metrics.top_k_accuracy_score(truth, probabilities, k=k)
    assert expected == pytest.approx(scores.top_k_accuracy(probabilities, truth, k))


def test_confusion_precision_and_recall_equal_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    probabilities, truth = random_probabilities()
    predicted = probabilities.argmax(axis=1)
    confusion = scores.confusion_matrix(predicted, truth, 5)
    np.testing.assert_array_equal(metrics.confusion_matrix(truth, predicted), confusion)
    precision, recall = scores.precision_and_recall(confusion)
    expected = metrics.precision_recall_fscore_support(truth, predicted)
    np.testing.assert_allclose(expected[0], precision)
    np.testing.assert_allclose(expected[1], recall)


def test_rows_are_truth_and_columns_prediction() -> None:
    assert [[1, 1], [0, 1]] == scores.confusion_matrix(np.array([0, 1, 1]), np.array([0, 0, 1]), 2).tolist()


def test_a_class_never_predicted_has_no_precision_and_one_never_true_no_recall() -> None:
    precision, recall = scores.precision_and_recall(np.array([[1, 0], [0, 0]]))
    assert [1.0, True] == [precision[0], math.isnan(precision[1])]
    assert [1.0, True] == [recall[0], math.isnan(recall[1])]


def test_of_equal_probabilities_the_lower_index_comes_first() -> None:
    """As argmax, TFLite and ONNX do it."""
    assert [True, False, False] == scores.hits(np.full((3, 3), 1 / 3), np.array([0, 1, 2])).tolist()
    assert [True, True, False] == scores.hits(np.full((3, 3), 1 / 3), np.array([0, 1, 2]), k=2).tolist()
    many = np.tile([0.5, 0.0], (100, 50))  # short rows are sorted stably by every algorithm
    expected = [index in (0, 2, 4) for index in range(100)]
    assert expected == scores.hits(many, np.arange(100), k=3).tolist()


def test_a_row_with_nan_is_a_miss_whatever_its_label() -> None:
    rows = np.array([[math.nan, 0.9], [0.9, math.nan], [math.nan, math.nan], [0.9, 0.1]])
    assert [False, False, False, True] == scores.hits(rows, np.array([1, 0, 0, 0])).tolist()
    assert 0.25 == scores.top_k_accuracy(rows, np.array([1, 0, 0, 0]), k=2)


def test_agreement_is_the_fraction_of_equal_first_places() -> None:
    one = np.array([[0.6, 0.4], [0.4, 0.6], [0.9, 0.1], [0.2, 0.8]])
    other = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2], [0.1, 0.9]])
    assert 0.75 == scores.agreement(one, other)


def test_divergence_equals_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    (one, _), (other, _) = random_probabilities(seed=1), random_probabilities(seed=2)
    expected = stats.entropy(one.astype(np.float64), other.astype(np.float64), axis=1).mean()
    assert expected == pytest.approx(scores.kl_divergence(one, other), rel=1e-6)
    assert 0.0 == scores.kl_divergence(one, one)


def test_a_certain_wrong_answer_has_a_finite_divergence_and_nan_none() -> None:
    certain, wrong = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    assert math.log(1e12) == pytest.approx(scores.kl_divergence(certain, wrong))
    assert math.isnan(scores.kl_divergence(certain, np.array([[math.nan, 1.0]])))


def test_absolute_error_takes_columns_and_rows() -> None:
    truth = np.array([10.0, 20.0], dtype=np.float32)
    for values in (np.array([[12.0], [19.0]], dtype=np.float32), np.array([12.0, 19.0], dtype=np.float32)):
        assert 1.5 == scores.mean_absolute_error(values, truth)
