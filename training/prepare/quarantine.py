"""Files that a data set must not hold: each is listed with its reason, and none stops the others."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .inspect_image import InspectedImage


@dataclass(frozen=True, slots=True, order=True)
class Quarantined:
    """One file that was left out.

    Attributes:
        path: relative to the source, with forward slashes.
        reason: why, in one line.
    """

    path: str
    reason: str


def contradicting_labels(images: Iterable["InspectedImage"]) -> list[Quarantined]:
    """Return every file that is found under two labels, compared as written: one is wrong, nobody knows which."""
    by_bytes = defaultdict(list)
    for image in images:
        by_bytes[image.sha256].append(image.found)
    return [
        Quarantined(file.source, f"the same file has the labels {' and '.join(labels)}")
        for files in by_bytes.values()
        if len(labels := sorted({file.label for file in files})) > 1
        for file in files
    ]
