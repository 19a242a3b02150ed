"""Against sums over all outcomes with scipy's multinomial, and closed forms."""

import numpy as np
import pytest
from modelport.contract.statistics.drop_decision import (
    LEVEL,
    MOST_EXACT,
    Side,
    decide_drop,
    p_if_above,
    p_if_within,
)
from modelport.contract.statistics.intervals import paired_drop_interval, tango_score

stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")


def _outcomes(n: int, drop: float, flips: float) -> list[tuple[int, int, float]]:
    """All outcomes that are likelier than 1e-9, with their probability."""
    rates = [(flips + drop) / 2, (flips - drop) / 2]
    most = [int(stats.binom.isf(1e-10, n, rate)) + 1 for rate in rates]
    pairs = [(lost, won) for lost in range(most[0] + 1) for won in range(most[1] + 1) if lost + won <= n]
    counts = np.array([(lost, won, n - lost - won) for lost, won in pairs])
    p = stats.multinomial.pmf(counts, n, [*rates, 1 - sum(rates)])
    return [(lost, won, float(one)) for (lost, won), one in zip(pairs, p, strict=True) if one > 1e-9]


def _share(side: Side, n: int, drop: float, flips: float, budget: float) -> float:
    return sum(p for lost, won, p in _outcomes(n, drop, flips) if decide_drop(lost, won, n, budget) is side)


#: (n, share of images that flip, budget): where the score interval alone errs the most, and where people use it.
_HARD = [
    (200, 0.05, 0.01),
    (300, 0.02, 0.01),
    (400, 0.012, 0.01),
    (200, 0.024, 0.02),
    (50, 0.2, 0.005),
    (40, 0.2, 0.01),
    (75, 0.075, 0.05),
    (27, 0.2, 0.1),
]


@pytest.mark.parametrize(("n", "flips", "budget"), _HARD)
def test_a_drop_at_the_budget_is_called_above_or_within_in_at_most_2_5_percent_each(
    n: int, flips: float, budget: float
) -> None:
    assert _share(Side.ABOVE, n, budget, flips, budget) <= LEVEL
    assert _share(Side.WITHIN, n, budget, flips, budget) <= LEVEL


@pytest.mark.parametrize(("n", "flips", "budget"), _HARD[:4])
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_drop_within_the_budget_is_called_above_it_less_often_still(
    n: int, flips: float, budget: float, part: float
) -> None:
    assert _share(Side.ABOVE, n, part * budget, flips, budget) <= LEVEL


@pytest.mark.parametrize("factor", [1.01, 1.1, 1.5, 2.0])
def test_a_drop_above_the_budget_is_called_within_it_in_at_most_2_5_percent(factor: float) -> None:
    assert _share(Side.WITHIN, 200, factor * 0.01, 0.05, 0.01) <= LEVEL


def test_the_score_interval_alone_would_err_twice_as_often() -> None:
    """The reason for the exact probability: 5.2 % and not 2.5 %. Whoever takes it out fails the tests above."""
    wrong = sum(p for lost, won, p in _outcomes(200, 0.02, 0.024) if paired_drop_interval(lost, won, 200)[0] > 0.02)
    assert wrong == pytest.approx(0.052, abs=0.001)


def _p_by_summing(lost: int, won: int, n: int, budget: float, sign: int) -> float:
    """The largest probability, over rates of winning, of a score as extreme, if the drop is the budget."""
    found = 0.0
    for rate in np.linspace(0, 0.2, 161):
        p = [rate + budget, rate, 1 - 2 * rate - budget]
        counts = np.array([(a, b, n - a - b) for a in range(n + 1) for b in range(n + 1 - a)])
        scores = np.array([sign * tango_score(int(a), int(b), n, budget) for a, b, _ in counts])
        extreme = scores >= sign * tango_score(lost, won, n, budget) - 1e-9
        found = max(found, float(stats.multinomial.pmf(counts[extreme], n, p).sum()))
    return found


@pytest.mark.parametrize(("lost", "won"), [(3, 0), (4, 1), (2, 2)])
def test_the_p_value_is_the_largest_sum_over_outcomes(lost: int, won: int) -> None:
    """Rates that the data rule out with a chance of 1e-5 are left out, and 1e-5 is added for them."""
    ours = p_if_within(lost, won, 30, 0.02)
    expected = _p_by_summing(lost, won, 30, 0.02, 1)
    assert expected + 1e-5 == pytest.approx(ours, rel=5e-3)


def test_few_images_without_a_flip_prove_nothing_and_enough_do() -> None:
    """(1 - 0.01)^n <= 0.025 from n = 368 on; the interval asks for 381."""
    assert decide_drop(0, 0, 380, 0.01) is Side.UNDECIDED
    assert decide_drop(0, 0, 381, 0.01) is Side.WITHIN


@pytest.mark.parametrize(
    ("lost", "won", "n", "budget", "expected"),
    [
        pytest.param(10, 0, 100, 0.0, Side.ABOVE, id="any-loss-is-too-much"),
        pytest.param(0, 10, 100, 0.0, Side.WITHIN, id="a-gain-is-within-nothing"),
        pytest.param(0, 0, 100, 0.0, Side.UNDECIDED, id="no-flip-is-not-no-drop"),
        pytest.param(100, 0, 100, 1.0, Side.WITHIN, id="all-may-be-lost"),
        pytest.param(1, 0, 1, 0.5, Side.UNDECIDED, id="one-image"),
    ],
)
def test_edges(lost: int, won: int, n: int, budget: float, expected: Side) -> None:
    assert decide_drop(lost, won, n, budget) is expected


def test_with_many_flips_the_score_decides() -> None:
    lost, won, n = MOST_EXACT, 700, 20_000
    score = tango_score(lost, won, n, 0.01)
    assert stats.norm.sf(score) == pytest.approx(p_if_within(lost, won, n, 0.01), rel=1e-9)
    assert stats.norm.cdf(score) == pytest.approx(p_if_above(lost, won, n, 0.01), rel=1e-9)


def test_exact_and_score_meet_where_one_takes_over() -> None:
    for lost, won in ((560, 440), (580, 420)):
        exact = p_if_within(lost, won, 12_000, 0.01)
        assert stats.norm.sf(tango_score(lost, won, 12_000, 0.01)) == pytest.approx(exact, rel=0.03)
