"""The representative data set: real images of the train split, the same number of each class."""

import random

from ..contract.dataset import Dataset, LabelledImage

#: Images for calibration: the lower end of what TensorFlow's guide names, "around ~100-500 samples"
#: (its g3doc post_training_quantization.md as of PiperOrigin-RevId 346460622, read on 2026-11-21).
REPRESENTATIVE_IMAGES = 100


def choose_representative(dataset: Dataset, count: int, seed: int) -> tuple[LabelledImage, ...]:
    """Choose `count` images of the train split, round by round one of each class, until they are used up.

    Args:
        dataset: has the train split.
        count: wanted number of images, at least 1.
        seed: decides which; the same seed and files choose the same images.

    Returns:
        At most `count` images; classes differ by at most one image unless a class has too few.
    """
    by_class: list[list[LabelledImage]] = [[] for _ in dataset.labels]
    for image in dataset.splits["train"]:
        by_class[image.label].append(image)
    chooser = random.Random(seed)
    for images in by_class:
        chooser.shuffle(images)
    rounds = (images[turn] for turn in range(max(map(len, by_class))) for images in by_class if turn < len(images))
    return tuple(image for image, _ in zip(rounds, range(count), strict=False))
