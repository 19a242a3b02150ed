"""One line of `modelport doctor`."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

#: ok; note: nothing is broken, something is missing or different; problem: something that is installed is broken.
State = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was looked at, and what is to be done about it.

    Attributes:
        group: heading, such as "GPU".
        name: what was looked at, a few words.
        state: ok, note or problem.
        says: what was found.
        stops: what does not work here because of it; None: everything works.
        paste: the command, or the sentence, that mends it.
    """

    group: str
    name: str
    state: State
    says: str
    stops: str | None = None
    paste: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        return asdict(self)


def exit_code_of(findings: list[Finding]) -> int:
    """Return 1 if something that is installed is broken, else 0: a missing extra is a note."""
    return int(any(finding.state == "problem" for finding in findings))
