"""Numbers of one head, by hand and against scikit-learn and scipy."""

import math
from typing import Any

import numpy as np
import pytest
from modelport.contract.labels.heads import ClassificationHead, RegressionHead
from modelport.validate.answers.evidence import HeadEvidence
from modelport.validate.scores.head_scores import ClassificationScores, Parity, RegressionScores
from modelport.validate.scores.parity import score_head

_HEAD = ClassificationHead(name="label", labels=("a", "b", "c"))
_ALL4 = np.ones(4, dtype=bool)
_NAMES = ("w.png", "x.png", "y.png", "z.png")


def _rows(*labels: int, sure: float = 0.8) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Give `sure` to each label, and share the rest between the two others."""
    rows = np.full((len(labels), 3), (1 - sure) / 2, dtype=np.float32)
    rows[np.arange(len(labels)), labels] = sure
    return rows


def _score(answered: Any, truth: Any, reference: Any, matched: Any = None, known: Any = None) -> ClassificationScores:
    n = len(answered)
    evidence = HeadEvidence(
        truth=np.asarray(truth), known=np.ones(n, dtype=bool) if known is None else known, reference=reference
    )
    scores = score_head(
        _HEAD, answered, evidence, np.ones(n, dtype=bool) if matched is None else matched, tuple(map(str, range(n)))
    )
    assert isinstance(scores, ClassificationScores)
    return scores


def _parity(*args: Any, **how: Any) -> Parity:
    parity = _score(*args, **how).parity
    assert parity is not None
    return parity


def test_flips_are_counted_both_ways() -> None:
    """Of 4 images the artifact loses one, wins one, and changes its mind on a third that both get wrong."""
    truth = [0, 1, 2, 2]
    drop = _parity(_rows(1, 1, 1, 2), truth, _rows(0, 1, 0, 0)).drop
    assert drop is not None
    assert (drop.lost, drop.won, drop.points, drop.n) == (1, 1, 0.0, 4)
    assert _parity(_rows(1, 1, 1, 2), truth, _rows(0, 1, 0, 0)).changed == 3
    assert _parity(_rows(1, 1, 1, 2), truth, _rows(0, 1, 0, 0)).agreement_fraction == 0.25


@pytest.mark.parametrize(("n", "points"), [(75, 4.9), (270, 1.4), (1000, 0.4)])
def test_a_perfect_artifact_has_an_interval_of_the_size_of_its_sample(n: int, points: float) -> None:
    """Closed form of the score interval without flips: z^2 / (n + z^2); DESIGN.md names these three."""
    answers = _rows(*([0, 1, 2] * n)[:n])
    drop = _parity(answers, answers.argmax(axis=1), answers).drop
    assert drop is not None
    exact = 100 * 1.959963984540054**2 / (n + 1.959963984540054**2)
    assert pytest.approx((-exact, exact)) == drop.interval_points
    assert points == round(drop.interval_points[1], 1)


def test_top1_top3_and_intervals_agree_with_scikit_learn_and_scipy() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    random = np.random.default_rng(7)
    reference = random.dirichlet(np.ones(3), 200).astype(np.float32)
    answered = (0.9 * reference + 0.1 * random.dirichlet(np.ones(3), 200)).astype(np.float32)
    truth = random.integers(0, 3, 200)
    scores = _score(answered, truth, reference)
    assert scores.accuracy is not None
    assert scores.parity is not None
    top1 = metrics.accuracy_score(truth, answered.argmax(axis=1))
    wilson = stats.binomtest(round(top1 * 200), 200).proportion_ci(method="wilson")
    assert pytest.approx(top1) == scores.accuracy.top1_fraction
    assert pytest.approx((wilson.low, wilson.high)) == scores.accuracy.top1_interval
    assert scores.accuracy.top3_fraction == 1.0
    kl = stats.entropy(reference.astype(float), answered.astype(float), axis=1).mean()
    assert pytest.approx(kl, rel=1e-4) == scores.parity.kl_nats
    recall = {
        label: metrics.recall_score(truth, reference.argmax(axis=1), average=None)[index]
        - metrics.recall_score(truth, answered.argmax(axis=1), average=None)[index]
        for index, label in enumerate("abc")
    }
    assert recall == pytest.approx({drop.label: drop.points / 100 for drop in scores.parity.class_drops})


def test_each_class_has_its_own_drop() -> None:
    truth = [0, 0, 1, 1, 1, 2]
    drops = _parity(_rows(0, 0, 1, 0, 0, 2), truth, _rows(*truth)).class_drops
    assert [(drop.label, drop.n, drop.lost) for drop in drops] == [("a", 2, 0), ("b", 3, 2), ("c", 1, 0)]
    assert [drop.points for drop in drops] == pytest.approx([0, 200 / 3, 0])


def test_the_image_with_the_largest_difference_is_named() -> None:
    reference = _rows(0, 1, 2)
    answered = reference.copy()
    answered[1] += np.array([0.25, -0.25, 0], dtype=np.float32)
    parity = _parity(answered, [0, 1, 2], reference)
    assert parity.max_difference_image == "1"
    assert parity.max_probability_difference == pytest.approx(0.25)


def test_accuracy_is_of_all_images_and_parity_of_the_matched_ones() -> None:
    reference = np.zeros((4, 3), dtype=np.float32)
    reference[:2] = _rows(0, 1)
    scores = _score(_rows(0, 1, 2, 0), [0, 1, 2, 2], reference, matched=np.array([True, True, False, False]))
    assert scores.accuracy is not None
    assert scores.parity is not None
    assert (scores.accuracy.n, scores.accuracy.top1_fraction) == (4, 0.75)
    assert scores.parity.drop is not None
    assert (scores.parity.drop.n, scores.parity.drop.won) == (2, 0)
    assert (
        scores.parity.n,
        scores.parity.agreement_fraction,
        scores.parity.max_probability_difference,
    ) == (2, 1.0, 0.0)


def test_without_any_reference_there_is_no_parity_and_without_truth_no_accuracy() -> None:
    scores = _score(_rows(0, 1), [0, 1], _rows(0, 1), matched=np.zeros(2, dtype=bool), known=np.zeros(2, dtype=bool))
    assert (scores.parity, scores.accuracy) == (None, None)
    parity = _parity(_rows(0, 1), [0, 1], _rows(0, 1), known=np.zeros(2, dtype=bool))
    assert (parity.agreement_fraction, parity.drop, parity.class_drops) == (1.0, None, ())


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_counted_named_and_never_repaired(value: float) -> None:
    answered = _rows(0, 1, 2)
    answered[1, 1] = value
    scores = _score(answered, [0, 1, 2], _rows(0, 1, 2))
    assert scores.not_finite == ("1",)
    assert scores.parity is not None
    assert not math.isfinite(scores.parity.max_probability_difference)
    assert not np.isfinite(answered[1, 1]), "the answers are not changed"


def test_a_nan_counts_as_wrong() -> None:
    answered = _rows(0, 1)
    answered[1] = np.nan
    accuracy = _score(answered, [0, 0], _rows(0, 0)).accuracy
    assert accuracy is not None
    assert accuracy.top1_fraction == 0.5


def test_a_regression_head_has_absolute_errors_in_its_unit() -> None:
    """Errors 1, 2, 3, 6: mean 3. The reference errs by 0, 0, 0, 4: mean 1. Largest difference 3 (third)."""
    head = RegressionHead(name="age", unit="years")
    truth = np.array([10.0, 20, 30, 40])
    reference = np.array([[10], [20], [30], [44]], dtype=np.float32)
    answered = np.array([[11], [22], [33], [46]], dtype=np.float32)
    scores = score_head(head, answered, HeadEvidence(truth=truth, known=_ALL4, reference=reference), _ALL4, _NAMES)
    assert isinstance(scores, RegressionScores)
    assert (scores.mae, scores.reference_mae, scores.max_value_difference, scores.unit) == (3.0, 1.0, 3.0, "years")


def test_a_larger_absolute_error_has_the_interval_of_a_paired_t_test() -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    random = np.random.default_rng(2)
    truth = random.uniform(10, 80, 50)
    reference, answered = ((truth + random.normal(0, 4, 50)).astype(np.float32)[:, None] for _ in range(2))
    everything = np.ones(50, dtype=bool)
    evidence = HeadEvidence(truth=truth, known=everything, reference=reference)
    scores = score_head(RegressionHead(name="age", unit="years"), answered, evidence, everything, ("",) * 50)
    assert isinstance(scores, RegressionScores)
    errors = [np.abs(values[:, 0] - truth) for values in (answered, reference)]
    expected = stats.ttest_rel(*errors).confidence_interval(0.95)
    assert scores.mae_increase == pytest.approx(np.mean(errors[0] - errors[1]))
    assert (expected.low, expected.high) == pytest.approx(scores.mae_increase_interval, rel=1e-5)
    assert scores.paired_n == 50


def test_recall_of_every_class_is_that_of_scikit_learn_and_a_class_without_images_is_listed() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    truth = np.random.default_rng(4).integers(0, 2, 60)
    answered = np.random.default_rng(5).dirichlet(np.ones(3), 60).astype(np.float32)
    recalls = _score(answered, truth, answered).class_recalls
    expected = metrics.recall_score(truth, answered.argmax(axis=1), average=None, labels=[0, 1])
    assert [recall.label for recall in recalls] == ["a", "b", "c"]
    assert [recall.right / recall.n for recall in recalls[:2]] == pytest.approx(expected)
    assert (recalls[2].n, recalls[2].right) == (0, 0)


def test_mcnemar_is_of_lost_against_won() -> None:
    """5 lost, none won: two of the 32 splits of five coins are as extreme."""
    reference, truth = _rows(0, 0, 0, 0, 0, 1), [0, 0, 0, 0, 0, 1]
    assert _parity(_rows(1, 1, 1, 1, 1, 1), truth, reference).mcnemar_p == pytest.approx(2 / 32)
    assert _parity(reference, truth, reference).mcnemar_p == 1.0
    assert _parity(reference, truth, reference, known=np.zeros(6, dtype=bool)).mcnemar_p is None
