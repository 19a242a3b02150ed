"""Images that are found under two labels: none of them is taken."""

from collections import defaultdict
from collections.abc import Iterable

from .inspect_image import InspectedImage
from .quarantine import Quarantined


def contradicting_labels(images: Iterable[InspectedImage]) -> list[Quarantined]:
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
