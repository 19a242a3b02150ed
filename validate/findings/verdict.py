"""The four verdicts, and the findings that lead to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What is said about one artifact, or about one of its budgets.

    PASS        within every budget; for a drop and a time, the upper bound of its interval is
    FAIL        outside one; for a drop and a time, the lower bound is
    UNDECIDED   that interval straddles its budget, or a floor is kept by so few images that nothing could prove it
    NOT_JUDGED  it could not be measured here
    """

    PASS = "pass"
    UNDECIDED = "undecided"
    NOT_JUDGED = "not judged"
    FAIL = "fail"


_FROM_GOOD_TO_BAD = (Verdict.PASS, Verdict.UNDECIDED, Verdict.NOT_JUDGED, Verdict.FAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        key: the budget's key, or what was looked at, such as "sha256" or "outputs".
        verdict: of this alone.
        sentence: measured, expected, and why; without the artifact's name.
        door: "pixels" or "encoded", where it was found there.
        head: the head it is about.

    """

    key: str
    verdict: Verdict
    sentence: str
    door: str = ""
    head: str = ""


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that decides: fail, then not judged, then undecided, then pass. NOT_JUDGED for none at all."""
    return max(verdicts, key=_FROM_GOOD_TO_BAD.index, default=Verdict.NOT_JUDGED)
