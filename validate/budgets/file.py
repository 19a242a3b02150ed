"""[budgets] of modelport.toml. Numpy-free."""

from pathlib import Path
from typing import Any

from ...contract.errors import InputError, UsageError
from ...contract.formats import EXPORTED
from ...contract.recipes import RECIPES
from .budgets import BudgetBook, normal_path
from .head_budgets import join_key
from .keys import check_known, read_head_value, read_option, read_value
from .kinds import Value
from .project_file import ProjectFile, read_project

#: The table of a section whose tables are heads.
_HEADS = "heads"


def read_budgets(file: str | Path | None = None, options: tuple[str, ...] = ()) -> BudgetBook:
    """Read the budgets of a project.

    Keys right in `[budgets]` apply to every artifact, those in `[budgets.full_int8]` to a recipe, in `[budgets.tflite]`
    to a format, in `[budgets."model.onnx"]` to one path. Those in `[budgets.heads.gender]`, and in
    `[budgets.full_int8.heads.gender]`, are about one head alone.

    Args:
        file: a TOML file with a `[budgets]` table; None: ./modelport.toml if it exists, else the defaults alone.
        options: KEY=VALUE of the command line.

    Raises:
        InputError: no such file, broken TOML (with the line), or no `[budgets]` in a file that was asked for.
        UsageError: an unknown key or section, a key or a file's section twice, a budget outside of [budgets], or a
            value that a key cannot have.

    """
    return budgets_of(read_project(file), options)


def budgets_of(project: ProjectFile | None, options: tuple[str, ...] = ()) -> BudgetBook:
    """Return the budgets of a file that is read already; otherwise as `read_budgets`."""
    typed = _read_options(options)
    table = project.table("budgets") if project else None
    if project is None or table is None:
        if project and project.must_have_budgets:
            raise InputError("file has no budgets", where=project.path, expected="a table [budgets]")
        return BudgetBook(options=typed)
    return BudgetBook(file=str(project.path), sections=_sections(str(project.path), table), options=typed)


def _read_options(options: tuple[str, ...]) -> dict[str, Value]:
    typed: dict[str, Value] = {}
    for key, value in map(read_option, options):
        if key in typed:
            raise UsageError("budget is given twice", where=f"--budget {key}", received=f"{typed[key]} and {value}")
        typed[key] = value
    return typed


def _sections(file: str, table: dict[str, Any]) -> dict[str, dict[str, Value]]:
    plain = {key: value for key, value in table.items() if not isinstance(value, dict) or key == _HEADS}
    found = {"": _section(plain, f"{file} [budgets")}
    written: dict[str, str] = {}
    for name, section in table.items():
        if name not in plain:
            _check_section(name, f"{file} [budgets.{name}]")
            if (twin := written.setdefault(normal_path(name), name)) != name:
                both = f'[budgets."{twin}"] and [budgets."{name}"]'
                raise UsageError("two sections are of one file", where=file, received=both, fix="keep one of them")
            found[normal_path(name)] = _section(section, f"{file} [budgets.{name}")
    return found


def _section(table: dict[str, Any], where: str) -> dict[str, Value]:
    """Return the keys of one section, those of its heads as heads.NAME.KEY. `where` lacks its closing bracket."""
    found = {key: read_value(key, value, f"{where}]") for key, value in table.items() if key != _HEADS}
    heads = table.get(_HEADS, {})
    for name, values in heads.items() if isinstance(heads, dict) else [("", heads)]:
        place = f"{where}.{_HEADS}.{name}]"
        if not isinstance(values, dict):
            raise UsageError("budgets of heads are not tables", where=place, expected=f"{where}.{_HEADS}.NAME]")
        found |= {join_key(name, key): read_head_value(key, value, place) for key, value in values.items()}
    return found


def _check_section(name: str, where: str) -> None:
    """Raise UsageError for what is neither a format, nor a recipe, nor a file (whose name has a dot or a slash)."""
    if "." not in name and "/" not in name:
        hint = 'name a file in quotes, such as [budgets."model.onnx"]'
        check_known(name, (*EXPORTED, *RECIPES, _HEADS), where, "section", hint)
