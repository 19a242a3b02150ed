"""McNemar's test: whether two models judged on the same images differ at all. Tested against scipy."""

from math import exp, fsum, lgamma, log

#: Fewer flips than this: the exact test. The chi-square with one degree of freedom is usually trusted from 25 on.
FEW = 25


def mcnemar_p(lost: int, won: int) -> float:
    """Return the two-sided p-value of "as many images are lost as are won".

    Exact (binomial) for fewer than 25 flips. From there on mid-p, which is the exact one less half the probability of
    the observed split: it keeps its level in practice like the exact test and finds as much as the chi-square, which
    is why none is used here.

    Args:
        lost: images that only the first model gets right.
        won: images that only the second model gets right.

    Returns:
        In (0, 1]; 1 where nothing flips.

    References:
        McNemar (1947), Psychometrika 12, 153-157. Fagerland, Lydersen and Laake (2013), BMC Medical Research
        Methodology 13:91, for mid-p.

    Example:
        >>> round(mcnemar_p(1, 9), 4)
        0.0215

    """
    n, few = lost + won, min(lost, won)
    if not n:
        return 1.0
    tail = fsum(_probability(k, n) for k in range(few + 1))
    if lost == won:
        return 1.0 if n < FEW else 1.0 - _probability(few, n)
    return min(1.0, 2 * tail - (0.0 if n < FEW else _probability(few, n)))


def _probability(k: int, n: int) -> float:
    """Return the probability of k heads in n tosses of a coin."""
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2))
