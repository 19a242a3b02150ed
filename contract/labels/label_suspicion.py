"""Do labelled images say that a model's labels are exchanged, or in another order? Told by its answers' counts."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..statistics.assignment import least_cost
from .heads import ClassificationHead
from .label_order import Order, order_words, usual_orders

Counts = NDArray[np.integer[Any]]

#: Of the wrong answers that a mistake can be the reason of, it must make this share right.
_RIGHTED = 0.5

#: And so many images that chance does so once in ten thousand times, if all mistakes are tried on it.
_CHANCE = 1e-4

#: An exchange of two labels is taken before an order that leaves so many times fewer wrong answers: it moves more.
_CLEARLY = 1.5

#: Images that must show an exchange at each of both labels, and in all.
_SHOWN, _SHOWN_IN_ALL = 2, 5

#: Less than one image: a label that no image tells anything about keeps its place.
_TIE = 1e-3

#: Orders of labels that are tried, of which the best counts.
ORDERS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One mistake, tried on n labelled images.

    Attributes:
        words: what is wrong.
        wrong, left: how many images are answered wrong as it is, and with the mistake undone.
        blamed: of the wrong ones, those whose reason it can be: of two labels alone where those are exchanged.
        n: images.
    """

    words: str
    wrong: int
    left: int
    blamed: int
    n: int

    @property
    def righted(self) -> int:
        """How many more images are answered right."""
        return self.wrong - self.left

    def is_enough(self, classes: int, tries: int) -> bool:
        """Whether so much becomes right that neither chance nor another fault explains it."""
        return self.righted >= max(fewest(classes, tries), _RIGHTED * self.blamed)

    def __str__(self) -> str:
        right, before = self.n - self.left, self.n - self.wrong
        return f"{self.words} (with it undone, {right} of {self.n} images are answered right, not {before})"


def suspected_labels(counts: Counts, head: ClassificationHead) -> str:
    """Return in words how the labels of a model are probably wrong; "" where its answers do not say so clearly.

    Args:
        counts: (classes, classes) confusion matrix: row = true label, column = answered label.
        head: whose labels.
    """
    suspect = suspect_order(counts, head, are="are probably")
    return str(suspect) if suspect and suspect.is_enough(head.width, ORDERS) else ""


def suspect_order(counts: Counts, head: ClassificationHead, **words: Any) -> Suspect | None:
    """Return the order of labels, other than the one there is, that leaves the fewest wrong answers; None for none.

    Args:
        counts: see `suspected_labels`.
        head: whose labels.
        words: for `order_words`.
    """
    n, rows = int(counts.sum()), np.arange(head.width)
    orders = _orders(counts, head)
    if not orders:
        return None
    left = [n - int(counts[rows, order].sum()) for order in orders]
    best = int(np.argmin(left))
    if _moved(orders[0]).size == 2 and left[0] <= _CLEARLY * left[best]:
        best = 0
    moved, right = _moved(orders[best]), np.diag(counts)
    is_exchange = moved.size == 2
    if is_exchange and not _is_shown(counts, moved):
        return None
    blamed = counts[moved].sum() - right[moved].sum() if is_exchange else n - right.sum()
    shown = np.flatnonzero(counts.sum(axis=1))
    told = order_words(orders[best], head, shown=shown, expected="the truth is", **words)
    return Suspect(words=told, wrong=n - int(right.sum()), left=left[best], blamed=int(blamed), n=n)


def fewest(classes: int, tries: int) -> int:
    """Return how many images must become right: by chance each is so once in `classes`.

    Example:
        >>> fewest(10, 20), fewest(1001, 20)
        (6, 2)
    """
    return max(2, math.ceil(math.log(tries / _CHANCE) / math.log(classes)))


def _orders(counts: Counts, head: ClassificationHead) -> list[Order]:
    """Return the orders to try but the one there is: first the exchange of two labels that makes the most right."""
    found = [*usual_orders(head.labels).values()]
    if counts.sum() >= 2 * head.width:  # with fewer images, some order fits whatever the answers are
        found = [*_best_exchange(counts), *found, least_cost(-counts - _TIE * np.eye(head.width))]
    return [order for order in found if _moved(order).size]


def _best_exchange(counts: Counts) -> list[Order]:
    """Return the order with those two labels exchanged that make the most answers right, if any do."""
    right = np.diag(counts)
    gains = counts + counts.T - right[:, None] - right[None, :]
    one, other = np.unravel_index(int(gains.argmax()), gains.shape)
    order = np.arange(len(counts))
    order[[one, other]] = order[[other, one]]
    return [order] if gains[one, other] > 0 else []


def _moved(order: Order) -> NDArray[np.intp]:
    return np.flatnonzero(order != np.arange(len(order)))


def _is_shown(counts: Counts, pair: NDArray[np.intp]) -> bool:
    """Whether each of two labels is answered as the other by enough of its images, and by more than as itself."""
    crossed = counts[pair, pair[::-1]]
    return bool((crossed >= _SHOWN).all() and crossed.sum() >= _SHOWN_IN_ALL and (crossed > counts[pair, pair]).all())
