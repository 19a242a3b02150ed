import numpy as np
import pytest
from modelport.contract.errors import InputError, JudgedAndFailed
from modelport.training.adopt.check_probabilities import check_probabilities
from numpy.typing import NDArray

LOGITS = np.array([[2.0, -1.0, 0.5], [0.1, 7.0, -3.0]], dtype=np.float32)


def _softmax(values: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(values)
    probabilities: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def test_probabilities_pass_with_and_without_an_appended_softmax() -> None:
    check_probabilities(_softmax(LOGITS), "m", softmax=False)
    check_probabilities(_softmax(LOGITS), "m", softmax=True)


def test_logits_are_named_with_their_range_and_the_option() -> None:
    with pytest.raises(InputError, match="no probabilities") as caught:
        check_probabilities(LOGITS, "m", softmax=False)
    assert "[-3, 7]" in str(caught.value.received)
    assert "--softmax" in str(caught.value.fix)


def test_a_softmax_of_probabilities_is_refused() -> None:
    """It would flatten them: the largest of ten could be no more than 0.23."""
    with pytest.raises(InputError, match=r"already[\s\S]*drop --softmax"):
        check_probabilities(_softmax(_softmax(LOGITS)), "m", softmax=True)


def test_independent_sigmoids_are_told_from_logits() -> None:
    with pytest.raises(InputError, match="independent sigmoids"):
        check_probabilities(np.array([[0.9, 0.8]], dtype=np.float32), "m", softmax=False)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_is_an_answer_and_the_answer_is_no(value: float) -> None:
    with pytest.raises(JudgedAndFailed, match="no numbers"):
        check_probabilities(np.array([[value, 0.5]], dtype=np.float32), "m", softmax=False)


def test_logits_that_look_like_probabilities_under_one_range_are_logits() -> None:
    """Two logits closer than 1 to one another could be any two probabilities; those of [0, 255] are farther apart."""
    small = np.array([[0.2, -0.1], [0.0, 0.3]], dtype=np.float32)
    large = np.float32(255) * small
    check_probabilities(_softmax(small), "m", softmax=True, under_other_ranges=[_softmax(large)])
    with pytest.raises(InputError, match="already"):
        check_probabilities(_softmax(small), "m", softmax=True, under_other_ranges=[_softmax(np.float32(0.5) * small)])


def test_logits_that_look_like_sigmoids_under_one_range_are_logits() -> None:
    small = np.array([[0.2, 0.1], [0.0, 0.3]], dtype=np.float32)
    with pytest.raises(InputError, match=r"\[0, 3\][\s\S]*pass --softmax"):
        check_probabilities(small, "m", softmax=False, under_other_ranges=[np.float32(10) * small])
