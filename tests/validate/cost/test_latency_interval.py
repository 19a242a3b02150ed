"""The interval of a median, on calls that are alike for a while, as those of a busy machine are."""

import numpy as np
import pytest
from modelport.validate.cost.latency_interval import median_interval
from numpy.typing import NDArray


def _log_ratios(random: np.random.Generator, persistence: float) -> NDArray[np.float64]:
    """100 paired calls with a true median ratio of 1: noise of which `persistence` stays until the next."""
    noise = random.standard_t(3, 100)
    found = np.empty(100)
    found[0] = noise[0] / np.sqrt(1 - persistence**2)
    for at in range(1, 100):
        found[at] = persistence * found[at - 1] + noise[at]
    return 0.1 * found


def _wrong(persistence: float) -> tuple[float, float]:
    """Return the shares of 2,000 judgements in which the interval lies above, and below, the true median."""
    random = np.random.default_rng(0)
    intervals = [median_interval(list(np.exp(_log_ratios(random, persistence)))) for _ in range(2000)]
    return sum(low > 1 for low, _ in intervals) / 2000, sum(high < 1 for _, high in intervals) / 2000


@pytest.mark.parametrize(("persistence", "most"), [(0.0, 0.02), (0.5, 0.04), (0.7, 0.06)])
def test_the_interval_is_seldom_on_one_side_of_the_truth(persistence: float, most: float) -> None:
    """11 / 1024 = 1.1 % on each side for independent calls. By order statistics of single calls 0.5 gives over 10 %."""
    assert max(_wrong(persistence)) <= most


def test_two_files_of_one_speed_differ_by_less_than_the_interval_of_a_quiet_machine_and_a_slower_one_by_more() -> None:
    random = np.random.default_rng(1)
    equal = np.exp(0.02 * random.standard_normal(100))
    low, high = median_interval(list(equal))
    assert low < 1 < high
    assert high - low < 0.03
    assert median_interval(list(1.1 * equal))[0] > 1
