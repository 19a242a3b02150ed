"""The stage behind `modelport prepare`: images in, a split and checked data set out."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...contract.dataset.prepared_dataset import MANIFEST, SPLITS
from ...contract.errors import InputError, UsageError
from ...contract.files import disk
from ...contract.files.atomic_write import atomic_folder, restore_folder, write_json
from ...contract.narration import Narrator, Silent
from .contradicting_labels import contradicting_labels
from .destination import check_destination
from .find_images import FoundImages, find_images
from .group_images import group_images
from .inspect_image import InspectedImage, inspect_images
from .manifest import PlacedImage, describe_dataset
from .options import DEFAULT_RATIOS, PrepareOptions, parse_ratios
from .place_images import name_images, place_image
from .split_images import Splittable, split_images
from .summary import PrepareSummary, findings, summarize


def prepare(
    source: str | Path, destination: str | Path, options: PrepareOptions, narrator: Narrator | None = None
) -> PrepareSummary:
    """Split the images of class folders into train, val and test, without a leak and without a bad file.

    Args:
        source: folder of class folders (nested once, maybe), or a folder with train, val and test, which is kept so.
        destination: built whole beside its final name, then swapped in.
        options: as the user gave them.
        narrator: is shown the progress and told what the user must know.

    Raises:
        UsageError: a destination that must not be replaced, or options that make no sense for this source.
        InputError: images that cannot become a data set.
    """
    source, destination, narrator = Path(source), Path(destination), narrator or Silent()
    try:
        restore_folder(destination.resolve())
        check_destination(source, destination, options.overwrite)
        found = find_images(source)
        _check_source(found, options)
        groups = group_images([image.source for image in found.images], options)
        with atomic_folder(destination.resolve()) as part:
            manifest = _build(found, groups, part, options, narrator)
    except OSError as error:
        raise InputError("files cannot be read or written", where=error.filename, received=error.strerror) from error
    if found.ignored:
        narrator.say(f"left out, beside train, val and test: {', '.join(found.ignored)}")
    for line in findings(manifest):
        narrator.say(line)
    return summarize(manifest, destination / MANIFEST)


def _check_source(found: FoundImages, options: PrepareOptions) -> None:
    if found.is_split and options.needs_own_split:
        raise UsageError(
            "images are split already, and that split is kept",
            where=found.root,
            received=" and ".join(options.needs_own_split),
            fix=f"drop {' and '.join(options.needs_own_split)}",
        )
    if not found.is_split:
        _check_at_least_three(found.labels, Counter(image.label for image in found.images), found)


def _build(
    found: FoundImages, groups: dict[str, str], part: Path, options: PrepareOptions, narrator: Narrator
) -> dict[str, Any]:
    """Fill the folder `part` and return the content of its dataset.json."""
    staging = part / ".upright"
    disk.make_folder(staging)
    images, quarantine = inspect_images(found.images, staging, narrator)
    quarantine += [*found.quarantine, *contradicting_labels(images)]
    unfit = {file.path for file in quarantine}
    images = [image for image in images if image.found.source not in unfit]
    splits = _kept_split(images, found) if found.is_split else _new_split(images, groups, found, options)
    placed = [
        PlacedImage(path=path, split=split, inspected=image, group=groups.get(image.found.source))
        for image, split, path in zip(images, splits, name_images(images, splits), strict=True)
    ]
    for image in narrator.track(placed, len(placed), "writing"):
        place_image(image.inspected, part / image.path, options.copy)
    disk.remove(staging)  # with what was re-encoded, and then found under two labels
    manifest = describe_dataset(found.labels, placed, quarantine, options, found.is_split)
    write_json(part / MANIFEST, manifest)
    return manifest


def _new_split(
    images: Sequence[InspectedImage], groups: dict[str, str], found: FoundImages, options: PrepareOptions
) -> list[str]:
    _check_at_least_three(found.labels, Counter(image.found.label for image in images), found)
    items = [
        Splittable(label=image.found.label, sha256=image.sha256, group=groups.get(image.found.source))
        for image in images
    ]
    return split_images(items, options.ratios or parse_ratios(DEFAULT_RATIOS), options.split_seed)


def _kept_split(images: Sequence[InspectedImage], found: FoundImages) -> list[str]:
    present = {(image.found.split, image.found.label) for image in images}
    empty = [f"{split}/{label}" for split in SPLITS for label in found.labels if (split, label) not in present]
    if empty:
        raise InputError("a class has no image that can be used", where=found.root, received=", ".join(empty))
    return [str(image.found.split) for image in images]


def _check_at_least_three(labels: Sequence[str], counts: Counter[str], found: FoundImages) -> None:
    few = [f"{label}: {counts[label]}" for label in labels if counts[label] < len(SPLITS)]
    if few:
        raise InputError(
            "a class has too few images that can be used",
            where=found.root,
            expected="at least 3 of each class: one for train, one for val, one for test",
            received="\n".join(few),
            fix="add images, or take the folder of that class away",
        )
