"""What a format can be told is an option of `modelport convert`, and reaches the format."""

import importlib.util
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any

import click
import pytest
from click.testing import CliRunner
from modelport.contract.formats import FORMATS
from modelport.contract.options.option import Option, options_of
from modelport.convert.options import export_options
from modelport.convert.options.export_options import ExportOptions, FormatOptions

PARTS: list[tuple[str, Any]] = [
    (one.name, getattr(ExportOptions(), one.name)) for one in fields(ExportOptions) if one.name != "form"
]
OPTIONS = [(name, told) for name, part in PARTS for told in options_of(part.__class__).values()]

#: What an option needs beside it.
BESIDE = {
    "like": ["--like-labels", "x"],
    "aliases": ["--like-labels", "x"],
    "input_name": ["--family", "pixels"],
}


def command() -> click.Command:
    """Return the command as it is made of what the options are now."""
    spec = importlib.util.find_spec("modelport.cli.commands.convert")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.require_extra = lambda *given, **named: None  # type: ignore[attr-defined]
    made: click.Command = module.convert
    return made


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[ExportOptions]:
    """What the stage is called with, in place of the stage."""
    from modelport.convert import convert as stage

    seen: list[ExportOptions] = []

    def convert(run: str, formats: Any, options: ExportOptions, **named: Any) -> list[Any]:
        seen.append(options)
        return []

    monkeypatch.setattr(stage, "convert", convert)
    return seen


def test_what_can_be_told_is_told_to_a_format() -> None:
    assert {name for name, _ in PARTS} <= set(FORMATS)
    names = [told.name for _, told in OPTIONS]
    assert sorted(set(names)) == sorted(names), "the command could not tell two formats' options apart"


@pytest.mark.parametrize(("format", "option"), [pytest.param(*one, id=one[1].name) for one in OPTIONS])
def test_every_option_of_a_format_reaches_it(
    told: list[ExportOptions], tmp_path: Path, format: str, option: Option
) -> None:
    value = next((one for one in option.choices if one != option.default), None) or {
        "whole": str(int(option.low or 0)),
        "version": "2.11.0",
        "table": "a=b",
    }.get(option.kind, "other")
    given = [option.spelt] if option.kind == "switch" else [option.spelt, value]
    arguments = [str(tmp_path), "--to", format, *given, *BESIDE.get(option.name, [])]
    done = CliRunner().invoke(command(), arguments)
    assert 0 == done.exit_code, (done.output, done.exception)
    assert option.default != getattr(told[0].of(format), option.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedModelOptions(FormatOptions):
    """Of a SavedModel, which can be told nothing today."""

    signature: Annotated[str | None, Option("of what is called")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreExportOptions(ExportOptions):
    """With one more format that can be told something."""

    saved_model: SavedModelOptions = field(default_factory=SavedModelOptions)


def test_a_new_option_is_a_field_alone(
    told: list[ExportOptions], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_options, "ExportOptions", MoreExportOptions)
    made = command()
    done = CliRunner().invoke(made, [str(tmp_path), "--to", "saved_model", "--signature", "serve"])
    assert 0 == done.exit_code, (done.output, done.exception)
    assert SavedModelOptions(signature="serve") == told[0].of("saved_model")
    ignored = CliRunner().invoke(made, [str(tmp_path), "--to", "onnx", "--signature", "serve"], standalone_mode=False)
    assert "saved_model among --to" in str(ignored.exception)
