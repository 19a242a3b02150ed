"""The tree that is drawn in the docstring is the tree that exists, and messages answer in one order."""

import re

import pytest
from modelport.contract import errors
from modelport.contract.errors import InputError, MissingExtraError, ModelportError


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    drawn = dict(re.findall(r"(\w+) +([012]) ", errors.__doc__ or ""))
    classes = {
        name: cls for name, cls in vars(errors).items() if isinstance(cls, type) and issubclass(cls, ModelportError)
    }
    assert drawn == {name: str(cls.exit_code) for name, cls in classes.items()}


def test_a_message_says_what_where_expected_received_and_fix() -> None:
    error = InputError(
        "input is scaled twice", where="model.keras", expected="[0, 255]", received="[0, 1]", fix="drop it"
    )
    assert (
        "input is scaled twice: model.keras\n"
        "  expected  [0, 255]\n"
        "  received  [0, 1]\n"
        "  fix       drop it"
    ) == str(error)  # fmt: skip


def test_what_is_not_known_is_left_out() -> None:
    assert "broken" == str(InputError("broken"))
    assert "broken\n  received  0" == str(InputError("broken", received=0))


def test_longer_answers_stay_in_their_column() -> None:
    assert "mixed\n  received  one\n            two" == str(InputError("mixed", received="one\ntwo"))


def test_a_missing_extra_ends_in_the_command_to_paste() -> None:
    error = MissingExtraError("keras", needed_for="training")
    assert str(error).endswith('fix       pip install "modelport[tensorflow]"')
    assert error.exit_code == 2


@pytest.mark.parametrize("value", ["", None])
def test_an_empty_answer_is_no_crash(value: str | None) -> None:
    assert str(InputError("broken", received=value)).startswith("broken")


def test_what_a_file_brings_gives_no_orders_to_the_terminal() -> None:
    r"""A label "\x1b[2J" would clear the screen, one with a zero-width space would look like one without."""
    error = InputError("bad label", where="a\x1b[2J", received="de\u200bl\nd\u00e9l\x07")
    assert "bad label: a\\x1b[2J\n  received  de\\u200bl\n            d\u00e9l\\x07" == str(error)
