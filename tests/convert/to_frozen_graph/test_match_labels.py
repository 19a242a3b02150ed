import time
from collections.abc import Mapping

import pytest
from modelport.contract.errors import InputError, UsageError
from modelport.convert.to_frozen_graph.match_labels import match_labels


@pytest.mark.parametrize(
    ("old", "own", "aliases", "expected"),
    [
        pytest.param(["c", "a", "b"], ["a", "b", "c"], {}, ("c", "a", "b"), id="another-order"),
        pytest.param(["B", "a"], ["A", "b"], {}, ("b", "A"), id="another-case"),
        pytest.param(["a", "A"], ["A", "a"], {}, ("a", "A"), id="the-same-spelling-before-another-case"),
        pytest.param(["STRASSE", "x"], ["x", "straße"], {}, ("straße", "x"), id="folded-not-lowered"),
        pytest.param(["cafe\u0301", "x"], ["x", "caf\u00e9"], {}, ("caf\u00e9", "x"), id="accents-in-two-spellings"),
        pytest.param(["x", "Del"], ["delete", "x"], {"del": "delete"}, ("x", "delete"), id="alias"),
        pytest.param(["x", "Del"], ["delete", "x"], {"DELETE": "DEL"}, ("x", "delete"), id="alias-the-other-way"),
    ],
)
def test_labels_come_in_the_old_order(
    old: list[str], own: list[str], aliases: Mapping[str, str], expected: tuple[str, ...]
) -> None:
    assert expected == match_labels(old, own, aliases)


def test_missing_and_extra_classes_are_refused_with_both_lists_side_by_side() -> None:
    with pytest.raises(InputError, match="the model's classes are not the old ones") as caught:
        match_labels(["B", "a", "nothing"], ["a", "b", "del", "space"], where="OLD.txt")
    assert [
        "old labels  model's",
        "B           b",
        "a           a",
        "nothing              the model has none",
        "            del      not among the old",
        "            space    not among the old",
    ] == str(caught.value.received).splitlines()
    assert "--alias" in str(caught.value.fix)
    assert 2 == caught.value.exit_code


@pytest.mark.parametrize(("old", "own"), [(["a"], ["a", "b"]), (["a", "b", "c"], ["a", "b"])], ids=["more", "fewer"])
def test_files_of_other_lengths_are_refused(old: list[str], own: list[str]) -> None:
    with pytest.raises(InputError, match="not the old ones"):
        match_labels(old, own)


@pytest.mark.parametrize(
    ("old", "own", "aliases"),
    [
        pytest.param(["a", "b"], ["A", "ax", "b"], {"a": "ax"}, id="alias-and-case"),
        pytest.param(["a", "A"], ["a", "b"], {}, id="two-old-ones-for-one"),
    ],
)
def test_what_could_be_two_is_refused(old: list[str], own: list[str], aliases: Mapping[str, str]) -> None:
    with pytest.raises(InputError, match="cannot be told apart") as caught:
        match_labels(old, own, aliases)
    assert "'a' could be" in str(caught.value.received)


@pytest.mark.parametrize("aliases", [{"dle": "delete"}, {"del": "remove"}, {"del": "del"}])
def test_an_alias_that_joins_nothing_is_named(aliases: Mapping[str, str]) -> None:
    with pytest.raises(UsageError, match="alias joins nothing") as caught:
        match_labels(["del", "x"], ["delete", "x"], aliases)
    assert next(iter(aliases)) in str(caught.value.received)


def test_as_many_labels_as_imagenet_21k_has_take_no_minutes() -> None:
    """Comparing each with each takes 477 million steps: minutes. 2 s on the slowest machine of CI is the bound."""
    own = [f"n{number:08}" for number in range(21_843)]
    started = time.perf_counter()
    assert tuple(own) == match_labels([label.upper() for label in own], own)
    assert time.perf_counter() - started < 2
