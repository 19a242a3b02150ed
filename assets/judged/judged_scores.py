"""The numbers of one artifact in report.json, and whether an undecided one's point values are within its budgets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...validate.budgets.head_budgets import join_key, split_key
from ...validate.report.reader import ReportReader

#: What an interval can leave undecided: budget to where its point value stands in the scores of a head.
POINTS = {
    "max_drop_points": "drop",
    "max_class_recall_drop_points": "class_drops",
    "max_mae_increase": "mae_increase",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedHead:
    """Numbers of one head at one door.

    Attributes:
        n: images that it answered.
        top1_fraction, top1_interval: in [0, 1]; None: no truth is known.
        drop_points, drop_interval_points: of top-1 against the reference, in percentage points, positive is worse.
        largest_points: budget of POINTS to the largest point value that it limits here; absent: nothing was measured.
    """

    n: int
    top1_fraction: float | None = None
    top1_interval: tuple[float, float] | None = None
    drop_points: float | None = None
    drop_interval_points: tuple[float, float] | None = None
    largest_points: dict[str, float]

    @property
    def summary(self) -> str:
        """Such as "top-1 95.5 % [92.3, 97.4], drop +0.0 points [-1.4, +1.4], n = 268"."""
        parts = []
        if self.top1_fraction is not None:
            bounds = (
                "" if self.top1_interval is None else " [{:.1f}, {:.1f}]".format(*(100 * x for x in self.top1_interval))
            )
            parts.append(f"top-1 {100 * self.top1_fraction:.1f} %{bounds}")
        if self.drop_points is not None:
            bounds = (
                "" if self.drop_interval_points is None else " [{:+.1f}, {:+.1f}]".format(*self.drop_interval_points)
            )
            parts.append(f"drop {self.drop_points:+.1f} points{bounds}")
        return ", ".join([*parts, f"n = {self.n}"])


def read_heads(read: ReportReader, item: Any, where: str) -> dict[str, dict[str, JudgedHead]]:
    """Return door to head name to numbers.

    Raises:
        InputError: values of other types, or out of their ranges.
    """
    doors = read.get(item, "doors", dict, where)
    return {door: dict(_heads(read, read.get(doors, door, list, where), where)) for door in doors}


def undecided_within(
    read: ReportReader, item: Any, where: str, undecided: Sequence[str], heads: dict[str, dict[str, JudgedHead]]
) -> bool:
    """Say whether all that is undecided is a drop, and every drop's point value, at every door, is within its budget.

    Args:
        read: of the report.
        item: the artifact's part of it.
        where: its name in messages.
        undecided: keys of the findings that are undecided.
        heads: door to head to numbers.
    """
    budgets = read.get(item, "budgets", dict, where)
    limits = {key: _limit(read, budgets, key, where) for key in budgets if split_key(key)[1] in POINTS}
    pairs = [(name, head) for door in heads.values() for name, head in door.items()]
    measured = {key for _, head in pairs for key in head.largest_points}
    if not undecided or any(key not in limits or split_key(key)[1] not in measured for key in undecided):
        return False
    for name, head in pairs:
        for key, points in head.largest_points.items():
            limit = limits.get(join_key(name, key), limits.get(key))
            if limit is not None and not points <= limit:
                return False
    return True


def _limit(read: ReportReader, budgets: Any, key: str, where: str) -> float:
    value = read.number(read.get(budgets, key, dict, where), "value", f"{where}: {key}", 0, 1e300)
    if value is None:
        read.refuse(f"{where}: {key}", "a number", None)
    return value


def _heads(read: ReportReader, items: Any, where: str) -> Iterator[tuple[str, JudgedHead]]:
    for item in items:
        name = read.get(item, "head", str, where)
        inner = f"{where}: head {name[:80]}"
        accuracy, parity = read.section(item, "accuracy", inner), read.section(item, "parity", inner)
        drop = read.section(parity, "drop", inner)
        yield (
            name,
            JudgedHead(
                n=read.count(item, "n", inner),
                top1_fraction=read.number(accuracy, "top1_fraction", inner, 0, 1),
                top1_interval=read.interval(accuracy, "top1_interval", inner, 0, 1),
                drop_points=read.number(drop, "points", inner, -100, 100),
                drop_interval_points=read.interval(drop, "interval_points", inner, -100, 100),
                largest_points=dict(_largest(read, item, parity, inner)),
            ),
        )


def _largest(read: ReportReader, item: Any, parity: Any, where: str) -> Iterator[tuple[str, float]]:
    """Yield each budget of POINTS with the largest value that it limits in one head."""
    classes = read.get(parity, "class_drops", list, where) if parity else []
    found = {
        "max_drop_points": [read.number(read.section(parity, "drop", where), "points", where, -100, 100)],
        "max_class_recall_drop_points": [read.number(one, "points", where, -100, 100) for one in classes],
        "max_mae_increase": [read.number(item, "mae_increase", where, -1e300, 1e300)],
    }
    for key, values in found.items():
        measured = [value for value in values if value is not None]
        if measured:
            yield key, max(measured)
