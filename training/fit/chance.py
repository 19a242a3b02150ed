"""Is a classifier better than always naming the most frequent class?"""

from collections.abc import Sequence

from ...contract.errors import JudgedAndFailed
from ...contract.statistics.intervals import binomial_tail

#: One-sided level of the exact binomial test.
LEVEL = 0.05


def check_above_chance(correct: int, counts: Sequence[int], where: object) -> None:
    """Stop a training whose validation top-1 could be luck.

    Args:
        correct: validation images that were classified right.
        counts: validation images of each class.
        where: the run folder.

    Raises:
        JudgedAndFailed: the exact binomial test does not tell the accuracy from the most frequent class's share.
    """
    n = sum(counts)
    chance = max(counts) / n
    luck = binomial_tail(correct, n, chance)
    if luck <= LEVEL:
        return
    raise JudgedAndFailed(
        "training is at chance after its first phase",
        where=where,
        expected=f"validation top-1 above {chance:.3f}, the most frequent class's share (exact binomial, p <= {LEVEL})",
        received=f"{correct / n:.3f} ({correct} of {n} images, p = {luck:.2g})",
        fix="likely causes, most frequent first:\n"
        "- the value range: pixels scaled twice, or not at all, before the backbone\n"
        "- the learning rate: try --learning-rate a third or three times as large\n"
        "- the labels: look at a few images of each class folder\n"
        "- weights that do not belong to the backbone, or too few epochs from scratch: raise --epochs",
    )
