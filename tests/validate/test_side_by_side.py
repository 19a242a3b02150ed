"""Work in threads whose results do not depend on which thread is faster."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import pytest
from modelport.contract.narration import Silent
from modelport.validate.side_by_side import Step, side_by_side

Item = TypeVar("Item")


class Counting(Silent):
    """Counts what it is shown."""

    def __init__(self) -> None:
        self.total, self.seen = 0, 0

    def track(self, items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
        """Count."""
        self.total = total
        for item in items:
            self.seen += 1
            yield item


def run(
    work: Callable[[int, Step], int], items: list[int], at_once: int = 2, narrator: Silent | None = None
) -> list[int]:
    return side_by_side(
        work,
        items,
        at_once=at_once,
        steps=10,
        stop=lambda: None,
        narrator=narrator or Silent(),
        what="work",
    )


@pytest.mark.parametrize("slow", [0, 1, 2, 3])
def test_results_come_in_the_order_of_the_items_whichever_ends_last(slow: int) -> None:
    def work(item: int, step: Step) -> int:
        time.sleep(0.2 if item == slow else 0)
        return item * item

    assert run(work, [0, 1, 2, 3], at_once=4) == [0, 1, 4, 9]


@pytest.mark.parametrize("at_once", [1, 3])
def test_so_many_run_at_once_and_no_more(at_once: int) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work(item: int, step: Step) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.1)
        with lock:
            running -= 1
        return item

    run(work, list(range(6)), at_once=at_once)
    assert most == at_once


def test_of_several_errors_the_one_of_the_earliest_item_is_raised() -> None:
    def work(item: int, step: Step) -> int:
        time.sleep(0.1 * (3 - item))
        raise ValueError(f"item {item}")

    with pytest.raises(ValueError, match="item 0"):
        run(work, [0, 1, 2], at_once=3)


def test_the_progress_ends_at_its_total_whatever_was_counted() -> None:
    def work(item: int, step: Step) -> int:
        for _ in range(item):
            step(4)  # 0, 4, 8 of 10 steps, then more than there are
        return item

    narrator = Counting()
    run(work, [0, 1, 2, 3, 9], narrator=narrator)
    assert (narrator.seen, narrator.total) == (50, 50)


def test_who_stops_it_ends_what_is_waited_for_and_begins_nothing_new() -> None:
    released, begun = threading.Event(), []

    class Interrupting(Silent):
        def track(self, items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
            next(iter(items))
            raise KeyboardInterrupt
            yield

    def work(item: int, step: Step) -> int:
        begun.append(item)
        step(1)
        released.wait(60)
        return item

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        side_by_side(
            work, [0, 1, 2, 3, 4], at_once=2, steps=10, stop=released.set, narrator=Interrupting(), what="work"
        )
    assert time.monotonic() - start < 30
    assert set(begun) <= {0, 1}
