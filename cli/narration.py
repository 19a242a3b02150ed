"""Tell the user on stderr what a stage does: lines, and a progress bar where stderr is a terminal."""

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

Item = TypeVar("Item")


class Terminal:
    """A narrator that writes to stderr, also while `cli.foreign_noise` sends fd 2 to a log."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(file=_lasting_stderr(), highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """Write one line."""
        self._console.print(text, markup=False)

    def track(self, items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
        """Pass `items` on; on a terminal show a bar with the time left."""
        if not self._console.is_terminal:
            yield from items
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._console, transient=True) as progress:
            yield from progress.track(items, total=total, description=what)


def _lasting_stderr() -> TextIO:
    try:
        if sys.stderr.fileno() == 2:
            return os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace")
    except (OSError, ValueError, AttributeError):  # a captured stderr has no file descriptor
        pass
    return sys.stderr
