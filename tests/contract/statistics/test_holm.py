"""Against published adjusted p-values, Bonferroni, and simulation."""

import numpy as np
import pytest
from modelport.contract.statistics.holm import holm_levels, holm_rejected


def test_the_published_example() -> None:
    """Wikipedia, "Holm-Bonferroni method" (2024): at 0.05 the first and the last are rejected."""
    assert holm_rejected([0.01, 0.04, 0.03, 0.005], 0.05) == (True, False, False, True)
    assert [0.05 / 3, 0.05 / 1, 0.05 / 2, 0.05 / 4] == pytest.approx(holm_levels([0.01, 0.04, 0.03, 0.005], 0.05))


def test_one_that_is_kept_keeps_all_larger_ones() -> None:
    """0.03 <= 0.05, but 0.026 > 0.05 / 2 comes first."""
    assert holm_rejected([0.03, 0.026], 0.05) == (False, False)


def test_equal_p_values_share_their_fate() -> None:
    assert holm_rejected([0.025, 0.025], 0.05) == (True, True)
    assert holm_rejected([0.026, 0.026], 0.05) == (False, False)


def test_one_alone_is_not_corrected_and_none_is_nothing() -> None:
    assert (holm_rejected([0.05], 0.05), holm_rejected([], 0.05), holm_levels([], 0.05)) == ((True,), (), ())


def test_all_that_bonferroni_rejects_is_rejected() -> None:
    random = np.random.default_rng(0)
    for _ in range(200):
        p_values = (random.random(7) ** 4).tolist()
        rejected = holm_rejected(p_values, 0.05)
        assert all(ours for ours, p in zip(rejected, p_values, strict=True) if p <= 0.05 / 7)


def test_of_twenty_true_hypotheses_any_is_rejected_in_at_most_the_level() -> None:
    """4,000 draws: 2.5 % with a standard error of 0.25 %; uncorrected it would be 40 %."""
    random = np.random.default_rng(1)
    any_wrong = np.mean([any(holm_rejected(random.random(20).tolist(), 0.025)) for _ in range(4000)])
    assert any_wrong == pytest.approx(0.025, abs=0.008)
