"""Why an artifact that is equal to its reference is wrong: the mistake was made before, and the reference shares it."""

import math
from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..contract.heads import ClassificationHead
from .bench import Answers
from .diagnose_inputs import feed, input_mistakes
from .diagnose_labels import best_order, order_words, usual_orders
from .image_stream import Rows
from .sample import Asked, choose_rows

Truth = NDArray[np.int64]

#: Of the wrong answers, a mistake must make this share right.
_RIGHTED = 0.5

#: And so many images that chance does so once in ten thousand times, if all mistakes are tried on it.
_CHANCE = 1e-4

#: The runner-up must leave this many times more of the wrong answers.
_CLEARLY = 1.5

#: Orders of labels that are tried, of which the best counts.
_ORDERS = 8

_SHARED = "the reference shares it: the run was made with it"


def diagnose_truth(asked: Asked) -> str:
    """Return the mistake that makes the answers to labelled images right; "" for none, or where too few are wrong."""
    head = asked.bench.contract.first_classification
    evidence = asked.bench.evidence.heads[head.name]
    rows = choose_rows(asked, for_labels=True)
    rows = rows[evidence.known[rows]]
    truth = evidence.truth[rows]
    if not rows.size or not set(np.unique(truth)) - {-1}:
        return ""
    wrong = _wrong(asked.answers(rows), head, truth)
    tried = sorted(_tried(asked, head, rows, truth), key=lambda one: one[1])
    if not tried:
        return ""
    words, left = tried[0]
    enough = wrong - left >= max(_fewest(head.width, len(tried) + _ORDERS), _RIGHTED * wrong)
    is_clear = len(tried) == 1 or tried[1][1] >= max(_CLEARLY * left, left + 2)
    if not enough or not is_clear:
        return ""
    n = len(rows)
    return f"{words} (with it undone, {n - left} of {n} images are answered right, not {n - wrong}); {_SHARED}"


def _fewest(classes: int, tries: int) -> int:
    """Return how many images must become right: by chance each is so once in `classes`.

    Example:
        >>> _fewest(10, 20), _fewest(1001, 20)
        (6, 2)
    """
    return max(2, math.ceil(math.log(tries / _CHANCE) / math.log(classes)))


def _tried(asked: Asked, head: ClassificationHead, rows: Rows, truth: Truth) -> Iterator[tuple[str, int]]:
    """Yield each mistake, and how many answers are wrong with it undone. Another order of labels counts once."""
    answers = asked.answers(rows)
    values, ones = answers[head.name], np.eye(head.width, dtype=np.float32)[truth]
    orders = [*usual_orders(head.labels).values()]
    if len(rows) >= 2 * head.width:  # with fewer, some order fits whatever the answers are
        orders.append(best_order(np.eye(head.width, dtype=np.float32)[values.argmax(axis=1)], ones))
    orders = [order for order in orders if (order != np.arange(head.width)).any()]
    if orders:
        order = min(orders, key=lambda one: _wrong({head.name: values[:, one]}, head, truth))
        words = order_words(order, head, len(asked.heads) > 1, np.unique(truth), expected="the truth is")
        yield words, _wrong({head.name: values[:, order]}, head, truth)
    for mistake in input_mistakes(asked.pixels) if asked.door == "pixels" else ():
        made = asked.fed(rows, partial(feed, mistake=mistake, taken=asked.pixels))
        if np.isfinite(made[head.name]).all():
            yield mistake.words, _wrong(made, head, truth)


def _wrong(answers: Answers, head: ClassificationHead, truth: Truth) -> int:
    return int((answers[head.name].argmax(axis=1) != truth).sum())
