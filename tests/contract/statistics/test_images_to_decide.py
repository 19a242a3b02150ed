"""How many images decide: so many that four of five fresh samples do."""

import math

import numpy as np
import pytest
from modelport.contract.statistics.drop_decision import Side, decide_drop
from modelport.contract.statistics.images_to_decide import images_to_decide
from modelport.contract.statistics.intervals import Z95


@pytest.mark.parametrize(
    ("lost", "won", "n"),
    [(1, 0, 268), (2, 1, 300), (7, 0, 300), (9, 1, 300), (6, 2, 200), (20, 10, 2000), (20, 15, 300)],
)
def test_four_of_five_fresh_samples_decide_and_on_the_side_of_the_rates(lost: int, won: int, n: int) -> None:
    """Samples of the number at which the rates themselves decide do so in about half of all cases."""
    needed = images_to_decide(lost, won, n, 0.01)
    assert needed is not None
    assert needed > n
    drawn = np.random.default_rng(11).multinomial(needed, [lost / n, won / n, 1 - (lost + won) / n], 300)
    side = Side.WITHIN if lost - won < 0.01 * n else Side.ABOVE
    decided = np.mean([decide_drop(int(a), int(b), needed, 0.01) is side for a, b, _ in drawn])
    assert 0.74 <= decided <= 0.93


@pytest.mark.parametrize(("won", "n"), [(0, 75), (1, 268)])
def test_where_nothing_is_lost_the_number_has_its_closed_form(won: int, n: int) -> None:
    """Without a flip z^2 / (n + z^2) <= 0.01 where n >= 99 z^2 = 380.3; a sample of 277 may well have no flip."""
    closed_form = math.ceil(99 * Z95**2)
    needed = images_to_decide(0, won, n, 0.01)
    assert needed is not None
    assert closed_form <= needed <= closed_form + 4


def test_a_drop_at_the_budget_and_one_that_nobody_could_tell_from_it_have_no_number() -> None:
    assert images_to_decide(10, 0, 1000, 0.01) is None
    assert images_to_decide(10_001, 0, 1_000_000, 0.01) is None
