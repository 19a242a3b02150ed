"""Against scipy, and the data that Student published."""

import math

import numpy as np
import pytest
from modelport.contract.statistics.student import paired_mean_interval, t975

stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 10, 29, 30, 299, 999, 1000, 1001, 100_000])
def test_the_quantile_equals_scipy(freedom: int) -> None:
    assert stats.t.ppf(0.975, freedom) == pytest.approx(t975(freedom), rel=3e-6)


def test_the_interval_of_students_sleep_data() -> None:
    """Student (1908), extra hours of sleep with two drugs, ten patients; the interval is R's t.test(paired = TRUE)."""
    differences = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert (0.7001142, 2.4598858) == pytest.approx(paired_mean_interval(differences), abs=1e-6)


def test_the_interval_equals_scipy_for_skewed_differences() -> None:
    differences = np.random.default_rng(0).exponential(2.0, 300) - 1.9
    expected = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    assert (expected.low, expected.high) == pytest.approx(paired_mean_interval(differences), rel=1e-5)


def test_one_difference_has_no_interval_and_a_nan_is_not_hidden() -> None:
    assert paired_mean_interval(np.array([1.0])) is None
    low, high = paired_mean_interval(np.array([1.0, 2.0, math.nan])) or (0.0, 0.0)
    assert math.isnan(low)
    assert math.isnan(high)


def test_it_holds_the_true_mean_in_95_of_100_draws() -> None:
    """Absolute errors of a model are skewed: exponential, n = 200, 2,000 draws, standard error 0.5 %."""
    random = np.random.default_rng(5)
    held = 0
    for _ in range(2000):
        low, high = paired_mean_interval(random.exponential(1.0, 200) - random.exponential(1.0, 200)) or (1.0, 1.0)
        held += low <= 0 <= high
    assert held / 2000 == pytest.approx(0.95, abs=0.015)
