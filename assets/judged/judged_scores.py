"""The numbers of one artifact that are told where it is delivered, from its judgement or from report.json."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...validate.report.reader import ReportReader
from ...validate.scores.head_scores import ClassificationScores


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedHead:
    """Numbers of one head at one door.

    Attributes:
        n: images that it answered.
        top1_fraction, top1_interval: in [0, 1]; None: no truth is known.
        drop_points, drop_interval_points: of top-1 against the reference, in percentage points, positive is worse.
    """

    n: int
    top1_fraction: float | None = None
    top1_interval: tuple[float, float] | None = None
    drop_points: float | None = None
    drop_interval_points: tuple[float, float] | None = None

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


def judged_head(scores: ClassificationScores) -> JudgedHead:
    """Return what is told of a head."""
    accuracy, drop = scores.accuracy, scores.parity.drop if scores.parity else None
    return JudgedHead(
        n=scores.n,
        top1_fraction=accuracy.top1_fraction if accuracy else None,
        top1_interval=accuracy.top1_interval if accuracy else None,
        drop_points=drop.points if drop else None,
        drop_interval_points=drop.interval_points if drop else None,
    )


def read_heads(read: ReportReader, item: Any, where: str) -> dict[str, dict[str, JudgedHead]]:
    """Return door to head name to numbers.

    Raises:
        InputError: values of other types, or out of their ranges.
    """
    doors = read.get(item, "doors", dict, where)
    return {door: dict(_heads(read, read.get(doors, door, list, where), where)) for door in doors}


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
            ),
        )
