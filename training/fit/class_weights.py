"""Class weights from counts."""

from collections.abc import Sequence


def class_weights(counts: Sequence[int]) -> dict[int, float]:
    """Return label index to weight, so that every class weighs the same in sum: n / (classes * count).

    References:
        scikit-learn's compute_class_weight("balanced"), which follows King and Zeng (2001).

    Example:
        >>> class_weights([30, 10])
        {0: 0.6666666666666666, 1: 2.0}
    """
    n = sum(counts)
    return {label: n / (len(counts) * count) for label, count in enumerate(counts)}
