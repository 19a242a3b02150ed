"""Files that a data set must not hold: each is listed with its reason, and none stops the others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Quarantined:
    """One file that was left out.

    Attributes:
        path: relative to the source, with forward slashes.
        reason: why, in one line.
    """

    path: str
    reason: str
