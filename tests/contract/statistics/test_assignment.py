"""The permutation of least cost is scipy's."""

import numpy as np
import pytest
from modelport.contract.statistics.assignment import least_cost


@pytest.mark.parametrize("n", [1, 2, 3, 10, 101])
def test_the_sum_is_that_of_scipy(n: int) -> None:
    optimize = pytest.importorskip("scipy.optimize", reason="scipy is the oracle")
    random = np.random.default_rng(n)
    for cost in (random.random((n, n)), random.integers(0, 3, (n, n)).astype(np.float64)):
        rows, columns = optimize.linear_sum_assignment(cost)
        found = least_cost(cost)
        assert sorted(found.tolist()) == list(range(n))
        assert cost[rows, columns].sum() == pytest.approx(cost[np.arange(n), found].sum())
