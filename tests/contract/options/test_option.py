"""What an option may be told, and that it is told lightly."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from modelport.contract.errors import UsageError
from modelport.contract.options.kinds import KINDS
from modelport.contract.options.option import Option, check_options, options_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    whole: Annotated[int, Option("how many", low=1, high=3)] = 2
    share: Annotated[float | None, Option("how much", above=0, high=1)] = None
    names: Annotated[tuple[str, ...], Option("which", choices=("a", "b"))] = ()
    folder: Annotated[Path | None, Option("where", flag="--dir")] = None
    own: int = 0

    def __post_init__(self) -> None:
        check_options(self)


def test_name_kind_and_default_come_from_the_field() -> None:
    told = options_of(Told)
    assert ["whole", "number", "texts", "path"] == [one.kind for one in told.values()]
    assert [2, None, None, None] == [one.default for one in told.values()]
    assert ["--whole", "--share", "--names", "--dir"] == [one.spelt for one in told.values()]


@pytest.mark.parametrize(
    "given",
    [{"whole": 1}, {"whole": 3}, {"share": 1}, {"share": 5e-324}, {"names": ["b", "a"]}, {"folder": "x"}, {"own": -1}],
)
def test_what_lies_within_is_taken_as_it_is(given: dict[str, Any]) -> None:
    ((name, value),) = given.items()
    assert value is getattr(Told(**given), name)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"whole": 0}, id="below"),
        pytest.param({"whole": 4}, id="above"),
        pytest.param({"whole": None}, id="none-where-it-has-no-meaning"),
        pytest.param({"whole": True}, id="true"),
        pytest.param({"share": 0}, id="open-end"),
        pytest.param({"share": float("nan")}, id="nan"),
        pytest.param({"names": "a"}, id="text-for-list"),
        pytest.param({"names": ("a", "c")}, id="choice"),
        pytest.param({"names": ("a", "a")}, id="twice"),
        pytest.param({"folder": ""}, id="empty"),
        pytest.param({"folder": "a\0b"}, id="nul"),
    ],
)
def test_what_lies_outside_is_refused_by_its_option(given: dict[str, Any]) -> None:
    ((name, _),) = given.items()
    with pytest.raises(UsageError) as caught:
        Told(**given)
    assert options_of(Told)[name].spelt == caught.value.where
    assert caught.value.expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "value",
    [None, [[]], {1: 2}, object(), float("inf"), [{}]],
    ids=["none", "list-in-list", "numbers", "object", "infinite", "table-in-list"],
)
def test_no_kind_falls_over_a_strange_value(kind: str, value: object) -> None:
    assert Option("x", kind=kind).fits(value) is False


def test_nothing_heavy_is_imported() -> None:
    heavy = "import sys, modelport.contract.options.option; print({'numpy', 'click', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert "set()" == done.stdout.strip()
