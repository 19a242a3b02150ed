"""Student's interval for the mean of paired differences, without scipy. Tested against it."""

import math

import numpy as np
from numpy.typing import NDArray

#: Degrees of freedom from which two terms of the expansion at the normal quantile are exact to 2e-6.
_MANY = 1000
_Z95 = 1.959963984540054


def paired_mean_interval(differences: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the 95 % interval of the mean of (n,) differences; None for fewer than two, NaN where one is not finite.

    It does not ask for normal differences, only for a mean that is nearly so: with n in the hundreds, as here.

    References:
        Student (1908), Biometrika 6, 1-25.

    """
    n = len(differences)
    if n < 2:
        return None
    with np.errstate(invalid="ignore"):
        mean, half = float(differences.mean()), t975(n - 1) * float(differences.std(ddof=1)) / math.sqrt(n)
    return mean - half, mean + half


def t975(freedom: int) -> float:
    """Return the 0.975 quantile of Student's distribution with `freedom` degrees of freedom, at least 1.

    Example:
        >>> round(t975(10), 4)
        2.2281

    """
    if freedom > _MANY:
        return _Z95 + (_Z95**3 + _Z95) / (4 * freedom)
    low, high = 1.9, 13.0  # 12.706 for one degree
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _between(middle, freedom) < 0.95 else (low, middle)
    return (low + high) / 2


def _between(t: float, freedom: int) -> float:
    """Return the probability of [-t, t]: Abramowitz and Stegun (1964), 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(freedom))
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = term if freedom > 1 else 0.0
    for k in range(3 if odd else 2, freedom, 2):
        term *= math.cos(angle) ** 2 * (k - 1) / k
        total += term
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if odd else total
