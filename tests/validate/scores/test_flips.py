"""Flips and changes of the confusion matrix, by hand."""

import numpy as np
from modelport.validate.scores.flips import MOST_FLIPS, confusion_changes_of, flips_of

LABELS = ("a", "b", "c")
#: Truth a a b c c and one unknown; the reference is right on the first, third and fourth.
TRUTH = np.array([0, 0, 1, 2, 2, 0])
KNOWN = np.array([True, True, True, True, True, False])
REFERENCE = np.array([[8, 1, 1], [1, 8, 1], [1, 8, 1], [1, 1, 8], [8, 1, 1], [8, 1, 1]]) / 10
#: Lost with 0.6, won with 0.7, kept, lost with 0.9, wrong otherwise with 0.5, changed with 0.5.
ANSWERED = np.array([[3, 6, 1], [7, 2, 1], [1, 8, 1], [9, 0, 1], [4, 5, 1], [4, 5, 1]]) / 10
NAMES = tuple("uvwxyz")


def test_lost_comes_first_then_wrong_or_unknown_then_won_each_with_the_surest_first() -> None:
    found = flips_of(LABELS, ANSWERED, REFERENCE, TRUTH, KNOWN, NAMES)
    assert ["x", "u", "y", "z", "v"] == [flip.image for flip in found]
    first, unknown = found[0], found[3]
    assert ("c", "c", "a") == (first.truth, first.reference, first.artifact)
    assert (0.8, 0.9) == (first.reference_probability, first.artifact_probability)
    assert unknown.truth is None


def test_an_answer_of_nan_is_a_flip_without_a_label() -> None:
    answered = REFERENCE.copy()
    answered[2, 1] = np.nan
    (flip,) = flips_of(LABELS, answered, REFERENCE, TRUTH, KNOWN, NAMES)
    assert ("w", None) == (flip.image, flip.artifact)


def test_equal_answers_have_no_flips_and_no_changes() -> None:
    assert () == flips_of(LABELS, REFERENCE, REFERENCE, TRUTH, KNOWN, NAMES)
    assert () == confusion_changes_of(LABELS, REFERENCE[KNOWN], REFERENCE[KNOWN], TRUTH[KNOWN])


def test_no_more_flips_are_named_than_are_read() -> None:
    n = MOST_FLIPS + 40
    reference, answered = np.tile([0.9, 0.1], (n, 1)), np.tile([0.1, 0.9], (n, 1))
    names = tuple(map(str, range(n)))
    found = flips_of(("a", "b"), answered, reference, np.zeros(n, int), np.ones(n, bool), names)
    assert [str(number) for number in range(MOST_FLIPS)] == [flip.image for flip in found]


def test_changes_of_the_confusion_matrix_are_artifact_and_reference_cell_by_cell() -> None:
    """Reference: aa 1, ab 1, bb 1, cc 1, ca 1. Artifact: ab 1, aa 1, bb 1, ca 1, cb 1."""
    found = confusion_changes_of(LABELS, ANSWERED[KNOWN], REFERENCE[KNOWN], TRUTH[KNOWN])
    assert [("c", "b", 0, 1), ("c", "c", 1, 0)] == [
        (one.truth, one.answer, one.reference, one.artifact) for one in found
    ]


def test_the_largest_change_comes_first_and_nan_counts_in_neither() -> None:
    truth = np.zeros(5, int)
    reference = np.tile([0.9, 0.1, 0.0], (5, 1))
    answered = np.array([[0, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [np.nan, 0, 0]], float)
    found = confusion_changes_of(LABELS, answered, reference, truth)
    assert [("a", 4, 1), ("b", 0, 2), ("c", 0, 1)] == [(one.answer, one.reference, one.artifact) for one in found]
