"""report.json against its published schema, as another implementation of JSON Schema reads it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import modelport.validate
import pytest
from modelport.validate.baseline.compare import against_baseline
from modelport.validate.baseline.file import read_baseline
from modelport.validate.judge import judge_run
from modelport.validate.report.baseline import BaselineLimits
from modelport.validate.report.report import Report
from modelport.validate.report.version import REPORT_VERSION
from modelport.validate.write_report import write_report

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema, which reads the schema, is in the extra [dev]")

SCHEMA = json.loads(Path(modelport.validate.__path__[0], "report", "report_schema.json").read_text(encoding="utf-8"))


def written(report: Report, folder: Path) -> Any:
    write_report(report, folder)
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def closed(schema: Any) -> Any:
    """Return the schema so that it refuses what it does not describe."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    more = {"additionalProperties": False} if "properties" in schema and "additionalProperties" not in schema else {}
    return {key: closed(value) for key, value in schema.items()} | more


def complaints(value: Any) -> list[str]:
    """Return what the schema refuses, and what it does not describe."""
    found: list[str] = []
    for error in jsonschema.Draft202012Validator(closed(SCHEMA)).iter_errors(value):
        inner = sorted(error.context, key=lambda one: -len(one.path))[:1] or [error]
        found += [f"{list(one.absolute_path)}: {one.message[:200]}" for one in inner]
    return found


def test_the_schema_is_one_and_names_its_version() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert {"const": REPORT_VERSION} == {
        key: value for key, value in SCHEMA["properties"]["modelport_report"].items() if key == "const"
    }
    assert SCHEMA["$id"].endswith(f":{REPORT_VERSION}")


def test_a_real_run_is_described_field_by_field(make_run: Any, tmp_path: Path) -> None:
    run = make_run()
    run.export()
    run.export("model.float16.onnx", recipe="float16").write_bytes(b"damaged")
    assert [] == complaints(written(judge_run(run.root), tmp_path / "report"))


def test_two_heads_nan_crash_and_what_is_gone_are_described(eventful_report: Report, tmp_path: Path) -> None:
    assert [] == complaints(written(eventful_report, tmp_path))


def test_a_comparison_is_described(eventful_report: Report, tmp_path: Path) -> None:
    write_report(eventful_report, tmp_path)
    baseline = read_baseline(tmp_path / "report.json")
    compared = against_baseline(eventful_report, baseline, BaselineLimits())
    assert [] == complaints(written(compared, tmp_path / "compared"))


def test_hostile_names_make_valid_json(hostile_report: Report, tmp_path: Path) -> None:
    assert [] == complaints(written(hostile_report, tmp_path))


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("counts", id="a-field-is-missing"),
        pytest.param("artifacts.0.verdict", id="in-an-artifact"),
        pytest.param("artifacts.2.doors.pixels.0.accuracy", id="in-a-head"),
    ],
)
def test_a_report_without_a_field_is_refused(eventful_report: Report, tmp_path: Path, path: str) -> None:
    value = written(eventful_report, tmp_path)
    *parents, last = path.split(".")
    place = value
    for name in parents:
        place = place[int(name) if isinstance(place, list) else name]
    del place[last]
    assert [] != complaints(value)


def test_every_part_of_the_schema_is_explained_or_plain() -> None:
    """An object without a description is one that a reader has to guess."""

    def objects(schema: Any, at: str = "") -> Iterator[str]:
        if isinstance(schema, dict):
            if "properties" in schema and not schema.get("description"):
                yield at
            for key, value in schema.items():
                yield from objects(value, f"{at}/{key}")

    assert [] == list(objects(SCHEMA))
