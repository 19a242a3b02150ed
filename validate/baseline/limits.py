"""[baseline] of modelport.toml, and the options that beat it. Numpy-free."""

import re
from dataclasses import fields

from ...contract.errors import UsageError
from ..budgets.keys import check_known
from ..budgets.project_file import ProjectFile
from ..report.baseline import BaselineLimits

#: Key to the field of BaselineLimits that it sets. Options are spelt --baseline-max-growth, and so on.
KEYS = {
    "max_growth": "max_growth_percent",
    "max_drop_points": "max_drop_points",
    "max_mae_growth": "max_mae_growth_percent",
}


def limits_of(project: ProjectFile | None, options: dict[str, str | None] | None = None) -> BaselineLimits:
    """Return how much worse than the baseline counts.

    Args:
        project: a file, which may have a table `[baseline]`.
        options: key to what the command line says; None where it says nothing.

    Raises:
        UsageError: an unknown key, or a value that a key cannot have.

    """
    path, table = (project.path, project.table("baseline") or {}) if project else (None, {})
    found: dict[str, float] = {}
    for key, value in table.items():
        check_known(key, tuple(KEYS), f"{path} [baseline] {key}", "limit")
        found[KEYS[key]] = _limit(key, value, f"{path} [baseline] {key}")
    for key, text in (options or {}).items():
        if text is not None:
            found[KEYS[key]] = _limit(key, _typed(text), f"--baseline-{key.replace('_', '-')}")
    assert set(found) <= {one.name for one in fields(BaselineLimits)}
    return BaselineLimits(**found)


def _typed(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _limit(key: str, value: object, where: str) -> float:
    """Return percent of a text such as "5%", or points of a number. A bare 5 for a growth could be 5 or 500 %."""
    is_points = key == "max_drop_points"
    found: float | None = None
    if is_points and isinstance(value, int | float) and not isinstance(value, bool):
        found = float(value)
    elif (
        not is_points
        and isinstance(value, str)
        and (match := re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*%\s*", value))
    ):
        found = float(match[1])
    if found is None or not 0 <= found <= (100 if is_points else 1e9):
        expected = "a number in [0, 100]" if is_points else 'percent, such as "5%"'
        raise UsageError("limit has no such value", where=where, expected=expected, received=repr(value))
    return found
