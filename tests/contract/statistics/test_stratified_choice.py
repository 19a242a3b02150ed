"""Shares by largest remainder, against sums by hand."""

from collections import Counter

import pytest
from modelport.contract.statistics.stratified_choice import choose_stratified


@pytest.mark.parametrize(
    ("sizes", "count", "expected"),
    [
        ((50, 30, 20), 10, (5, 3, 2)),
        ((50, 30, 20), 11, (6, 3, 2)),  # 5.5, 3.3, 2.2: the largest remainder is the first's
        ((1, 1, 98), 10, (1, 1, 8)),  # 0.1, 0.1, 9.8: none is lost
        ((3, 3, 3), 2, (1, 1, 0)),
        ((2, 2), 100, (2, 2)),
    ],
)
def test_classes_keep_their_share(sizes: tuple[int, ...], count: int, expected: tuple[int, ...]) -> None:
    labels = [label for label, size in enumerate(sizes) for _ in range(size)]
    rows = choose_stratified(labels, [f"{row * 7919 % 1009:04d}" for row in range(len(labels))], count)
    assert rows == sorted(set(rows))
    counted = Counter(labels[row] for row in rows)
    assert expected == tuple(counted[label] for label in range(len(sizes)))


def test_the_order_of_the_images_does_not_matter() -> None:
    labels, digests = [0, 1, 0, 1, 0, 1], ["f", "e", "d", "c", "b", "a"]
    straight = {digests[row] for row in choose_stratified(labels, digests, 4)}
    turned = {digests[::-1][row] for row in choose_stratified(labels[::-1], digests[::-1], 4)}
    assert straight == turned == {"b", "d", "a", "c"}
