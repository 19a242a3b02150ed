"""How far a median of times can be trusted that were taken one after the other."""

import statistics
from collections.abc import Sequence
from itertools import pairwise

#: Into so many stretches the calls are cut.
BLOCKS = 10


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return an interval for the median, of about 95 %, that trusts neighbours no more than they deserve.

    What slows a machine slows many calls in a row: taken for independent, 100 calls give an interval that is far too
    narrow. So the calls are cut in their order into ten blocks. The medians of blocks lie above and below the true one
    as coins fall, whatever the times are distributed like: all but one of ten lie on one side in 2 * 11 of 1024 cases.
    That leaves 97.9 % between the second smallest and the second largest for blocks that know nothing of each other.

    Args:
        values: in the order in which they were taken, at least 10.

    Measured on 2 busy cores, one float16 file against its float32, budget 1.0, 43 judgements: by the median alone 22
    passed and 21 failed; by order statistics of all calls 15 and 11; by these blocks 7 and 2, and 34 are undecided.

    Example:
        >>> median_interval([1.0] * 50 + [2.0] * 50), median_interval([1.0] * 10 + [2.0] * 90)
        ((1.0, 2.0), (2.0, 2.0))

    """
    assert len(values) >= BLOCKS
    edges = [len(values) * block // BLOCKS for block in range(BLOCKS + 1)]
    medians = sorted(statistics.median(values[low:high]) for low, high in pairwise(edges))
    return medians[1], medians[-2]
