"""Holm's correction: many tests at once, none of which may be wrong more often than one alone."""

from collections.abc import Sequence


def holm_levels(p_values: Sequence[float], level: float) -> tuple[float, ...]:
    """Return the level that each p-value is held against: the smallest against level / k, the next level / (k - 1) ...

    A hypothesis is rejected if its p-value is at most its level, and so are all smaller ones.

    References:
        Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    Example:
        >>> holm_levels([0.04, 0.001], 0.05)
        (0.05, 0.025)

    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    levels = {index: level / (len(order) - rank) for rank, index in enumerate(order)}
    return tuple(levels[index] for index in range(len(p_values)))


def holm_rejected(p_values: Sequence[float], level: float) -> tuple[bool, ...]:
    """Return for each hypothesis whether it is rejected, with a probability of at most `level` that any is so wrongly.

    Example:
        >>> holm_rejected([0.03, 0.001, 0.04], 0.05)
        (False, True, False)

    """
    levels = holm_levels(p_values, level)
    kept = [p for p, own in zip(p_values, levels, strict=True) if p > own]
    return tuple(p <= own and all(p < other for other in kept) for p, own in zip(p_values, levels, strict=True))
