from collections import Counter
from pathlib import Path

from modelport.contract.dataset.even_choice import choose_evenly
from modelport.contract.dataset.prepared_dataset import LabelledImage

IMAGES = tuple(
    LabelledImage(Path(f"{label}-{n}"), label) for label, count in enumerate((30, 0, 4)) for n in range(count)
)


def test_labels_are_even_until_one_is_used_up_and_one_without_images_is_left_out() -> None:
    assert {0: 3, 2: 3} == Counter(image.label for image in choose_evenly(IMAGES, 3, 6, seed=0))
    assert {0: 8, 2: 4} == Counter(image.label for image in choose_evenly(IMAGES, 3, 12, seed=0))


def test_the_seed_decides_and_the_images_stay_as_they_are() -> None:
    before = tuple(IMAGES)
    assert choose_evenly(IMAGES, 3, 6, seed=1) == choose_evenly(IMAGES, 3, 6, seed=1)
    assert choose_evenly(IMAGES, 3, 6, seed=1) != choose_evenly(IMAGES, 3, 6, seed=2)
    assert before == IMAGES
