"""A labels file of other words, or of another order, is not what the model's outputs are called."""

from typing import Any

import pytest
from modelport.assets.service.model.label_order import check_classes, check_order
from modelport.assets.service.model.mock_model import MockRunner
from modelport.assets.service.model.reload import ModelHolder, Watcher
from modelport.assets.service.model.served_model import ServedModel
from modelport.contract.errors import InputError

DIGITS = tuple("0123456789")
WORDS = ("nine", "eight", "seven", "six", "five", "four", "three", "two", "one", "zero")


@pytest.mark.parametrize(
    ("labels", "known", "fits"),
    [
        pytest.param(WORDS, DIGITS, False, id="no-word-is-the-contracts"),
        pytest.param((*DIGITS[:5], *WORDS[5:]), DIGITS, True, id="half"),
        pytest.param((*DIGITS[:4], *WORDS[4:]), DIGITS, False, id="fewer-than-half"),
        pytest.param(("A", "DELETE", "Space"), ("a", "del", "space"), True, id="case-and-del"),
        pytest.param(("sp", "x", "delete"), ("space", "nothing", "del"), False, id="one-of-three"),
    ],
)
def test_at_least_half_of_the_words_are_the_contracts(
    labels: tuple[str, ...], known: tuple[str, ...], fits: bool
) -> None:
    if fits:
        check_classes(labels, known)
    else:
        with pytest.raises(InputError, match="other words than the model's contract"):
            check_classes(labels, known)


@pytest.mark.parametrize(
    ("labels", "known", "told"),
    [
        (("B", "A"), ("a", "b"), "line 1: 'B', which it has in line 2"),
        (("delete", "a"), ("a", "del"), "line 1: 'delete', which it has in line 2"),
        (("A", "a"), ("a", "A"), "line 1: 'A', which it has in line 2"),
        (("a", "A"), ("a", "A"), None),
        (("a", "own"), ("A", "b"), None),
    ],
)
def test_no_word_stands_in_another_line(labels: tuple[str, ...], known: tuple[str, ...], told: str | None) -> None:
    if told is None:
        check_order(labels, known, what="w", owner="it", fix="f")
    else:
        with pytest.raises(InputError) as caught:
            check_order(labels, known, what="w", owner="it", fix="f")
        assert told in str(caught.value)


def model_of(*labels: str, sha256: str = "a" * 64) -> ServedModel:
    facts: dict[str, Any] = {"format": "mock", "runtime": "none", "labels_sha256": ",".join(labels)}
    return ServedModel(runner=MockRunner(labels), labels=labels, model_sha256=sha256, identity=labels, **facts)


@pytest.mark.parametrize(
    ("new", "is_served"),
    [
        pytest.param(model_of("c", "a", "b"), False, id="the-same-labels-in-another-order"),
        pytest.param(model_of("B", "a", "C"), False, id="in-another-case-too"),
        pytest.param(model_of("eh", "b", "sea"), True, id="other-words"),
        pytest.param(model_of("c", "a", "b", sha256="b" * 64), True, id="another-model"),
    ],
)
def test_the_same_model_keeps_the_order_of_its_labels(new: ServedModel, is_served: bool) -> None:
    old = model_of("a", "b", "c")
    holder, found = ModelHolder(old), [new]
    watcher = Watcher(
        holder,
        identity=lambda: found[0].identity,
        is_same=lambda model: found[0].labels_sha256 == model.labels_sha256,
        load=lambda: found[0],
        seconds=0,
    )
    watcher.look()
    assert holder.current is (new if is_served else old)
    reason = "labels are in another order than those served, and the model is the same"
    assert holder.failure == (None if is_served else reason)
    found[0] = model_of("a", "b", "c")
    if not is_served:
        watcher.look()
        assert holder.failure is None, "the labels were put back"
