"""When a worse model is said, refused, or let through: counts by hand."""

import pytest
from modelport.assets.backend.compare.compare_models import Compared, check_drop, check_old
from modelport.contract.errors import JudgedAndFailed

#: Of 300 images 290 were right; 30 of them are lost and 2 others won.
WORSE = Compared(n=300, most_frequent=30, old_right=290, new_right=262, lost=30, won=2, same=262)


def test_a_better_model_needs_no_word() -> None:
    better = Compared(n=100, most_frequent=10, old_right=40, new_right=90, lost=0, won=50, same=40)
    assert () == check_drop(better, 0.0)
    assert "old 40.0 %, new 90.0 %, +50.0 points" in better.sentence


def test_a_worse_model_is_said_plainly() -> None:
    (warning,) = check_drop(WORSE, None)
    assert "right less often than the old one" in warning
    assert "old 96.7 %, new 87.3 %, -9.3 points" in warning
    assert "30 images only the old one has right, 2 only the new one" in warning


def test_a_budget_refuses_what_is_no_chance_and_says_the_rest() -> None:
    with pytest.raises(JudgedAndFailed, match="more than the budget"):
        check_drop(WORSE, 1.0)
    (warning,) = check_drop(WORSE, 20.0)
    assert "within" in warning
    (warning,) = check_drop(Compared(n=50, most_frequent=10, old_right=45, new_right=44, lost=2, won=1, same=47), 1.0)
    assert "undecided" in warning


def test_a_budget_without_an_old_answer_is_not_passed_in_silence() -> None:
    alone = Compared(n=100, most_frequent=10, new_right=90, why_not="it crashed")
    assert () == check_drop(alone, None)
    assert "not asked: it crashed" in alone.sentence
    with pytest.raises(JudgedAndFailed, match="cannot be said"):
        check_drop(alone, 1.0)


def test_an_old_model_at_chance_is_refused_until_its_owner_knows_it() -> None:
    reversed_labels = Compared(n=268, most_frequent=27, old_right=3, new_right=256, lost=1, won=254, same=4)
    with pytest.raises(JudgedAndFailed, match="no better than chance") as refusal:
        check_old(reversed_labels, old_is_broken=False)
    for option in ("--like-labels", "--value-range", "--old-is-broken"):
        assert option in str(refusal.value.fix)
    (warning,) = check_old(reversed_labels, old_is_broken=True)
    assert "old 1.1 %" in warning
    assert () == check_old(WORSE, old_is_broken=False)


def test_images_that_tell_nobody_from_chance_refuse_nothing() -> None:
    few = Compared(n=2, most_frequent=1, old_right=2, new_right=2, same=2)
    (warning,) = check_old(few, old_is_broken=False)
    assert "no better than chance" in warning
    assert () == check_old(Compared(n=2, most_frequent=1, new_right=2, why_not="it crashed"), old_is_broken=False)
