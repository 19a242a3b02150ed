"""Test images whose bytes are in train or val too, and validation images whose bytes are in train too."""

from ...contract.errors import InputError
from ...contract.narration import Narrator
from ..run.image_hashes import ImageHashes


def count_leaks(hashes: ImageHashes) -> dict[str, int]:
    """Return the two counts under their names in evaluation_report.json."""
    train, val = set(hashes.of_split("train")), set(hashes.of_split("val"))
    return {
        "test_images_also_in_train_or_val": sum(digest in train | val for digest in hashes.of_split("test")),
        "validation_images_also_in_train": sum(digest in train for digest in hashes.of_split("val")),
    }


def check_leaks(hashes: ImageHashes, where: object, narrator: Narrator, *, allowed: bool) -> dict[str, int]:
    """Refuse a test or validation set that leaked into training, unless that is allowed.

    Returns:
        What `count_leaks` returns.

    Raises:
        InputError: an image is in two splits, and that is not allowed.
    """
    leaks = count_leaks(hashes)
    in_test, in_val = leaks.values()
    if not in_test and not in_val:
        return leaks
    received = (
        f"{in_test} of {len(hashes.of_split('test'))} test images have the same bytes as one in train or val\n"
        f"{in_val} of {len(hashes.of_split('val'))} validation images have the same bytes as one in train"
    )
    if not allowed:
        raise InputError(
            f"{'test' if in_test else 'validation'} set leaked into training",
            where=where,
            expected="no image in two splits",
            received=received,
            fix="split the images with modelport prepare, or pass --allow-leak; the evaluation report says so",
        )
    narrator.say(f"warning: images are in two splits; accuracies are too high\n{received}")
    return leaks
