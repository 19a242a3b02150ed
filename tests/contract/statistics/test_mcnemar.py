"""Against scipy's binomial, published examples, and simulation."""

import numpy as np
import pytest
from modelport.contract.statistics.mcnemar import FEW, mcnemar_p

stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")


@pytest.mark.parametrize(
    ("lost", "won", "published"),
    [
        pytest.param(1, 7, 0.070, id="airways-of-21-children-after-stem-cell-transplantation"),
        pytest.param(6, 16, 0.052, id="complete-response-before-and-after-transplantation"),
    ],
)
def test_few_flips_give_the_published_exact_values(lost: int, won: int, published: float) -> None:
    """Fagerland, Lydersen, Laake (2013), BMC Med. Res. Methodol. 13:91, exact conditional test, three decimals."""
    assert published == pytest.approx(mcnemar_p(lost, won), abs=1e-3)


@pytest.mark.parametrize(("lost", "won"), [(0, 1), (0, 5), (3, 3), (0, 24), (10, 14)])
def test_fewer_than_25_flips_are_judged_exactly(lost: int, won: int) -> None:
    assert stats.binomtest(lost, lost + won).pvalue == pytest.approx(mcnemar_p(lost, won), rel=1e-9)


@pytest.mark.parametrize(("lost", "won"), [(0, 25), (10, 15), (13, 13), (40, 10), (121, 59), (600, 500), (3000, 3100)])
def test_from_25_flips_on_it_is_mid_p(lost: int, won: int) -> None:
    """Twice the smaller tail with half of the observed outcome in it."""
    few, n = min(lost, won), lost + won
    expected = min(1.0, 2 * stats.binom.cdf(few, n, 0.5) - stats.binom.pmf(few, n, 0.5))
    if lost == won:
        expected = 1 - stats.binom.pmf(few, n, 0.5)
    assert float(expected) == pytest.approx(mcnemar_p(lost, won), rel=1e-6)


def test_many_flips_come_near_the_chi_square() -> None:
    """McNemar (1947), his form of the statistic: (b - c)^2 / (b + c), one degree of freedom."""
    expected = stats.chi2.sf((121 - 59) ** 2 / 180, 1)
    assert expected == pytest.approx(mcnemar_p(121, 59), rel=0.25)


def test_sides_are_alike_and_no_flip_says_nothing() -> None:
    assert mcnemar_p(0, 0) == 1.0
    for lost, won in ((2, 9), (30, 12)):
        assert mcnemar_p(lost, won) == mcnemar_p(won, lost)


@pytest.mark.parametrize("flips", [8, FEW - 1, FEW, 60, 400])
def test_without_a_difference_it_is_below_five_percent_in_at_most_about_five(flips: int) -> None:
    """Summed over all splits of a fair coin, not drawn: the share of p-values of at most 0.05."""
    share = sum(stats.binom.pmf(k, flips, 0.5) for k in range(flips + 1) if mcnemar_p(k, flips - k) <= 0.05)
    assert 0.0 < share <= 0.0535, "mid-p may exceed its level a little, the exact test never"
    if flips < FEW:
        assert share <= 0.05


def test_p_values_of_equal_models_are_those_of_drawn_flips() -> None:
    random = np.random.default_rng(3)
    draws = [mcnemar_p(int(lost), 40 - int(lost)) for lost in random.binomial(40, 0.5, 4000)]
    assert np.mean(np.array(draws) <= 0.05) == pytest.approx(0.04, abs=0.015)
