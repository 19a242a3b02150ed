"""Test images whose bytes are in train or val too."""

from ..contract.dataset import Dataset
from ..contract.errors import InputError
from ..contract.hashing import sha256_of_file
from ..contract.narration import Narrator


def count_leaks(dataset: Dataset, narrator: Narrator) -> int:
    """Return how many test images have the same bytes as an image of train or val."""
    total = sum(map(len, dataset.splits.values()))
    every = [(split, image.path) for split, images in dataset.splits.items() for image in images]
    digests: dict[str, list[str]] = {}
    for split, path in narrator.track(every, total, "looking for leaks"):
        digests.setdefault(split, []).append(sha256_of_file(path))
    learned = set(digests["train"]) | set(digests["val"])
    return sum(digest in learned for digest in digests["test"])


def check_leaks(dataset: Dataset, narrator: Narrator, *, allowed: bool) -> int:
    """Refuse a test set that leaked into training, unless that is allowed.

    Returns:
        The number of test images that are in train or val too.

    Raises:
        InputError: there are some, and they are not allowed.
    """
    leaks = count_leaks(dataset, narrator)
    if leaks and not allowed:
        raise InputError(
            "test set leaked into training",
            where=dataset.root,
            expected="no test image in train or val",
            received=f"{leaks} of {len(dataset.splits['test'])} test images have the same bytes as one in train or val",
            fix="split the images with modelport prepare, or pass --allow-leak; the evaluation report says so",
        )
    if leaks:
        narrator.say(f"warning: {leaks} test images are in train or val too; the test accuracy is too high")
    return leaks
