"""Counts of answers, written by hand, tell an exchange and an order of labels; a sound model is accused of neither."""

import numpy as np
import pytest
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.labels.label_suspicion import fewest, suspected_labels

TEN = ClassificationHead(name="digit", labels=tuple("0123456789"))


def counts(right: int = 6, wrong: int = 1, images: int = 7) -> np.ndarray:
    """Each of ten labels: so many right, the rest taken for the next label."""
    matrix = np.diag([right] * 10)
    return matrix + np.roll(np.diag([wrong] * 10), 1, axis=1) + np.diag([images - right - wrong] * 10)


def test_a_sound_model_is_not_accused() -> None:
    assert suspected_labels(counts(), TEN) == ""


def test_two_exchanged_labels_are_named_although_most_answers_are_right() -> None:
    """Columns 3 and 5 exchanged: 60 right fall to 48 of 70, and 7 of the 22 errors have other reasons."""
    order = [0, 1, 2, 5, 4, 3, 6, 7, 8, 9]
    said = suspected_labels(counts()[:, order], TEN)
    assert "labels '3' and '5' are probably exchanged" in said
    assert "with it undone, 60 of 70 images are answered right, not 48" in said


def test_reversed_labels_are_told_without_saying_who_is_wrong() -> None:
    said = suspected_labels(counts()[:, ::-1], TEN)
    assert "labels are probably in another order (reversed): it answers '9' where the truth is '0'" in said


def test_whose_order_is_sorted_is_told() -> None:
    head = ClassificationHead(name="digit", labels=tuple("3190745286"))
    order = np.argsort(np.array([int(label) for label in head.labels]))
    columns = np.empty(10, dtype=int)
    columns[np.arange(10)] = order  # the model answers 0 to 9
    said = suspected_labels(counts(right=7, wrong=0)[:, columns], head)
    assert "labels are probably in another order (it has them sorted as text)" in said


@pytest.mark.parametrize(
    ("pair", "why"),
    [
        pytest.param([[20, 30], [28, 22]], "as often right as wrong", id="hard-to-tell-apart"),
        pytest.param([[10, 40], [0, 50]], "one is taken for the other, but not the other way", id="one-way"),
        pytest.param([[0, 2], [2, 0]], "too few images", id="few"),
    ],
)
def test_a_pair_that_a_model_confuses_is_no_exchange(pair: list[list[int]], why: str) -> None:
    matrix = np.diag([50] * 10)
    matrix[3:5, 3:5] = pair
    assert suspected_labels(matrix, TEN) == "", why


def test_a_model_that_guesses_is_not_accused() -> None:
    random = np.random.default_rng(3)
    for _ in range(200):
        matrix = np.zeros((10, 10), dtype=np.int64)
        np.add.at(matrix, (np.repeat(np.arange(10), 7), random.integers(0, 10, 70)), 1)
        assert suspected_labels(matrix, TEN) == ""


def test_fewer_images_than_labels_tell_no_order() -> None:
    head = ClassificationHead(name="label", labels=tuple(f"{label:04}" for label in range(200)))
    matrix = np.zeros((200, 200), dtype=np.int64)
    matrix[np.arange(150), (7 * np.arange(150) + 3) % 200] = 1
    assert suspected_labels(matrix, head) == ""


def test_the_fewest_images_are_those_of_the_closed_form() -> None:
    """10 classes, 20 tries: the least k with 20 * 10 ** -k <= 1e-4 is 6; 1001 classes: 2."""
    assert (6, 2) == (fewest(10, 20), fewest(1001, 20))
