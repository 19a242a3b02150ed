"""Whether a drop of accuracy is within a budget, with an error that is kept and not only aimed at.

The score interval alone errs more often than it says where few images flip: with a true drop that equals a budget of
1.0 point, n = 300 and 2 % of images flipping it lies above the budget in 4.4 % of all cases, and not in 2.5 %
(benchmarks/verdict_error_rates.py). So what the interval says counts only where the exact probability agrees.
"""

import math
from collections.abc import Callable
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .intervals import paired_drop_interval, tango_score

#: One side of 95 %: how often a drop that is at the budget may be called within it, or above it.
LEVEL = 0.025

#: Flipped images above which the score's normal approximation is as good: sizes of 2.50 to 2.52 %.
MOST_EXACT = 1000

#: Probability that the unknown rate of flips lies outside of the rates that are tried; it is added to the p-value.
_OUTSIDE = 1e-5
_RATES = 33

Floats = NDArray[np.float64]


class Side(Enum):
    """Where a drop lies."""

    WITHIN = "within"
    UNDECIDED = "undecided"
    ABOVE = "above"


def decide_drop(lost: float, won: float, n: int, budget: float) -> Side:
    """Return whether the drop is within `budget`: at most 2.5 % of such answers are wrong, on either side.

    Args:
        lost: images that only the reference gets right.
        won: images that only the artifact gets right.
        n: number of images, at least 1.
        budget: the largest allowed drop, a fraction in [0, 1].

    """
    if budget >= 1:
        return Side.WITHIN
    low, high = paired_drop_interval(lost, won, n)
    if high <= budget and p_if_above(lost, won, n, budget) <= LEVEL:
        return Side.WITHIN
    if low > budget and p_if_within(lost, won, n, budget) <= LEVEL:
        return Side.ABOVE
    return Side.UNDECIDED


def p_if_within(lost: float, won: float, n: int, budget: float) -> float:
    """Return the p-value of "the drop is at most `budget`": small where so large a drop is hardly chance."""
    return _p_value(lost, won, n, budget, 1)


def p_if_above(lost: float, won: float, n: int, budget: float) -> float:
    """Return the p-value of "the drop is more than `budget`": small where so small a drop is hardly chance."""
    return _p_value(lost, won, n, budget, -1)


@lru_cache(maxsize=4096)
def _p_value(lost: float, won: float, n: int, budget: float, sign: int) -> float:
    """Return the exact unconditional p-value: the largest over the rates of flips that the data leave possible.

    References:
        Berger and Boos (1994), J. Am. Stat. Assoc. 89, 1012-1016, for the rates and what is added. The order of the
        outcomes is that of Tango's score.

    """
    observed = sign * tango_score(lost, won, n, budget)
    if lost + won > MOST_EXACT:
        return 0.5 * math.erfc(observed / math.sqrt(2))
    rates = _possible_rates(lost + won, n, budget)
    most_lost, most_won = (_range_of(n, float(rates[-1]) + drop)[1] for drop in (budget, 0.0))
    # Without this margin, rounding would leave the observed outcome itself out of what is summed.
    outcomes = np.arange(most_lost + 1.0)[:, None], np.arange(most_won + 1.0)[None, :]
    extreme = sign * tango_scores(*outcomes, n, budget) >= observed - 1e-9
    ways = np.where(extreme, _log_ways(most_lost, most_won, n), -np.inf)
    return min(1.0, max(_probability(ways, n, rate, budget) for rate in rates.tolist()) + _OUTSIDE)


def _possible_rates(flipped: float, n: int, budget: float) -> Floats:
    """Return rates at which the artifact may win, if it loses at `budget` more: the exact interval of all flips."""
    half, least, most = _OUTSIDE / 2, math.floor(flipped), math.ceil(flipped)
    low = _bisect(lambda p: _tail(least, n, p) < half) if least >= 1 else 0.0
    high = _bisect(lambda p: _tail(n - most, n, 1 - p) >= half) if most < n else 1.0
    lowest, highest = (min(max((p - budget) / 2, 0.0), (1 - budget) / 2) for p in (low, high))
    return np.linspace(lowest, highest, _RATES)


def _tail(successes: int, n: int, p: float) -> float:
    """Return the probability of at least `successes` in `n` trials, with p in (0, 1)."""
    k, logs = np.arange(successes, n + 1), _log_factorials(n)
    log_p = logs[n] - logs[k] - logs[n - k] + k * math.log(p) + (n - k) * math.log1p(-p)
    return float(np.exp(log_p).sum())


def _bisect(is_below: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return (low + high) / 2


def _range_of(n: int, rate: float) -> tuple[int, int]:
    """Return counts between which all but 1e-12 of a binomial distribution lies (Bernstein's inequality)."""
    half = math.sqrt(2 * 28 * n * rate * (1 - rate)) + 2 * 28 / 3
    return max(0, math.floor(n * rate - half)), min(n, math.ceil(n * rate + half))


def _slice_of(n: int, rate: float) -> slice:
    low, high = _range_of(n, rate)
    return slice(low, high + 1) if rate > 0 else slice(0, 1)


def tango_scores(lost: Floats, won: Floats, n: int, drop: float) -> Floats:
    """Return Tango's score of many outcomes; `lost` and `won` broadcast."""
    b = -lost - won + (2 * n - lost + won) * drop
    c = -won * drop * (1 - drop)
    q = (np.sqrt(np.maximum(b * b - 8 * n * c, 0)) - b) / (4 * n)
    with np.errstate(invalid="ignore"):
        scores: Floats = (lost - won - n * drop) / np.sqrt(n * (2 * q + drop * (1 - drop)))
    return np.nan_to_num(scores)  # 0 / 0 where a drop of 0 meets no flip, which is what it expects


def _log_ways(most_lost: int, most_won: int, n: int) -> Floats:
    """Return the logarithm of the multinomial coefficient of every outcome; -inf where there are more flips than n."""
    lost, won = np.arange(most_lost + 1)[:, None], np.arange(most_won + 1)[None, :]
    logs, same = _log_factorials(n), n - lost - won
    ways: Floats = np.where(same >= 0, logs[n] - logs[lost] - logs[won] - logs[np.maximum(same, 0)], -np.inf)
    return ways


def _probability(ways: Floats, n: int, rate: float, drop: float) -> float:
    """Return the probability of the outcomes that `ways` holds if the artifact wins at `rate`, and loses at more."""
    same = max(1 - 2 * rate - drop, 1e-12)
    lost, won = (_slice_of(n, p) for p in (rate + drop, rate))
    block = ways[lost, won] + n * math.log(same)
    for axis, p, counts in ((0, rate + drop, lost), (1, rate, won)):
        if p > 0:
            block += np.expand_dims(np.arange(ways.shape[axis])[counts] * math.log(p / same), 1 - axis)
    return float(np.exp(block).sum())


@lru_cache(maxsize=8)
def _log_factorials(n: int) -> Floats:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
