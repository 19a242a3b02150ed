"""Choosing a few of many labelled images: the same number of each class, the same ones for the same seed."""

import random
from collections.abc import Sequence

from .prepared_dataset import LabelledImage


def choose_evenly(images: Sequence[LabelledImage], classes: int, count: int, seed: int) -> tuple[LabelledImage, ...]:
    """Choose `count` images, round by round one of each class, until they are used up.

    Args:
        images: in an order that does not change, such as sorted by label and path.
        classes: number of labels.
        count: wanted number of images, at least 1.
        seed: decides which; the same seed and images give the same choice.

    Returns:
        At most `count` images; classes differ by at most one image unless a class has too few.
    """
    by_class: list[list[LabelledImage]] = [[] for _ in range(classes)]
    for image in images:
        by_class[image.label].append(image)
    chooser = random.Random(seed)
    for same in by_class:
        chooser.shuffle(same)
    rounds = (same[turn] for turn in range(max(map(len, by_class))) for same in by_class if turn < len(same))
    return tuple(image for image, _ in zip(rounds, range(count), strict=False))
