"""Choosing a few of many labelled images: as many of each class as its share, the same ones whoever chooses."""

from collections import defaultdict
from collections.abc import Sequence


def choose_stratified(labels: Sequence[int], digests: Sequence[str], count: int) -> list[int]:
    """Choose `count` rows so that every class keeps its share (largest remainders), and none is lost if it can be.

    Which images of a class are taken is decided by their sha256 alone, so no seed is needed and no order matters.

    Args:
        labels: (n,) label index of each image.
        digests: (n,) sha256 of each image.
        count: wanted number, at least 1; all rows where there are not more.

    Returns:
        Rows in ascending order.

    Example:
        >>> choose_stratified([0, 0, 0, 0, 1, 1], ["f", "a", "c", "b", "e", "d"], 3)
        [1, 3, 5]
    """
    rows_of = defaultdict(list)
    for row in sorted(range(len(labels)), key=lambda row: (digests[row], row)):
        rows_of[labels[row]].append(row)
    shares = _shares({label: len(rows) for label, rows in rows_of.items()}, min(count, len(labels)))
    return sorted(row for label, rows in rows_of.items() for row in rows[: shares[label]])


def _shares(sizes: dict[int, int], count: int) -> dict[int, int]:
    """Return how many of each class are taken: one each if `count` allows it, then by largest remainder."""
    total = sum(sizes.values())
    floor = 1 if count >= len(sizes) else 0
    shares = {label: max(floor, count * size // total) for label, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda label: (-(count * sizes[label] % total), label))
    while sum(shares.values()) < count:
        open_ones = [label for label in by_remainder if shares[label] < sizes[label]]
        for label in open_ones[: count - sum(shares.values())]:
            shares[label] += 1
    by_size = sorted(sizes, key=lambda label: (-shares[label], label))
    while sum(shares.values()) > count:  # the floor gave small classes more than their share
        largest = max(by_size, key=lambda label: shares[label])
        shares[largest] -= 1
    return shares
