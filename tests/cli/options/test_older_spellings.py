from typing import Any

import pytest
from modelport.cli.options.older_spellings import source_and_destination
from modelport.contract.errors import UsageError


def given(*words: str, **named: str) -> dict[str, Any]:
    return {"words": words, "dataset_dir": None, "input_dir": None, "output_dir": None, "seed": 3} | named


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(given("a", "b"), id="positional"),
        pytest.param(given(dataset_dir="a", output_dir="b"), id="dataset_dir"),
        pytest.param(given(input_dir="a", output_dir="b"), id="input_dir"),
        pytest.param(given("b", input_dir="a"), id="source-named"),
        pytest.param(given("a", output_dir="b"), id="destination-named"),
    ],
)
def test_source_and_destination_are_taken_out(options: dict[str, Any]) -> None:
    assert ("a", "b") == source_and_destination(options, "DATASET")
    assert {"seed": 3} == options


def test_a_default_stands_in_for_the_destination_only() -> None:
    assert ("a", "output") == source_and_destination(given("a"), "DATASET", "output")
    with pytest.raises(UsageError, match="a data set is needed"):
        source_and_destination(given(output_dir="b"), "DATASET", "output")


def test_a_default_is_not_listed_as_received() -> None:
    with pytest.raises(UsageError, match="a data set is needed") as caught:
        source_and_destination(given(), "DATASET", "output")
    assert "none" == caught.value.received
    assert "DATASET and a destination (default: output)" == caught.value.expected


@pytest.mark.parametrize(
    ("options", "received"),
    [
        pytest.param(given(), "none", id="nothing"),
        pytest.param(given("a"), "a", id="one"),
        pytest.param(given("a", "b", "c"), "a b c", id="three"),
        pytest.param(given("b", "c", input_dir="a"), "a b c", id="source-twice"),
        pytest.param(given("a", "c", output_dir="b"), "a b c", id="destination-twice"),
        pytest.param(given("b", dataset_dir="a", input_dir="c"), "a b c", id="two-older-spellings"),
    ],
)
def test_too_few_and_too_many_are_refused(options: dict[str, Any], received: str) -> None:
    with pytest.raises(UsageError, match="two folders are needed") as caught:
        source_and_destination(options, "DATASET")
    assert received == caught.value.received
