"""Intervals and tests for proportions: about what numpy and math give, so that a CI job needs no scipy.

Tested against scipy and published tables in tests/contract/statistics/test_intervals.py.
"""

import math
from collections.abc import Callable

#: Two-sided 95 %: the 0.975 quantile of the standard normal distribution.
Z95 = 1.959963984540054


def wilson_interval(successes: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return the score interval of one proportion.

    Args:
        successes: in [0, n].
        n: number of trials, at least 1.
        z: quantile of the standard normal distribution.

    Returns:
        (low, high), fractions in [0, 1].

    References:
        Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.

    Example:
        >>> [round(bound, 4) for bound in wilson_interval(81, 263)]
        [0.2553, 0.3662]
    """
    centre = (successes + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(successes * (n - successes) / n + z * z / 4)
    return (0.0 if successes == 0 else centre - half), (1.0 if successes == n else centre + half)


def paired_drop_interval(lost: float, won: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Return the score interval for the drop of accuracy between two models judged on the same images.

    The drop is (lost - won) / n. Unlike Wald's, this interval has a width where nothing flips.

    Args:
        lost: images that only the first model gets right.
        won: images that only the second model gets right.
        n: number of images, at least 1.
        z: quantile of the standard normal distribution.

    Returns:
        (low, high), fractions in [-1, 1]; a positive drop is a loss.

    References:
        Tango (1998), Statistics in Medicine 17, 891-908, for the difference of paired proportions.

    Example:
        >>> [round(bound, 4) for bound in paired_drop_interval(0, 0, 270)]
        [-0.014, 0.014]
    """
    drop = (lost - won) / n
    low = _bisect(lambda d: tango_score(lost, won, n, d) - z, -1.0, drop)
    high = _bisect(lambda d: tango_score(lost, won, n, d) + z, drop, 1.0)
    return low, high


def tango_score(lost: float, won: float, n: float, drop: float) -> float:
    """Return the score statistic of the hypothesis that the true drop is `drop`; it falls as `drop` rises."""
    a = 2 * n
    b = -lost - won + (2 * n - lost + won) * drop
    c = -won * drop * (1 - drop)
    q = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
    variance = n * (2 * q + drop * (1 - drop))
    distance = lost - won - n * drop
    if variance <= 0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / math.sqrt(variance)


def _bisect(falling: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(60):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def binomial_tail(successes: int, n: int, p: float) -> float:
    """Return the exact probability of at least `successes` in `n` trials that each succeed with probability `p`.

    Example:
        >>> round(binomial_tail(8, 10, 0.5), 6)
        0.054688
    """
    if successes <= 0:
        return 1.0
    if successes > n:
        return 0.0
    if p <= 0 or p >= 1:
        return float(p >= 1)
    return min(1.0, math.fsum(math.exp(_log_binomial(k, n, p)) for k in range(successes, n + 1)))


def _log_binomial(k: int, n: int, p: float) -> float:
    choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return choose + k * math.log(p) + (n - k) * math.log1p(-p)
