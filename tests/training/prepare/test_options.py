from fractions import Fraction

import pytest
from modelport.contract.errors import UsageError
from modelport.training.prepare.options import PrepareOptions, parse_ratios


@pytest.mark.parametrize("text", ["70/15/15", "70,15,15", "0.7/0.15/0.15", "0.7,0.15,0.15", " 70 / 15 / 15 "])
def test_percentages_and_fractions_mean_the_same(text: str) -> None:
    assert (Fraction(7, 10), Fraction(3, 20), Fraction(3, 20)) == parse_ratios(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("80/10/20", id="110-percent"),
        pytest.param("80/20", id="two"),
        pytest.param("25/25/25/25", id="four"),
        pytest.param("80/20/0", id="zero"),
        pytest.param("120/-10/-10", id="negative"),
        pytest.param("7/1.5/1.5", id="neither-100-nor-1"),
        pytest.param("a/b/c", id="letters"),
        pytest.param("nan/nan/nan", id="nan"),
        pytest.param("", id="empty"),
        pytest.param("70:15:15", id="colons"),
    ],
)
def test_ratios_that_do_not_add_up_are_refused_not_rescaled(text: str) -> None:
    with pytest.raises(UsageError, match="ratios cannot be used") as caught:
        parse_ratios(text)
    assert text == caught.value.received


def test_ratios_are_checked_however_they_come() -> None:
    with pytest.raises(UsageError, match="ratios cannot be used"):
        PrepareOptions(ratios=(Fraction(1, 2), Fraction(1, 2), Fraction(1, 2)))


@pytest.mark.parametrize("pattern", ["(", "[a", "(?P<x>a)(?P<x>b)", "*"])
def test_an_expression_that_cannot_be_compiled_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match="not a regular expression"):
        PrepareOptions(group_by=pattern)
