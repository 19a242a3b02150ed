"""The usual mistakes with labels: two exchanged, another order. Found in answers, without asking for more."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..statistics.assignment import least_cost
from .heads import ClassificationHead

Order = NDArray[np.intp]

#: Costs below this are rounding: a label that no image tells anything about keeps its place.
_TIE = 1e-9

#: Images that must show a moved label, so that one odd image is no order of labels.
_SHOWN = 2


def usual_orders(labels: Sequence[str]) -> dict[str, Order]:
    """Return words to order: in place i of the run's labels, the column where the artifact has them.

    How both orders lie to one another comes first: it blames neither.

    Example:
        >>> usual_orders(["b", "10", "9"])["it has them sorted as text"].tolist()
        [2, 0, 1]
    """
    n = len(labels)
    sorts = {
        "it has them sorted as text": sorted(range(n), key=lambda i: labels[i]),
        "it has them sorted without regard to case": sorted(range(n), key=lambda i: labels[i].casefold()),
        "it has them sorted by their numbers": sorted(range(n), key=lambda i: _natural(labels[i])),
    }
    found = {"reversed": np.arange(n)[::-1]}
    found |= {"shifted by one": np.roll(np.arange(n), -1), "shifted back by one": np.roll(np.arange(n), 1)}
    found |= {words: np.argsort(order) for words, order in sorts.items()}  # column j holds label order[j]
    return {words: order for words, order in found.items() if (order != np.arange(n)).any()}


def best_order(answered: NDArray[np.float32], expected: NDArray[np.float32]) -> Order:
    """Return the order of the answered columns, (n, width) both, that comes nearest to what was expected."""
    ours, theirs = answered.astype(np.float64), expected.astype(np.float64)
    cost = (theirs**2).sum(axis=0)[:, None] + (ours**2).sum(axis=0)[None, :] - 2 * theirs.T @ ours
    return least_cost(cost - _TIE * max(float(cost.max()), 1.0) * np.eye(len(cost)))


def is_shown(order: Order, answered: NDArray[np.float32], expected: NDArray[np.float32]) -> bool:
    """Whether enough images show that labels moved: some for each of two, or for most, and five in all.

    Args:
        order: see `usual_orders`.
        answered: (n, width) by the artifact.
        expected: (n, width) by the reference.

    """
    moved = np.flatnonzero(order != np.arange(len(order)))
    right = expected.argmax(axis=1)
    explained = answered.argmax(axis=1) == order[right]
    counts = np.bincount(right[explained & np.isin(right, moved)], minlength=len(order))[moved]
    wanted = 2 if len(moved) == 2 else max(2, min(3, len(moved)))
    return int((counts >= _SHOWN).sum()) >= wanted and int(counts.sum()) >= 5


def order_words(
    order: Order,
    head: ClassificationHead,
    *,
    shown: NDArray[np.intp],
    several_heads: bool = False,
    expected: str = "the reference answers",
    are: str = "are",
) -> str:
    """Say what an order of labels means.

    Args:
        order: see `usual_orders`.
        head: whose labels.
        shown: label indices that images tell about.
        several_heads: whether the head must be named.
        expected: who or what says otherwise.
        are: or "are probably", where images alone say so.

    """
    labels, where = head.labels, f" of head {head.name!r}" if several_heads else ""
    moved = [int(place) for place in np.flatnonzero(order != np.arange(len(order)))]
    if len(moved) == 2:
        one, other = (labels[place] for place in moved)
        return f"labels {one!r} and {other!r}{where} {are} exchanged"
    told = [place for place in moved if place in set(shown.tolist())] or moved
    examples = [f"{labels[int(order[place])]!r} where {expected} {labels[place]!r}" for place in told[:3]]
    named = next((f" ({words})" for words, usual in usual_orders(labels).items() if (usual == order).all()), "")
    more = f", and so on for {len(moved)} of {len(labels)} labels" if len(moved) > len(examples) else ""
    return f"labels{where} {are} in another order{named}: it answers {', '.join(examples)}{more}"


def _natural(label: str) -> list[tuple[int, int, str]]:
    parts = re.findall(r"\d+|\D+", label)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
