"""The numbers of a campaign: a row for each format, then what is worth a look."""

import re
from collections import Counter, defaultdict
from typing import Any

Told = dict[str, Any]

_COLUMNS = (
    "cases",
    "parsed",
    "asked",
    "ran",
    "refused by us",
    "runtime refused",
    "crashes",
    "timeouts",
    "memory",
    "escapes",
)


def count_formats(outcomes: list[Told]) -> dict[str, dict[str, int]]:
    """Return format to column to number of cases."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_COLUMNS, 0))
    for told in outcomes:
        row = counts[told["id"].split(":")[0]]
        row["cases"] += 1
        fields = ("parsed", "asked", "ran", "refused_by_us", "refused_by_runtime", *_COLUMNS[6:])
        for column, field in zip(_COLUMNS[1:], fields, strict=True):
            row[column] += bool(told.get(field))
    return dict(counts)


def table_lines(outcomes: list[Told]) -> list[str]:
    """Return the table, and every kind of crash, unwrapped exception and escape with its first cases."""
    cases = [told for told in outcomes if told["id"] != "end"]
    counts = count_formats(cases)
    total = {column: sum(row[column] for row in counts.values()) for column in _COLUMNS}
    lines = ["| format | " + " | ".join(_COLUMNS) + " |", "| --- " * (len(_COLUMNS) + 1) + "|"]
    for name, row in {**counts, "all": total}.items():
        lines.append(f"| {name} | " + " | ".join(f"{row[column]:,}" for column in _COLUMNS) + " |")
    for title, field in {
        "crash signatures, contained": "crashes",
        "timeouts, contained": "timeouts",
        "out of memory, contained": "memory",
        "exceptions of our readers that are no errors of ours": "unwrapped",
        "escapes": "escapes",
    }.items():
        lines += ["", f"{title}:", *(_kinds(outcomes, field) or ["  none"])]
    return lines


def signatures(outcomes: list[Told], field: str) -> dict[str, list[str]]:
    """Return each kind of what a field lists, without numbers and paths, to the ids of its cases."""
    found: dict[str, list[str]] = defaultdict(list)
    for told in outcomes:
        for text in told.get(field, ()):
            kind = re.sub(r"/\S+|0x[0-9a-f]+|\d{3,}", "*", text)
            found[f"{told['id'].split(':')[0]} {kind}"].append(told["id"])
    return dict(found)


def _kinds(outcomes: list[Told], field: str) -> list[str]:
    kinds = signatures(outcomes, field)
    by_number = Counter({kind: len(ids) for kind, ids in kinds.items()}).most_common(40)
    return [f"  {number:>5}  {kind}   {', '.join(kinds[kind][:3])}" for kind, number in by_number]
