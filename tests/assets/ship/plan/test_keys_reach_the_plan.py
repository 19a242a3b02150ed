"""What modelport.toml accepts is what ship does: no key is taken and dropped."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from modelport.assets.ship.engine.step import Shipping
from modelport.assets.ship.plan import read_file
from modelport.assets.ship.plan.keys import TABLES
from modelport.assets.ship.plan.plan import ShipPlan
from modelport.assets.ship.plan.read_file import archive_options, read_ship_file
from modelport.assets.ship.steps.prepare import prepare_inputs
from modelport.contract.files.hashing import sha256_of_file
from modelport.contract.narration import Silent
from modelport.contract.options.option import Option, options_of
from modelport.convert.options.export_options import TfliteOptions
from modelport.training.prepare.options import PrepareOptions

Tables = dict[str, dict[str, str]]

#: Values as TOML that no rule can guess: they name what is there, or what is exported.
VALUES = {
    ("data", "images"): '"other"',
    ("data", "ratios"): '"60/20/20"',
    ("train", "weights"): '"file"',
    ("train", "min_tflite"): '"2.11.0"',
    ("deliver.archive", "target"): '"other.zip"',
    ("deliver.archive", "include"): '["onnx"]',
}

#: What a key needs beside it.
BESIDE = {
    ("convert", "like"): {"like_labels": '"file"'},
    ("convert", "aliases"): {"like_labels": '"file"'},
    ("convert", "input_name"): {"family": '"pixels"'},
}


def value_of(table: str, name: str, told: Option) -> str:
    """Return a value as TOML that is not the default."""
    if (table, name) in VALUES:
        return VALUES[table, name]
    if told.choices:
        other = next(one for one in told.choices if one != told.default)
        return f'["{other}"]' if told.kind == "texts" else f'"{other}"'
    number = told.low if told.low is not None else 0.5
    return {
        "switch": str(told.default is False).lower(),
        "whole": str(int(number) + (int(number) == told.default) + (name == "epochs")),
        "number": str(number),
        "size": "[64, 96]",
        "path": '"file"',
        "table": '{ a = "b" }',
    }.get(told.kind, '"other"')


@pytest.fixture
def plan_of(tmp_path: Path) -> Callable[[Tables], ShipPlan]:
    for folder in ("photos", "other"):
        (tmp_path / folder).mkdir()
    (tmp_path / "file").write_text("a\n")

    def read(asked: Tables) -> ShipPlan:
        tables: Tables = {"data": {"images": '"photos"'}, "convert": {}} | asked
        tables["data"] = {"images": '"photos"'} | tables["data"]
        if "deliver.web" in tables:
            tables["convert"] = {"formats": '["tflite", "tfjs", "frozen_graph"]'} | tables["convert"]
        lines = [f"[{table}]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()) for table, keys in tables.items()]
        (tmp_path / "modelport.toml").write_text("\n".join(lines))
        return read_ship_file(tmp_path / "modelport.toml")

    return read


@pytest.mark.parametrize(("table", "name"), [(table, name) for table, keys in TABLES.items() for name in keys])
def test_every_key_reaches_the_plan(plan_of: Callable[[Tables], ShipPlan], table: str, name: str) -> None:
    target = {"target": '"place.zip"'} if "target" in TABLES[table] else {}
    beside = target | BESIDE.get((table, name), {})
    with_it = beside | {name: value_of(table, name, TABLES[table][name])}
    assert plan_of({table: beside}) != plan_of({table: with_it})


def add(monkeypatch: pytest.MonkeyPatch, table: str, owner: type, name: str) -> None:
    """Let a table have an option that it leaves to the command line today."""
    monkeypatch.setitem(TABLES, table, TABLES[table] | {name: options_of(owner)[name]})


def test_an_option_that_a_table_is_given_reaches_its_stage(
    plan_of: Callable[[Tables], ShipPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    add(monkeypatch, "data", PrepareOptions, "overwrite")
    add(monkeypatch, "convert", TfliteOptions, "min_tflite")
    plan = plan_of({"data": {"overwrite": "true"}, "convert": {"min_tflite": '"2.11.0"'}})
    assert (True, "2.11.0") == (plan.prepare.overwrite, plan.export.tflite.min_tflite)


def test_an_option_that_the_table_of_a_bundle_is_given_reaches_it() -> None:
    given: dict[str, Any] = {"with_failed": True, "overwrite": False, "include": ["onnx"]}
    assert (True, ("onnx",)) == (archive_options(given).with_failed, archive_options(given).include)


@dataclass(frozen=True, slots=True, kw_only=True)
class MorePrepareOptions(PrepareOptions):
    """With an option that names a file, and one that does not."""

    roster: Annotated[Path | None, Option("who is in the photos")] = None
    at_least: Annotated[int | None, Option("images of a class", low=1)] = None


def test_a_new_option_of_prepare_runs_it_again_once_it_or_its_file_is_edited(
    plan_of: Callable[[Tables], ShipPlan], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(read_file, "PrepareOptions", MorePrepareOptions)
    add(monkeypatch, "data", MorePrepareOptions, "roster")
    add(monkeypatch, "data", MorePrepareOptions, "at_least")

    def inputs(at_least: int) -> dict[str, Any]:
        plan = plan_of({"data": {"roster": '"file"', "at_least": str(at_least)}})
        return prepare_inputs(Shipping(plan=plan, narrator=Silent()))

    before = inputs(3)
    assert (3, sha256_of_file(tmp_path / "file")) == (before["at_least"], before["roster_sha256"])
    assert before == inputs(3) != inputs(4)
    (tmp_path / "file").write_text("b\n")
    assert before != inputs(3)


def test_ship_json_says_of_the_options_of_today_what_it_said(
    plan_of: Callable[[Tables], ShipPlan], tmp_path: Path
) -> None:
    """Another name or value would split again, and train again, after an upgrade."""

    def options(**asked: str) -> dict[str, Any]:
        inputs = prepare_inputs(Shipping(plan=plan_of({"data": asked}), narrator=Silent()))
        return {name: value for name, value in inputs.items() if not name.startswith("images")}

    unset = {"ratios": None, "seed": None, "group_by": None, "groups_sha256": None, "copy": False}
    assert unset == options()
    told = options(ratios='"70/15/15"', seed="3", groups='"file"', copy="true")
    digest = "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"  # printf 'a\n' | sha256sum
    assert unset | {"ratios": "7/10/3/20/3/20", "seed": 3, "groups_sha256": digest, "copy": True} == told
