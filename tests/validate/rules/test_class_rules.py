"""Recall of each class: corrected for how many there are, and floors. Expected values by hand or from scipy."""

from dataclasses import replace

import numpy as np
import pytest
from modelport.contract.statistics.drop_decision import p_if_within
from modelport.contract.statistics.intervals import paired_drop_interval
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.verdict import Verdict
from modelport.validate.rules.score_rules import judge_scores
from modelport.validate.scores.head_scores import ClassificationScores, ClassRecall, Drop, Parity

PASS, FAIL, UNDECIDED, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDED, Verdict.NOT_JUDGED


def _drop(label: str, lost: int, won: int, n: int) -> Drop:
    low, high = paired_drop_interval(lost, won, n)
    interval = (100 * low, 100 * high)
    return Drop(label=label, n=n, lost=lost, won=won, points=100 * (lost - won) / n, interval_points=interval)


def _scores(*drops: Drop, recalls: tuple[ClassRecall, ...] = ()) -> ClassificationScores:
    parity = Parity(
        n=100,
        reference=None,
        drop=None,
        class_drops=drops,
        agreement_fraction=1.0,
        changed=0,
        max_probability_difference=0.0,
        max_difference_image="x.png",
        kl_nats=0.0,
    )
    return ClassificationScores(head="label", n=100, not_finite=(), accuracy=None, parity=parity, class_recalls=recalls)


def _judge(scores: ClassificationScores, key: str, value: float) -> tuple[Verdict, str]:
    budget = Budget(key=key, value=value, source="file")
    (found,) = [finding for finding in judge_scores(scores, {key: budget}, "pixels") if finding.key == key]
    return found.verdict, found.sentence


def _judge_drops(*drops: Drop, points: float = 5.0) -> tuple[Verdict, str]:
    return _judge(_scores(*drops), "max_class_recall_drop_points", points)


#: Alone it fails at a budget of 5 points: p = 0.0074, and 0.025 / 20 = 0.00125 is what one of twenty may have.
_SUSPECT = _drop("suspect", 12, 0, 90)
_HEALTHY = [_drop(f"class {number}", 0, 0, 90) for number in range(19)]


def test_a_class_that_fails_alone_fails() -> None:
    assert 0.00125 < p_if_within(12, 0, 90, 0.05) < 0.025
    assert _judge_drops(_SUSPECT)[0] is FAIL


def test_among_twenty_classes_the_same_class_may_be_chance() -> None:
    verdict, sentence = _judge_drops(_SUSPECT, *_HEALTHY)
    assert verdict is UNDECIDED
    assert "alone it would fail, of 20 classes one so far off is likely enough (Holm)" in sentence


def test_among_twenty_classes_a_class_that_is_far_off_fails_and_the_corrected_level_is_said() -> None:
    """2.5 % / 20 = 0.125 %."""
    verdict, sentence = _judge_drops(_drop("broken", 60, 0, 90), *_HEALTHY)
    assert verdict is FAIL
    assert "recall drop of 'broken' +66.7 points" in sentence
    assert "at the level of 0.125 % that Holm's correction for 20 classes leaves of 2.5 %" in sentence


def test_the_adjusted_lower_bound_is_said_and_lies_below_the_plain_one() -> None:
    """Tango's bound at the 99.875 % quantile of the normal distribution."""
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    _, sentence = _judge_drops(_drop("broken", 60, 0, 90), *_HEALTHY)
    low, _ = paired_drop_interval(60, 0, 90, float(stats.norm.ppf(1 - 0.00125)))
    assert f"at least {100 * low:+.1f} at the level" in sentence
    assert low < paired_drop_interval(60, 0, 90)[0]


def test_two_broken_classes_are_both_counted() -> None:
    """The second is held against 2.5 % / 19."""
    verdict, sentence = _judge_drops(_drop("a", 60, 0, 90), _drop("b", 50, 0, 90), *_HEALTHY)
    assert verdict is FAIL
    assert sentence.endswith(", and 1 more class")


def test_few_images_of_a_class_are_undecided_with_the_number_that_settles_it() -> None:
    verdict, sentence = _judge_drops(_drop("rare", 1, 0, 9))
    assert verdict is UNDECIDED
    assert "images of that class would settle it" in sentence


def test_all_classes_within_pass_without_a_correction() -> None:
    assert _judge_drops(*_HEALTHY)[0] is PASS
    assert _judge_drops(*_HEALTHY, *[replace(drop, label=f"other {drop.label}") for drop in _HEALTHY])[0] is PASS


def test_healthy_classes_raise_a_false_alarm_in_at_most_2_5_percent() -> None:
    """20 classes of 60 images that each lose 5 points, which is the budget: 400 draws. Uncorrected: about 30 %."""
    random = np.random.default_rng(0)
    alarms = uncorrected = 0
    for _ in range(400):
        flips = random.multinomial(60, [0.08, 0.03, 0.89], 20)
        drops = [_drop(str(number), int(lost), int(won), 60) for number, (lost, won, _) in enumerate(flips)]
        alarms += _judge_drops(*drops)[0] is FAIL
        uncorrected += any(drop.interval_points[0] > 5 for drop in drops)
    assert alarms / 400 <= 0.025
    assert uncorrected / 400 > 0.2


def test_a_class_without_images_is_not_judged_by_name() -> None:
    recalls = (ClassRecall(label="a", n=90, right=90), ClassRecall(label="b", n=0, right=0))
    scores = _scores(_drop("a", 0, 0, 90), recalls=recalls)
    verdict, sentence = _judge(scores, "max_class_recall_drop_points", 5.0)
    assert verdict is NOT_JUDGED
    assert "not judged for 'b': no images of it" in sentence


_RECALLS = (ClassRecall(label="a", n=10, right=9), ClassRecall(label="b", n=10, right=7))


@pytest.mark.parametrize(("floor", "expected"), [(0.7, PASS), (0.71, FAIL), (0.95, FAIL)])
def test_the_class_with_the_least_recall_is_held_against_the_floor(floor: float, expected: Verdict) -> None:
    verdict, sentence = _judge(_scores(recalls=_RECALLS), "min_class_recall", floor)
    assert verdict is expected
    assert sentence.startswith("recall of 'b' 70.0 % of 10 images, the least of 2 classes; budget at least")
    assert sentence.endswith("2 classes are below it") == (floor == 0.95)


@pytest.mark.parametrize(("n", "expected"), [(8, UNDECIDED), (9, PASS)])
def test_a_class_of_so_few_images_that_none_could_prove_the_floor_is_named(n: int, expected: Verdict) -> None:
    """All right, the lower bound is n / (n + 1.96^2), which is 0.7 from n = 8.96 on."""
    recalls = (ClassRecall(label="many", n=100, right=70), ClassRecall(label="few", n=n, right=n))
    verdict, sentence = _judge(_scores(recalls=recalls), "min_class_recall", 0.7)
    assert verdict is expected
    if expected is UNDECIDED:
        assert sentence.startswith("recall of 'few' 100.0 % of 8 images, the fewest of 2 classes")
        assert sentence.endswith("8 images cannot prove that: 9 can, if all are right")


def test_a_floor_is_not_judged_where_a_class_has_no_images_or_none_has() -> None:
    absent = ClassRecall(label="c", n=0, right=0)
    verdict, sentence = _judge(_scores(recalls=(*_RECALLS, absent)), "min_class_recall", 0.7)
    assert (verdict, "not judged for 'c'" in sentence) == (NOT_JUDGED, True)
    assert _judge(_scores(recalls=(*_RECALLS, absent)), "min_class_recall", 0.8)[0] is FAIL
    assert _judge(_scores(), "min_class_recall", 0.8)[0] is NOT_JUDGED
