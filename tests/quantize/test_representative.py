from collections import Counter
from pathlib import Path

import pytest
from modelport.contract.dataset.prepared_dataset import Dataset, LabelledImage
from modelport.quantize.representative import choose_representative


@pytest.fixture
def dataset() -> Dataset:
    train = tuple(
        LabelledImage(Path(f"{label}-{n}"), label) for label, count in enumerate((50, 40, 3)) for n in range(count)
    )
    return Dataset(root=Path(), labels=("a", "b", "c"), splits={"train": train, "val": (), "test": ()})


def test_classes_are_balanced(dataset: Dataset) -> None:
    chosen = choose_representative(dataset, 8, seed=0)
    assert [2, 3, 3] == sorted(Counter(image.label for image in chosen).values())


def test_a_small_class_is_used_up_and_the_others_fill_in(dataset: Dataset) -> None:
    counts = Counter(image.label for image in choose_representative(dataset, 23, seed=0))
    assert {0: 10, 1: 10, 2: 3} == dict(counts)


def test_no_image_is_chosen_twice_and_no_more_than_there_are(dataset: Dataset) -> None:
    chosen = choose_representative(dataset, 1000, seed=0)
    assert 93 == len(chosen) == len(set(chosen))


def test_the_seed_decides(dataset: Dataset) -> None:
    assert choose_representative(dataset, 9, seed=1) == choose_representative(dataset, 9, seed=1)
    assert choose_representative(dataset, 9, seed=1) != choose_representative(dataset, 9, seed=2)
