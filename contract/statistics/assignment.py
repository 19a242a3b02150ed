"""The permutation with the least cost: shortest augmenting paths, as scipy.optimize.linear_sum_assignment has them."""

import numpy as np
from numpy.typing import NDArray


def least_cost(cost: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return (n,) the column of each row, so that the sum of the (n, n) costs is least.

    References:
        R. Jonker, A. Volgenant (1987), A shortest augmenting path algorithm for dense and sparse linear assignment
        problems. Tested against scipy.

    Example:
        >>> least_cost(np.array([[4.0, 1.0], [2.0, 9.0]]))
        array([1, 0])
    """
    n = len(cost)
    row_price, column_price = np.zeros(n + 1), np.zeros(n + 1)
    row_of = np.full(n + 1, n, dtype=np.intp)  # column n is the start of each path, row n means free
    for row in range(n):
        row_of[n] = row
        best, came_from, done = np.full(n, np.inf), np.full(n, n, dtype=np.intp), np.zeros(n, dtype=bool)
        column = n
        while row_of[column] < n:  # grow the tree until it meets a free column
            if column < n:
                done[column] = True
            reduced = cost[row_of[column]] - row_price[row_of[column]] - column_price[:n]
            nearer = ~done & (reduced < best)
            best[nearer], came_from[nearer] = reduced[nearer], column
            following = int(np.where(done, np.inf, best).argmin())
            step = best[following]
            reached = np.append(np.flatnonzero(done), n)
            row_price[row_of[reached]] += step
            column_price[reached] -= step
            best[~done] -= step
            column = following
        while column < n:  # turn the path round
            previous = came_from[column]
            row_of[column] = row_of[previous]
            column = int(previous)
    found = np.empty(n, dtype=np.intp)
    found[row_of[:n]] = np.arange(n)
    return found
