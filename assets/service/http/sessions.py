"""Text that grows from a client's answers, one assembler for each session, so many and no older than configured."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from ...assembly.text_assembler import AssemblyOptions, TextAssembler


class Sessions:
    """Assemblers by the client's name of its session.

    Args:
        options: how answers become text.
        most: sessions that are kept; the one that was silent longest goes first.
        seconds: of silence after which one is forgotten.
        clock: seconds, monotonic.
    """

    def __init__(
        self, options: AssemblyOptions, *, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._options, self._most, self._seconds, self._clock = options, most, seconds, clock
        self._kept: OrderedDict[str, tuple[float, TextAssembler]] = OrderedDict()  # the longest silent first
        self._lock = threading.Lock()

    def push(self, session: str | None, label: str, score: float) -> str:
        """Return the text of a session after one more answer; without a session, of this answer alone."""
        with self._lock:  # an assembler takes microseconds: one lock for all keeps frames in order
            now = self._clock()
            self._forget(now)
            assembler = self._assembler(session, now)
            return assembler.push(label, score, int(now * 1000)).text

    def _assembler(self, session: str | None, now: float) -> TextAssembler:
        """Return a session's assembler; a fresh one where there is none, kept if it has a name."""
        if session is None:
            return TextAssembler(self._options)
        _, assembler = self._kept.pop(session, (now, None))
        assembler = assembler or TextAssembler(self._options)
        self._kept[session] = now, assembler
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return assembler

    def __len__(self) -> int:
        with self._lock:
            self._forget(self._clock())
            return len(self._kept)

    def _forget(self, now: float) -> None:
        while self._kept and now - next(iter(self._kept.values()))[0] > self._seconds:
            self._kept.popitem(last=False)
