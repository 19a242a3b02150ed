"""modelport.toml as a judgement takes it: read once, for its budgets and for its limits. Numpy-free."""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...contract.errors import UsageError
from ...contract.files.toml_file import read_toml
from .keys import BUDGET_KEYS

#: Read from the working folder where no other file is named.
DEFAULT_FILE = "modelport.toml"

#: Tables of the file that a judgement reads.
_TABLES = ("budgets", "baseline")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFile:
    """A file with budgets or limits; tables of other stages may be in it.

    Attributes:
        path: as it was named.
        content: table to its keys.
        must_have_budgets: whether it was named for the sake of its budgets.
    """

    path: Path
    content: dict[str, Any]
    must_have_budgets: bool = False

    def table(self, name: str) -> dict[str, Any] | None:
        """Return a table; None if it is not there; raises UsageError where a value stands in its place."""
        found = self.content.get(name)
        if found is not None and not isinstance(found, dict):
            raise UsageError(f"{name} is not a table", where=self.path, expected=f"[{name}]", received=found)
        return found


def read_project(file: str | Path | None = None) -> ProjectFile | None:
    """Read a project's file.

    Args:
        file: a TOML file with a `[budgets]` table; None: ./modelport.toml, with or without one.

    Returns:
        The file; None where none is named and there is no modelport.toml.

    Raises:
        InputError: no such file, or broken TOML (with the line).
        UsageError: a table named nearly like one of ours, or a budget above all tables: they would count for nothing.
    """
    path = Path(file or DEFAULT_FILE)
    if file is None and not path.is_file():
        return None
    content = read_toml(path)
    check_not_misplaced(path, content)
    return ProjectFile(path=path, content=content, must_have_budgets=file is not None)


def check_not_misplaced(path: Path, content: dict[str, Any]) -> None:
    """Raise UsageError on a table named nearly like one of ours, or a budget above all tables."""
    for name in content:
        if name in _TABLES:
            continue
        if near := difflib.get_close_matches(name.lower(), _TABLES, n=1, cutoff=0.8):
            raise UsageError(f"unknown table, did you mean [{near[0]}]?", where=f"{path} [{name}]")
        if difflib.get_close_matches(name.lower(), BUDGET_KEYS, n=1, cutoff=0.8):
            fix = "write it below the line [budgets]"
            raise UsageError("budget stands outside of [budgets]", where=f"{path} {name}", fix=fix)
