"""Made-up answers whose right decision is known."""

from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import UsageError
from modelport.training.adopt.options import CANDIDATES, parse_range, range_name
from modelport.training.adopt.value_ranges import RangeScore, choose_range, doubts, is_clearly_better

UNIT, BYTE, SIGNED = CANDIDATES


def _score(value_range: tuple[float, float], right: int, n: int = 200, log_probability: Any = -1.0) -> RangeScore:
    """The first `right` of `n` images are right."""
    return RangeScore(
        value_range=value_range,
        right=np.arange(n) < right,
        log_probability=np.broadcast_to(np.asarray(log_probability, dtype=np.float64), n).copy(),
    )


def test_the_range_with_clearly_more_right_is_taken() -> None:
    scores = [_score(UNIT, 20), _score(BYTE, 170), _score(SIGNED, 25)]
    assert BYTE == choose_range(scores, chance=0.1)


@pytest.mark.parametrize(("flips", "clear"), [(7, False), (8, True)])
def test_eight_flips_of_eight_are_clear_and_seven_are_not(flips: int, clear: bool) -> None:
    """McNemar's exact p of 7:0 is 2 / 2**7 = 0.0156, of 8:0 it is 0.0078; the level is 0.01."""
    assert clear == is_clearly_better(_score(UNIT, 100 + flips), _score(BYTE, 100))


def test_equal_top1_is_decided_by_probabilities_if_these_are_clear() -> None:
    """All 200 images have a higher probability under [0, 1], and it is the narrower range."""
    scores = [_score(UNIT, 180, log_probability=-0.2), _score(BYTE, 20), _score(SIGNED, 180, log_probability=-0.4)]
    assert UNIT == choose_range(scores, chance=0.1)


def test_a_wider_range_does_not_win_by_being_surer() -> None:
    """A network without biases answers the same labels to pixels 255 times as large, and is surer of each."""
    unit, byte = _score(UNIT, 200, log_probability=-0.1), _score(BYTE, 200, log_probability=0.0)
    assert not is_clearly_better(byte, unit)
    with pytest.raises(UsageError, match=r"0\.\.255 and 0\.\.1 answer alike") as caught:
        choose_range([unit, byte, _score(SIGNED, 30)], chance=0.1)
    assert "--source-range" in str(caught.value.fix)
    assert 3 == str(caught.value.received).count("top-1"), "the figures are named"


def test_a_few_errors_that_were_sure_outweigh_many_that_are_surer() -> None:
    """By hand: gains of -0.2 for 180 images and +15.8 for 20, mean 1.4, deviation 4.8: z = 1.4 / (4.8 / 14.1) = 4.1."""
    sure_and_wrong = np.where(np.arange(200) < 180, 0.0, -16.0)
    unit, byte = _score(UNIT, 180, log_probability=-0.2), _score(BYTE, 180, log_probability=sure_and_wrong)
    assert is_clearly_better(unit, byte)
    assert not is_clearly_better(byte, unit)


def test_one_error_that_was_sure_tells_nothing() -> None:
    """By hand: 199 gains of -0.01 and one of +15.9, mean 0.07, deviation 1.13: z = 0.9."""
    sure_and_wrong = np.where(np.arange(200) < 199, 0.0, -16.0)
    unit, byte = _score(UNIT, 199, log_probability=-0.01), _score(BYTE, 199, log_probability=sure_and_wrong)
    assert not is_clearly_better(unit, byte)
    assert not is_clearly_better(byte, unit)


def test_a_model_at_chance_under_every_range_is_refused() -> None:
    scores = [_score(value_range, right) for value_range, right in zip(CANDIDATES, (20, 24, 18), strict=True)]
    with pytest.raises(UsageError, match="at chance") as caught:
        choose_range(scores, chance=0.1)
    assert "labels file is in another order" in str(caught.value.fix)


def test_two_images_tell_nothing() -> None:
    with pytest.raises(UsageError):
        choose_range([_score(UNIT, 0, 2), _score(BYTE, 2, 2), _score(SIGNED, 0, 2)], chance=0.5)


def test_a_given_range_is_doubted_when_another_is_clearly_better() -> None:
    scores = [_score(UNIT, 20), _score(BYTE, 170), _score(SIGNED, 25)]
    assert [] == doubts(scores, BYTE, chance=0.1)
    better, chance = doubts(scores, UNIT, chance=0.1)
    assert "better under 0..255" in better
    assert "not above chance under 0..1: 20 of 200" in chance


def test_no_range_is_blamed_for_labels_in_another_order() -> None:
    """None of 70 right under one range, 9 under another: McNemar calls that better, but 7 are chance."""
    of_70 = [
        RangeScore(value_range=one, right=np.arange(70) < right, log_probability=np.full(70, -14.0))
        for one, right in zip(CANDIDATES, (0, 9, 2), strict=True)
    ]
    (doubt,) = doubts(of_70, UNIT, chance=0.1)
    assert "not above chance under 0..1: 0 of 70" in doubt
    assert "likely the labels file is in another order" in doubt


@pytest.mark.parametrize(
    ("text", "ends"), [("0..1", (0, 1)), ("0..255", (0, 255)), ("-1..1", (-1, 1)), (".5..2", (0.5, 2))]
)
def test_ranges_are_read_and_named(text: str, ends: tuple[float, float]) -> None:
    assert ends == parse_range(text)
    assert ends == parse_range(range_name(parse_range(text)))


@pytest.mark.parametrize("text", ["", "0", "0-1", "1..0", "0..0", "a..b", "0..inf", "nan..1", "0..1..2"])
def test_what_is_no_range_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match=r"0\.\.255"):
        parse_range(text)
