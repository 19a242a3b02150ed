"""When a worse model is said, refused, or let through: counts by hand."""

import pytest
from modelport.assets.backend.compare_models import Compared, check_drop
from modelport.contract.errors import JudgedAndFailed

#: Of 300 images 290 were right; 30 of them are lost and 2 others won.
WORSE = Compared(n=300, old_right=290, new_right=262, lost=30, won=2, same=262)


def test_a_better_model_needs_no_word() -> None:
    better = Compared(n=100, old_right=40, new_right=90, lost=0, won=50, same=40)
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
    (warning,) = check_drop(Compared(n=50, old_right=45, new_right=44, lost=2, won=1, same=47), 1.0)
    assert "undecided" in warning


def test_a_budget_without_an_old_answer_is_not_passed_in_silence() -> None:
    alone = Compared(n=100, new_right=90, why_not="it crashed")
    assert () == check_drop(alone, None)
    assert "not asked: it crashed" in alone.sentence
    with pytest.raises(JudgedAndFailed, match="cannot be said"):
        check_drop(alone, 1.0)
