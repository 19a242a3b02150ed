"""The arithmetic of a split: stratified, and no group and no file in two splits. No file is touched here."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...contract.dataset.prepared_dataset import SPLITS
from ...contract.errors import InputError
from .options import Ratios


@dataclass(frozen=True, slots=True, kw_only=True)
class Splittable:
    """What decides about the split of one image.

    Attributes:
        label: of its class.
        sha256: of its file in the data set, so that one picture as .bmp and .tiff, both re-encoded, is one file.
        group: that must stay together; None: the image is a group of its own.
    """

    label: str
    sha256: str
    group: str | None = None


@dataclass(slots=True)
class Unit:
    """Images that must land in one split: of one group, or identical files, or both in a chain.

    Attributes:
        members: positions of its images.
        counts: label to its number of images.
        key: sha256 of the seed and of the content; neither names nor the listing order enter into it.
    """

    members: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    key: str = "~"


def split_images(images: Sequence[Splittable], ratios: Ratios, seed: int) -> list[str]:
    """Return the split of each image.

    Units are taken in descending size, equal ones in the order of their key. Each goes to the split that most reduces
    the squared distance to the targets. While a label has no more units left than splits without it, they go to those.

    Args:
        images: in any order; the result is the same for the same files.
        ratios: shares of train, val and test.
        seed: another seed, another split.

    Raises:
        InputError: a class that is not in every split in the end.

    Example:
        >>> from .options import parse_ratios
        >>> images = [Splittable(label="a", sha256=str(n)) for n in range(20)]
        >>> sorted(Counter(split_images(images, parse_ratios("70/15/15"), seed=0)).items())
        [('test', 3), ('train', 14), ('val', 3)]
    """
    units = sorted(join_units(images, seed), key=lambda unit: (-len(unit.members), unit.key))
    shelves = _Shelves(units, ratios)
    chosen = [""] * len(images)
    for unit in units:
        split = shelves.place(unit)
        for member in unit.members:
            chosen[member] = SPLITS[split]
    shelves.check_every_label()
    return chosen


def integer_targets(count: int, ratios: Ratios) -> list[int]:
    """Share `count` images out by largest remainder, at least one to each split.

    Args:
        count: at least 3.
        ratios: shares of train, val and test.

    Returns:
        Three integers that add up to `count`; of equal remainders the earlier split wins.

    Example:
        >>> from .options import parse_ratios
        >>> integer_targets(10, parse_ratios("70/15/15"))
        [7, 2, 1]
    """
    exact = [count * share for share in ratios]
    targets = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda split: targets[split] - exact[split])
    for split in by_remainder[: count - sum(targets)]:
        targets[split] += 1
    while 0 in targets:
        targets[targets.index(max(targets))] -= 1
        targets[targets.index(0)] += 1
    return targets


def join_units(images: Sequence[Splittable], seed: int) -> list[Unit]:
    """Join images that share a group or a file, also through others, and return the units in no particular order."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def find(node: tuple[str, str]) -> tuple[str, str]:
        root = node
        while (above := parent.setdefault(root, root)) != root:
            root = above
        while node != root:
            parent[node], node = root, parent[node]
        return root

    for image in images:
        if image.group is not None:
            parent[find(("file", image.sha256))] = find(("group", image.group))
    units: dict[tuple[str, str], Unit] = {}
    for position, image in enumerate(images):
        unit = units.setdefault(find(("file", image.sha256)), Unit())
        unit.members.append(position)
        unit.counts[image.label] += 1
        unit.key = min(unit.key, hashlib.sha256(f"{seed}:{image.sha256}".encode()).hexdigest())
    return list(units.values())


class _Shelves:
    """How many images of each label every split still wants."""

    def __init__(self, units: Iterable[Unit], ratios: Ratios) -> None:
        self.images: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        for unit in units:
            self.images.update(unit.counts)
            self.units.update(unit.counts.keys())
        self.wanted = {label: integer_targets(count, ratios) for label, count in self.images.items()}
        self.without = {label: set(range(len(SPLITS))) for label in self.images}
        self.units_left = Counter(self.units)

    def place(self, unit: Unit) -> int:
        """Put `unit` where it serves best and return the split's position in SPLITS."""
        urgent = [label for label in unit.counts if self.units_left[label] <= len(self.without[label])]

        def merit(split: int) -> tuple[int, int]:
            # The squared distance falls by the sum of n * (2 * wanted - n), where only `wanted` depends on the split.
            nearer = sum(n * self.wanted[label][split] for label, n in unit.counts.items())
            return sum(split in self.without[label] for label in urgent), nearer

        best = max(range(len(SPLITS)), key=merit)
        for label, count in unit.counts.items():
            self.wanted[label][best] -= count
            self.without[label].discard(best)
            self.units_left[label] -= 1
        return best

    def check_every_label(self) -> None:
        """Raise InputError unless every label is in every split."""
        lines = [
            f"{label}: nothing for {' and '.join(SPLITS[split] for split in sorted(splits))}, "
            f"from {self.images[label]} images in {self.units[label]} groups"
            for label, splits in sorted(self.without.items())
            if splits
        ]
        if lines:
            raise InputError(
                "a class cannot be in every split",
                expected="at least three groups with images of each class (identical files are one group)",
                received="\n".join(lines),
                fix="add images, or group by something finer",
            )
