"""What `modelport init` writes."""

import tomllib

import pytest
from modelport.assets.ship.plan import template
from modelport.assets.ship.plan.keys import TABLES
from modelport.contract.options.option import Option


def test_a_comment_that_is_too_long_stands_above_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    names = tuple(f"format_of_somebody_{number}" for number in range(8))
    key = Option("some of them", kind="texts", name="formats", default=names[:2], choices=names)
    monkeypatch.setitem(TABLES, "convert", {"formats": key})
    text = template.template()
    assert 120 >= max(map(len, text.splitlines()))
    assert list(names[:2]) == tomllib.loads(text)["convert"]["formats"]
    assert all(name in text for name in names)
