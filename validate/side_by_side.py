"""Do the same with several things at once, in threads, and give the results in the order of the things."""

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..contract.narration import Narrator

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Told how many steps of its work a thing has got on.
Step = Callable[[int], None]

#: How long the main thread waits at a time: Windows lets no Ctrl-C interrupt a wait.
_TICK_SECONDS = 0.2


def side_by_side(
    work: Callable[[Item, Step], Result],
    items: Sequence[Item],
    *,
    at_once: int,
    steps: int,
    stop: Callable[[], None],
    narrator: Narrator,
    what: str,
) -> list[Result]:
    """Return `work(item, step)` for each item, whichever ends first.

    Args:
        work: is called in a thread.
        items: those that take longest come first.
        at_once: how many are worked on at a time.
        steps: of each item; what it did not count when it ends counts as done.
        stop: ends what `work` waits for, when the user stops it all.
        narrator, what: shows the progress.

    Raises:
        Exception: what `work` raised, of several the one of the earliest item.

    """
    told: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    pool = ThreadPoolExecutor(max(1, at_once))
    try:
        futures = [pool.submit(_count, work, item, steps, told) for item in items]
        for _ in narrator.track(_steps(told, len(items)), steps * len(items), what):
            pass
        return [future.result() for future in futures]
    except BaseException:
        stop()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _count(
    work: Callable[[Item, Step], Result], item: Item, steps: int, told: "queue.SimpleQueue[int | None]"
) -> Result:
    left = steps

    def step(count: int) -> None:
        nonlocal left
        told.put(min(count, left))
        left -= min(count, left)

    try:
        return work(item, step)
    finally:
        told.put(left)
        told.put(None)


def _steps(told: "queue.SimpleQueue[int | None]", running: int) -> Iterator[None]:
    """Yield once for each step, until the last item has ended."""
    while running:
        try:
            count = told.get(timeout=_TICK_SECONDS)
        except queue.Empty:
            continue
        if count is None:
            running -= 1
        for _ in range(count or 0):
            yield
