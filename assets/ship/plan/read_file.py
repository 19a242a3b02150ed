"""Read modelport.toml. All that is wrong with it comes in one error, so that it is put right in one go."""

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ....contract.errors import InputError, ModelportError, UsageError
from ....contract.files.toml_file import read_toml
from ....contract.options.older_names import LICENSES, under_newer_names
from ....contract.options.option import given_options
from ....convert.options.asked_form import AskedForm
from ....convert.options.export_options import ExportOptions
from ....training.prepare.options import PrepareOptions, parse_ratios
from ....training.train_options import TrainOptions
from ....validate.baseline.limits import limits_of
from ....validate.budgets.budgets import BudgetBook
from ....validate.budgets.file import budgets_of
from ....validate.budgets.project_file import ProjectFile, check_not_misplaced
from ....validate.report.baseline import BaselineLimits
from ...archive.options import ArchiveOptions
from .contradictions import Values, contradictions
from .keys import JUDGING_TABLES, PRODUCTS, TABLES
from .plan import DeliveryPlan, ShipPlan

Read = TypeVar("Read")

_DELIVER = "deliver"

#: Problems that are listed; more hardly help.
_MOST_LISTED = 40


def read_ship_file(file: str | Path) -> ShipPlan:
    """Read what `modelport ship` is to do.

    Args:
        file: a TOML file as `modelport init` writes it; its paths are relative to its folder.

    Raises:
        InputError: no such file, or broken TOML (with the line).
        UsageError: unknown tables or keys (with the nearest known), values of other types, files that are not there,
            options that contradict each other: all of them.
    """
    path = Path(file)
    if not path.is_file():
        what = "there is a folder in its place" if path.is_dir() else "file is missing"
        raise InputError(what, where=path, expected="a TOML file", fix=f"modelport init {path}")
    content, problems = read_toml(path), list[str]()
    check_not_misplaced(path, content)
    project = ProjectFile(path=path, content=content)
    values, notes = _values(content, problems)
    _find_files(values, path.parent, problems)
    limits = _attempt(lambda: limits_of(project), "baseline", problems)
    book = _attempt(lambda: budgets_of(project), "budgets", problems)
    plan = _plan(path, values, book, limits, problems) if book and limits and not problems else None
    if plan is None or problems:
        count = f"{len(problems)} problem" + "s" * (len(problems) != 1)
        more = [f"and {len(problems) - _MOST_LISTED} more"] * (len(problems) > _MOST_LISTED)
        raise UsageError(
            f"file has {count}",
            where=path,
            received="\n".join([*problems[:_MOST_LISTED], *more]),
            fix="put them right; modelport init NEW.toml writes a file with every key and what it means",
        )
    return replace(plan, notes=tuple(notes))


def _values(content: dict[str, Any], problems: list[str]) -> tuple[Values, list[str]]:
    """Return table to its values, defaults where nothing is set, and notes; of deliveries, only those in the file."""
    found: Values = {}
    notes: list[str] = []
    for name, given in _tables(content, problems):
        keys = TABLES[name]
        table, older = _newer(name, given, problems)
        notes += older
        for key, value in table.items():
            if key not in keys:
                problems.append(f"[{name}] {key}: unknown key{_near(key, tuple(keys))}")
            elif problem := keys[key].problem_of(value):
                problems.append(f"[{name}] {key}: {problem}")
        problems += [
            f"[{name}] {key}: is needed: {one.says}" for key, one in keys.items() if one.needed and key not in table
        ]
        found[name] = {key: one.default for key, one in keys.items() if not one.needed} | table
    return found, notes


def _newer(name: str, table: dict[str, Any], problems: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Return a table with the keys of today, and notes on older ones that it had."""
    older = {key: newer for key, newer in LICENSES.items() if newer in TABLES[name]}
    read = _attempt(lambda: under_newer_names(table, older, lambda key: f"[{name}] {key}"), name, problems)
    return read or ({older.get(key, key): value for key, value in table.items()}, [])  # said once is enough


def _tables(content: dict[str, Any], problems: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the tables with their names, empty ones for stages that the file does not name."""
    stages = [name for name in TABLES if not name.startswith(f"{_DELIVER}.")]
    known = (*stages, *JUDGING_TABLES, _DELIVER)
    for name in content:
        if name not in known:
            problems.append(f"[{name}]: unknown {_kind(content[name])}{_near(name, known)}")
    deliver = content.get(_DELIVER, {})
    if isinstance(deliver, dict):
        for name in deliver:
            if name not in PRODUCTS:
                problems.append(f"[deliver.{name}]: unknown {_kind(deliver[name])}{_near(name, PRODUCTS)}")
    named = {name: content.get(name, {}) for name in stages}
    if not isinstance(deliver, dict):
        named[_DELIVER] = deliver
    else:
        named |= {f"{_DELIVER}.{name}": deliver[name] for name in PRODUCTS if name in deliver}
    for name, table in named.items():
        if isinstance(table, dict):
            yield name, table
        else:
            problems.append(f"{name}: expected a table [{name}]; received {table!r}"[:200])


def _kind(value: object) -> str:
    return "table" if isinstance(value, dict) else "key"


def _near(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f", did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"


def _find_files(values: Values, folder: Path, problems: list[str]) -> None:
    """Turn paths of files that are read into ones that can be opened from here; name those that are not there."""
    for table, keys in TABLES.items():
        for name, key in keys.items():
            value = values.get(table, {}).get(name)
            if not isinstance(value, str) or not key.fits(value):
                continue
            if key.kind == "path" or (key.kind == "weights" and value not in ("imagenet", "none")):
                if not (folder / value).exists():
                    problems.append(f"[{table}] {name}: there is no {folder / value}")
                values[table][name] = folder / value if key.kind == "path" else str(folder / value)


def _attempt(read: Callable[[], Read], table: str, problems: list[str]) -> Read | None:
    try:
        return read()
    except ModelportError as error:
        problems.append(_in_a_line(error, f"[{table}]"))
        return None


def _in_a_line(error: ModelportError, table: str) -> str:
    """Return an error of a stage as a line; its option becomes a key."""
    where = str(error.where or "")
    place = f"{table} {where}" if where.startswith("--") else where or table
    parts = {"expected": error.expected, "received": error.received}
    said = "; ".join([error.what, *(f"{name} {value}" for name, value in parts.items() if value is not None)])
    line = f"{place}: {said}".replace("\n", ", ")
    return re.sub("--([a-z][a-z0-9-]+)", lambda option: option[1].replace("-", "_"), line)


def _plan(path: Path, values: Values, book: BudgetBook, limits: BaselineLimits, problems: list[str]) -> ShipPlan | None:
    """Make the options of every stage, which check what one value alone does not show."""
    data, train, convert, quantize = (values[name] for name in ("data", "train", "convert", "quantize"))
    prepare = _attempt(lambda: _prepare(data), "data", problems)
    options = _attempt(lambda: TrainOptions(**train), "train", problems)
    export = _attempt(lambda: _export(convert), "convert", problems)
    problems += contradictions(values, path.parent)
    products = [name for name in PRODUCTS if f"deliver.{name}" in values]
    deliveries = [_delivery(name, values[f"deliver.{name}"], path.parent, problems) for name in products]
    if problems or prepare is None or options is None or export is None:
        return None
    judging, work = values["validate"], path.parent / values["ship"]["work"]
    return ShipPlan(
        file=path,
        work=work,
        images=data["images"],
        prepare=prepare,
        train=options,
        export=export,
        formats=tuple(convert["formats"]),
        recipes=tuple(quantize["recipes"]),
        form=replace(export.form, layout="NHWC"),
        representative_data=quantize["representative_data"],
        representative_images=quantize["representative_images"],
        representative_seed=quantize["seed"],
        book=book,
        limits=limits,
        baseline=judging["baseline"],
        strict=judging["strict"],
        latency=judging["latency"],
        thumbnails=judging["thumbnails"],
        deliveries=tuple(deliveries),
    )


def _prepare(given: dict[str, Any]) -> PrepareOptions:
    ratios = None if given["ratios"] is None else parse_ratios(given["ratios"])
    return PrepareOptions(**given_options(PrepareOptions, given | {"ratios": ratios}))


def _export(given: dict[str, Any]) -> ExportOptions:
    return ExportOptions.told(AskedForm(**given_options(AskedForm, given)).form, given)


def _delivery(product: str, given: dict[str, Any], folder: Path, problems: list[str]) -> DeliveryPlan:
    options = {name: value for name, value in given.items() if name != "target" and value is not None}
    if product == "archive":
        if "license" in options and (folder / options["license"]).is_file():
            options["license"] = folder / options["license"]
        _attempt(lambda: archive_options(options), "deliver.archive", problems)
        if not given["target"].lower().endswith(".zip"):
            received = repr(given["target"])
            problems.append(f"[deliver.archive] target: expected a name that ends in .zip; received {received}")
    return DeliveryPlan(product=product, target=folder / given["target"], options=options)


def archive_options(options: dict[str, Any]) -> ArchiveOptions:
    """Return the options of a bundle; `options` are those of its DeliveryPlan."""
    spelt: dict[str, Any] = {"include": tuple(options.get("include", ()))}
    spelt |= {"license": str(options["license"])} if "license" in options else {}
    return ArchiveOptions(**given_options(ArchiveOptions, options | spelt))
