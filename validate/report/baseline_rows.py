"""What changed since the baseline, as cells of a table."""

from collections.abc import Sequence

from ..findings.verdict import Verdict
from .baseline import Change
from .report import Report

COLUMNS = ("artifact", "measure", "baseline", "now", "change", "verdict")

#: Columns that are numbers.
NUMBERS = range(2, 5)

_NONE = "-"


def change_rows(changes: Sequence[Change]) -> tuple[tuple[str, ...], ...]:
    """Return the cells of each change; doors are named where there are several."""
    doors = {change.door for change in changes if change.door}
    heads = {change.head for change in changes if change.head}
    return tuple(
        (
            change.artifact,
            _measure(change, with_door=len(doors) > 1, with_head=len(heads) > 1),
            _value(change.what, change.before),
            _value(change.what, change.after),
            _difference(change),
            str(change.verdict),
        )
        for change in changes
    )


def changed(report: Report) -> tuple[Change, ...]:
    """Return the changes that are worth a line: numbers that are not what they were, and what is not a pass."""
    changes = report.baseline.changes if report.baseline else ()
    return tuple(one for one in changes if one.before != one.after or one.verdict is not Verdict.PASS)


def baseline_lines(report: Report) -> tuple[str, ...]:
    """Return what changed as sentences, for the terminal."""
    if report.baseline is None:
        return ()
    found = changed(report)
    same = len(report.baseline.changes) - len(found)
    lines = [
        f"{path}: {what} {before} -> {now} ({change})" for path, what, before, now, change, _ in change_rows(found)
    ]
    return (*lines, f"Since the baseline {report.baseline.file}: {same} numbers are the same, {len(found)} changed.")


def _measure(change: Change, *, with_door: bool, with_head: bool) -> str:
    place = [f"{change.door} in"] if with_door and change.door else []
    place += [change.head] if with_head and change.head else []
    return _NAMES[change.what] + (f" ({', '.join(place)})" if place else "")


_NAMES = {"bytes": "bytes", "top-1": "top-1 %", "drop": "drop, points", "mae": "mean absolute error"}


def _value(what: str, value: float | None) -> str:
    if value is None:
        return _NONE
    texts = {"bytes": f"{value:,.0f}", "top-1": f"{100 * value:.1f}", "drop": f"{value:+.1f}"}
    return texts.get(what, f"{value:.4g}")


def _difference(change: Change) -> str:
    if change.before is None or change.after is None:
        return _NONE
    if change.what in ("bytes", "mae"):
        return f"{100 * (change.after - change.before) / change.before:+.1f} %" if change.before else _NONE
    return f"{(100 if change.what == 'top-1' else 1) * (change.after - change.before):+.1f} points"
