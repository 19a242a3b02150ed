"""How a stage tells what it is doing, without knowing whether a terminal, a log or nobody listens."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Narrator(Protocol):
    """What a stage may say."""

    def say(self, text: str) -> None:
        """Tell one line."""

    def track(self, items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
        """Pass `items` on and show how many of `total` are done."""


class Silent:
    """A narrator that nobody listens to: the default of every stage."""

    def say(self, text: str) -> None:
        """Say nothing."""

    def track(self, items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
        """Pass `items` on."""
        yield from items
