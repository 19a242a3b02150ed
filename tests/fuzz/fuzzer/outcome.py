"""What became of one case."""

import re
from dataclasses import asdict, dataclass, field
from typing import Any

from modelport.contract.errors import InputError, ModelportError, RuntimeFailure

_SIGNAL = re.compile(r"crashed with (SIG\w+)")
_EXIT = re.compile(r"ended with (exit code \d+|code -?\d+)")
_MEMORY = re.compile(
    r"bad_alloc|MemoryError|out of memory|allocate memory|Failed to allocate memory|OOM", re.IGNORECASE
)
#: An exception of Python that nobody wrapped, as the worker names it.
_FOREIGN = re.compile(r"^(\w+(?:Error|Exception|Iteration|Interrupt)): ")


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of one case.

    Attributes:
        id: of the case.
        seed: what it was made from.
        doors: door to "ok", or the error in one line.
        parsed: whether it got past the parser of its runtime (decoder), to where memory for it is allocated.
        asked: whether a runtime was asked to run it.
        ran: whether it gave an answer (pixels, of an image).
        refused_by_us: a reader or check of modelport's own refused it.
        refused_by_runtime: its runtime did.
        crashes: signals, or exit codes, that ended a worker.
        timeouts, memory: doors that ran into these limits.
        unwrapped: exceptions of modelport's own readers that are no errors of ours: to be repaired.
        escapes: what must never be.
        seconds: it took.
    """

    id: str
    seed: str = ""
    doors: dict[str, str] = field(default_factory=dict)
    parsed: bool = False
    asked: bool = False
    ran: bool = False
    refused_by_us: bool = False
    refused_by_runtime: bool = False
    crashes: list[str] = field(default_factory=list)
    timeouts: list[str] = field(default_factory=list)
    memory: list[str] = field(default_factory=list)
    unwrapped: list[str] = field(default_factory=list)
    escapes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, door: str, error: ModelportError, *, is_reader: bool) -> None:
        """Sort an error of ours that a door ended in.

        Args:
            door: its name.
            error: what was raised.
            is_reader: whether the door is modelport's own code alone, whose errors are its own.
        """
        said = str(error.received)
        self.doors[door] = " ".join(f"{type(error).__name__}: {error.what}; {said}".split())[:400]
        if self.note_death(door, said) or self.note_memory(door, said):
            return
        if isinstance(error, RuntimeFailure) and not is_reader:
            self.refused_by_runtime = True
        else:
            self.refused_by_us = True
        if is_reader and not isinstance(error, InputError) and _FOREIGN.match(said):
            self.unwrapped.append(f"{door}: {said[:200]}")

    def note_death(self, door: str, said: str) -> bool:
        """Note how a worker died, if `said` tells so."""
        if "took longer than" in said:
            self.timeouts.append(door)
            return True
        if died := _SIGNAL.search(said) or _EXIT.search(said):
            kind = self.memory if _MEMORY.search(said) else self.crashes
            kind.append(f"{door}: {died[1]}")
            return True
        return False

    def note_memory(self, door: str, said: str) -> bool:
        """Note that memory was refused, if `said` tells so."""
        if _MEMORY.search(said):
            self.memory.append(door)
            return True
        return False

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        return asdict(self)
