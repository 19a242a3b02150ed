"""The table of budget keys and the rules are two halves, as rules stand on a higher floor: each key has its rule."""

import re
from pathlib import Path

import pytest
from modelport.validate import rules
from modelport.validate.budgets.keys import BUDGET_KEYS

SOURCES = {
    path.name: path.read_text(encoding="utf-8") for path in sorted(Path(next(iter(rules.__path__))).glob("*.py"))
}


@pytest.mark.parametrize("key", BUDGET_KEYS)
def test_one_file_of_rules_judges_a_key(key: str) -> None:
    assert 1 == sum(f'"{key}"' in text for text in SOURCES.values())


def test_rules_judge_no_key_that_the_table_lacks() -> None:
    named = {key for text in SOURCES.values() for key in re.findall(r'"((?:max|min|forbid)_[a-z0-9_]+)"', text)}
    assert set(BUDGET_KEYS) == named
