"""The Python twin of dart/lib/modelport/frame_vote.dart and text_assembler.dart, line by line; see twin_pixels.py."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class TwinOptions:
    """Dart's AssemblyOptions."""

    threshold: float = 0.7
    window: int = 5
    hold_ms: int = 1500
    max_pieces: int = 500
    allowed_sequences: tuple[str, ...] = ()


class AssembledText(NamedTuple):
    """The answer to one frame."""

    text: str
    vote: str | None
    event: str | None


def code_units(text: str) -> list[int]:
    """Return the numbers of the characters; Dart has two for one beyond 65,535, none of which is a letter A to Z."""
    return [ord(letter) for letter in text]


def from_char_codes(units: list[int]) -> str:
    """Return the text of these characters."""
    return "".join(map(chr, units))


class FrameVote:
    """The label that most of the last frames agree on."""

    def __init__(self, threshold: float, window: int) -> None:
        self.threshold, self.window = threshold, window
        self._votes: list[str | None] = []

    def clear(self) -> None:
        """Forget all frames."""
        self._votes.clear()

    def push(self, label: str, score: float) -> str | None:
        """Take one frame, and return the vote."""
        if len(self._votes) == self.window:
            self._votes.pop(0)
        self._votes.append(read_label(label) if label != "" and score >= self.threshold else None)
        voted = 0
        for candidate in self._votes:
            if candidate is not None:
                voted += 1
                count = 0
                for other in self._votes:
                    if other == candidate:
                        count += 1
                if 2 * count > self.window:
                    return candidate
        return "nothing" if voted == 0 and len(self._votes) == self.window else None


def read_label(label: str) -> str:
    """Return what the label means."""
    name = lower(label)
    if name == "space" or name == "del" or name == "nothing":
        return name
    return "del" if name == "delete" else label


def lower(text: str) -> str:
    """Make A to Z small."""
    units: list[int] = []
    for unit in code_units(text):
        units.append(unit + 32 if unit >= 65 and unit <= 90 else unit)
    return from_char_codes(units)


class TextAssembler:
    """From frames to text."""

    def __init__(self, options: TwinOptions) -> None:
        self.options = options
        self._vote = FrameVote(options.threshold, options.window)
        self._allowed = [lower(word) for word in options.allowed_sequences]
        self._pieces: list[str] = []
        self._held: str | None = None
        self._acted_ms = self._now_ms = 0

    @property
    def text(self) -> str:
        """All that was assembled."""
        return "".join(self._pieces)

    def clear(self) -> None:
        """Forget everything but the options."""
        self._vote.clear()
        self._pieces.clear()
        self._held = None
        self._acted_ms = 0
        self._now_ms = 0

    def push(self, label: str, score: float, time_ms: int) -> AssembledText:
        """Take one frame."""
        if time_ms < 0 or time_ms > 9007199254740991:
            raise ValueError("time is out of range")
        if time_ms > self._now_ms:
            self._now_ms = time_ms
        vote = self._vote.push(label, score)
        event = self._follow(vote)
        return AssembledText(self.text, vote, event)

    def _follow(self, vote: str | None) -> str | None:
        if vote is None:
            return None
        if vote == "nothing":
            self._held = None
            return None
        if vote == self._held and (self.options.hold_ms == 0 or self._now_ms - self._acted_ms < self.options.hold_ms):
            return None
        self._held = vote
        self._acted_ms = self._now_ms
        return self._act(vote) + ":" + vote

    def _act(self, label: str) -> str:
        if label == "del":
            if len(self._pieces) == 0:
                return "nothing-to-delete"
            self._pieces.pop()
            return "delete"
        if len(self._pieces) >= self.options.max_pieces:
            return "full"
        if len(self._allowed) > 0 and not self._is_allowed(label):
            return "not-allowed"
        self._pieces.append(" " if label == "space" else label)
        return "space" if label == "space" else "letter"

    def _is_allowed(self, label: str) -> bool:
        word = lower(self.text[self.text.rfind(" ") + 1 :])
        for allowed in self._allowed:
            if allowed == word if label == "space" else allowed.startswith(word + lower(label)):
                return True
        return False
