"""dataset.json: what `modelport prepare` did. Same files and options, same bytes: no dates, no absolute paths."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ...contract.dataset.prepared_dataset import SPLITS
from ...contract.files.hashing import sha256_of_file
from .inspect_image import InspectedImage
from .options import DEFAULT_RATIOS, PrepareOptions, parse_ratios
from .quarantine import Quarantined

DATASET_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedImage:
    """One image of the data set.

    Attributes:
        path: in the data set, with forward slashes.
        split: train, val or test.
        inspected: what was found.
        group: that it was kept together with; None where nobody asked.
    """

    path: str
    split: str
    inspected: InspectedImage
    group: str | None = None


def describe_dataset(
    labels: Sequence[str],
    images: Iterable[PlacedImage],
    quarantine: Iterable[Quarantined],
    options: PrepareOptions,
    is_split: bool,
) -> dict[str, Any]:
    """Return the content of dataset.json.

    Args:
        labels: in output order.
        images: in any order.
        quarantine: in any order.
        options: as given.
        is_split: whether the source's own split was kept.
    """
    images = sorted(images, key=lambda image: image.path)
    return {
        "modelport_dataset": DATASET_VERSION,
        "labels": list(labels),
        "counts": _counts(labels, images),
        "options": _options(options, is_split),
        "leaks": _leaks(images),
        "duplicates": _duplicates(images),
        "quarantine": [asdict(file) for file in sorted(quarantine)],
        "images": [_image(image) for image in images],
    }


def _counts(labels: Sequence[str], images: Iterable[PlacedImage]) -> dict[str, dict[str, int]]:
    counts = Counter((image.split, image.inspected.found.label) for image in images)
    return {split: {label: counts[split, label] for label in labels} for split in SPLITS}


def _options(options: PrepareOptions, is_split: bool) -> dict[str, Any]:
    ratios = None if is_split else [float(share) for share in options.ratios or parse_ratios(DEFAULT_RATIOS)]
    return {
        "split": "kept as found" if is_split else "made",
        "ratios": ratios,
        "seed": None if is_split else options.split_seed,
        "group_by": options.group_by,
        "groups_sha256": sha256_of_file(options.groups) if options.groups else None,
    }


def _image(image: PlacedImage) -> dict[str, str]:
    inspected = image.inspected
    entry = {"path": image.path, "sha256": inspected.sha256, "source": inspected.found.source}
    optional = {"group": image.group, "reencoded": inspected.reencoded}
    return entry | {key: value for key, value in optional.items() if value is not None}


def _same_files(images: Iterable[PlacedImage]) -> dict[str, list[PlacedImage]]:
    by_bytes = defaultdict(list)
    for image in images:
        by_bytes[image.inspected.sha256].append(image)
    return {digest: same for digest, same in by_bytes.items() if len(same) > 1}


def _duplicates(images: Iterable[PlacedImage]) -> list[list[str]]:
    """Return sets of identical files, each sorted by its path in the data set."""
    return sorted([image.path for image in same] for same in _same_files(images).values())


def _leaks(images: Iterable[PlacedImage]) -> list[dict[str, Any]]:
    """Return the images of test whose file is in train or val too, and those of val whose file is in train too."""
    leaks = []
    for same in _same_files(images).values():
        for image in same:
            earlier = SPLITS[: SPLITS.index(image.split)]
            if also_in := [other.path for other in same if other.split in earlier]:
                leaks.append({"path": image.path, "split": image.split, "also_in": also_in})
    return sorted(leaks, key=lambda leak: str(leak["path"]))
