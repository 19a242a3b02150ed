"""From frames to text: threshold, majority vote, debounce, allowed words. See specification.md; (n) is its sentence n.

This file needs nothing but Python's standard library, so that it can be copied into another project.
"""

from collections import deque
from dataclasses import dataclass

SPACE, DELETE, NOTHING = "space", "del", "nothing"
_CONTROLS = {"space": SPACE, "del": DELETE, "delete": DELETE, "nothing": NOTHING}
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}

_RANGES = {"window": (1, 9), "hold_ms": (0, 3_600_000), "max_pieces": (1, 10_000)}
_LAST_TIME_MS = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AssemblyOptions:
    """How frames become text; refused with ValueError where a value is out of its range (1).

    Attributes:
        threshold: the least score with which a frame votes, in [0, 1].
        window: how many frames vote, 1 to 9.
        hold_ms: after how many milliseconds a sign that is held counts again; 0: never.
        max_pieces: how long the text may grow, in labels.
        allowed_sequences: the words that can be assembled; none: all can.
    """

    threshold: float = 0.7
    window: int = 5
    hold_ms: int = 1500
    max_pieces: int = 500
    allowed_sequences: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.threshold, bool) or not isinstance(self.threshold, int | float):
            raise ValueError(f"threshold is not a number: {self.threshold!r}")
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"threshold is not in [0, 1]: {self.threshold!r}")
        for name, (least, most) in _RANGES.items():
            _check_whole(getattr(self, name), name, least, most)
        if isinstance(self.allowed_sequences, str):
            raise ValueError(f"allowed_sequences is one text, not a list of words: {self.allowed_sequences!r}")
        object.__setattr__(self, "allowed_sequences", tuple(self.allowed_sequences))
        for word in self.allowed_sequences:
            if not isinstance(word, str) or not word or set(word) & set(" \t\n\r"):
                raise ValueError(f"allowed sequence is no word: {word!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembledText:
    """The answer to one frame (23).

    Attributes:
        text: all that was assembled.
        vote: the label that has the majority, as it was read (5); None: there is no vote.
        event: what the vote did, as KIND:LABEL: "letter", "space", "delete"; or, where nothing changed, "not-allowed",
            "full", "nothing-to-delete"; None: it did not act.
    """

    text: str = ""
    vote: str | None = None
    event: str | None = None


class TextAssembler:
    """Assembles the text of one person at one camera. Not for several threads at once.

    Example:
        >>> assembler = TextAssembler(AssemblyOptions(window=3))
        >>> [assembler.push("A", 0.9, time_ms).text for time_ms in (0, 40, 80)]
        ['', 'A', 'A']
    """

    def __init__(self, options: AssemblyOptions | None = None) -> None:
        self.options = options or AssemblyOptions()
        self._allowed = tuple(map(lower, self.options.allowed_sequences))
        self.clear()

    @property
    def text(self) -> str:
        """All that was assembled."""
        return "".join(self._pieces)

    def clear(self) -> None:
        """Forget everything but the options (24)."""
        self._votes = deque[str | None](maxlen=self.options.window)  # None: a frame that abstains
        self._pieces = list[str]()
        self._held: str | None = None
        self._acted_ms = self._now_ms = 0

    def push(self, label: str, score: float, time_ms: int) -> AssembledText:
        """Take one frame.

        Args:
            label: the most probable one.
            score: its probability.
            time_ms: of the frame, on any clock that does not run backwards.

        Raises:
            ValueError: a time that is no whole number of milliseconds from 0 to 2^53 - 1.
        """
        _check_whole(time_ms, "time_ms", 0, _LAST_TIME_MS)
        self._now_ms = max(self._now_ms, time_ms)  # (4)
        self._votes.append(read_label(label) if label and score >= self.options.threshold else None)  # (6), (7)
        vote = self._vote()
        event = self._follow(vote)
        return AssembledText(text=self.text, vote=vote, event=event)

    def _vote(self) -> str | None:
        voted = [label for label in self._votes if label is not None]
        if not voted and len(self._votes) == self.options.window:
            return NOTHING  # (9)
        return next((label for label in voted if 2 * voted.count(label) > self.options.window), None)  # (8), (10)

    def _follow(self, vote: str | None) -> str | None:
        if vote is None:
            return None  # (11)
        if vote == NOTHING:
            self._held = None  # (12)
            return None
        if vote == self._held:
            waited = self._now_ms - self._acted_ms
            if not self.options.hold_ms or waited < self.options.hold_ms:
                return None  # (14)
        self._held, self._acted_ms = vote, self._now_ms  # (13), (15)
        return f"{self._act(vote)}:{vote}"

    def _act(self, label: str) -> str:
        if label == DELETE:  # (16)
            if not self._pieces:
                return "nothing-to-delete"
            self._pieces.pop()
            return "delete"
        if len(self._pieces) >= self.options.max_pieces:
            return "full"  # (17)
        if self._allowed and not self._is_allowed(label):
            return "not-allowed"
        self._pieces.append(" " if label == SPACE else label)  # (20), (21)
        return "space" if label == SPACE else "letter"

    def _is_allowed(self, label: str) -> bool:
        word = ""
        for piece in reversed(self._pieces):
            if piece == " ":
                break
            word = lower(piece) + word
        if label == SPACE:
            return word in self._allowed  # (18)
        return any(allowed.startswith(word + lower(label)) for allowed in self._allowed)  # (19)


def read_label(label: str) -> str:
    """Return `space`, `del` or `nothing` for what means them, else the label itself (5)."""
    return _CONTROLS.get(lower(label), label)


def lower(text: str) -> str:
    """Replace A to Z by a to z, and nothing else (2)."""
    return text.translate(_LOWER)


def _check_whole(value: object, name: str, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{name} is no whole number from {least} to {most}: {value!r}")
