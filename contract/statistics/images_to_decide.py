"""How many images would decide what too few left undecided."""

import numpy as np

from .drop_decision import Side, decide_drop, tango_scores

#: Share of fresh samples of so many images that decide. At the number where the average sample does, half of them do.
CHANCE = 0.8

#: More images than anybody has.
MOST_IMAGES = 10_000_000

_DRAWS = 1000


def images_to_decide(lost: int, won: int, n: int, budget: float) -> int | None:
    """Return about how many images decide in four of five fresh samples, if the rates stay as they are.

    Args:
        lost: images of an undecided sample that only the reference gets right.
        won: images that only the artifact gets right.
        n: number of images, at least 1.
        budget: the largest allowed drop, a fraction in [0, 1].

    Returns:
        More than `n`; None if more than ten million images would not do, or if the drop is at the budget itself.

    """
    side = Side.WITHIN if lost - won < budget * n else Side.ABOVE
    few, size = n, 2 * n
    while decide_drop(*_unlucky(lost / n, won / n, size, budget, side), size, budget) is not side:
        few, size = size, 2 * size
        if size > MOST_IMAGES:
            return None
    while size - few > max(1, few // 100):
        middle = (few + size) // 2
        decides = decide_drop(*_unlucky(lost / n, won / n, middle, budget, side), middle, budget) is side
        few, size = (few, middle) if decides else (middle, size)
    return size


def _unlucky(lost_rate: float, won_rate: float, n: int, budget: float, side: Side) -> tuple[int, int]:
    """Return (lost, won) of a fresh sample than which four of five speak clearer for `side`.

    Drawn with a fixed seed. Decisions follow Tango's score, so that one outcome tells for all that are beyond it.
    """
    rates = [lost_rate, won_rate, max(0.0, 1 - lost_rate - won_rate)]
    drawn = np.random.default_rng(0).multinomial(n, rates, _DRAWS)[:, :2].astype(np.float64)
    scores = tango_scores(drawn[:, 0], drawn[:, 1], n, budget)
    clearest_first = np.argsort(scores if side is Side.WITHIN else -scores, kind="stable")
    lost, won = drawn[clearest_first[int(CHANCE * _DRAWS)]].tolist()
    return int(lost), int(won)
