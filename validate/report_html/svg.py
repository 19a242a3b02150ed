"""Plots as inline SVG: one strip for each artifact. Positions are percent, so that a strip is as wide as the screen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .elements import Markup, element

_HEIGHT = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The range of values that a plot shows, from edge to edge."""

    low: float
    high: float

    def at(self, value: float) -> str:
        """Return where a value stands, such as "12.5%"; one outside stands at the edge."""
        share = (value - self.low) / (self.high - self.low)
        return f"{100 * min(1.0, max(0.0, share)):.2f}%"

    @property
    def ticks(self) -> tuple[float, ...]:
        """Return some three to six round values in the range."""
        step = _round_step((self.high - self.low) / 4)
        first = math.ceil(self.low / step - 1e-9)
        return tuple(step * number for number in range(first, math.floor(self.high / step + 1e-9) + 1))


def scale_of(values: Sequence[float], *, least: float, low: float | None = None, high: float | None = None) -> Scale:
    """Return a range of round ends that holds all values.

    Args:
        values: what is shown; not finite ones count for nothing.
        least: the least width of the range.
        low, high: an end that is fixed.

    """
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    start, end = min(finite) if low is None else low, max(finite) if high is None else high
    missing = max(0.0, least - (end - start))
    if low is None and high is None:
        start, end = start - missing / 2, end + missing / 2
    elif high is not None:
        start -= missing
    else:
        end += missing
    step = _round_step((end - start) / 4)
    return Scale(
        low=math.floor(start / step + 1e-9) * step if low is None else low,
        high=math.ceil(end / step - 1e-9) * step if high is None else high,
    )


def _round_step(width: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not below `width`."""
    power = 10.0 ** math.floor(math.log10(width))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= width * (1 - 1e-9))


def bar(scale: Scale, value: float, label: str, *, limit: float | None = None, mark: float | None = None) -> Markup:
    """Return a bar from the left edge, with a line at its limit, and a point at a mark to compare with."""
    kind = "bar over" if limit is not None and not value <= limit else "bar"
    parts = [
        element("rect", x="0", y="5", width="100%", height="12", class_="track"),
        element("rect", x="0", y="5", width=scale.at(value), height="12", class_=kind),
    ]
    if mark is not None:
        parts.append(element("circle", cx=scale.at(mark), cy="11", r="3.5", class_="mark"))
    return _strip([*parts, *_limit(scale, limit)], label)


def interval(
    scale: Scale,
    value: float,
    bounds: tuple[float, float],
    label: str,
    *,
    limit: float | None = None,
    line: float | None = None,
) -> Markup:
    """Return a point with its interval, a line at what it is compared with, and one at its limit."""
    low, high = bounds
    parts = [element("line", x1="0", x2="100%", y1="11", y2="11", class_="rail")]
    if line is not None:
        parts.append(element("line", x1=scale.at(line), x2=scale.at(line), y1="0", y2="22", class_="compared"))
    parts += [
        element("line", x1=scale.at(low), x2=scale.at(high), y1="11", y2="11", class_="whisker"),
        element("line", x1=scale.at(low), x2=scale.at(low), y1="7", y2="15", class_="whisker"),
        element("line", x1=scale.at(high), x2=scale.at(high), y1="7", y2="15", class_="whisker"),
        element("circle", cx=scale.at(value), cy="11", r="4.5", class_="point"),
    ]
    return _strip([*parts, *_limit(scale, limit)], label)


def axis(scale: Scale, unit: str) -> Markup:
    """Return the values below the strips; it says nothing that the labels of the strips do not."""
    parts = []
    for value in scale.ticks:
        share = (value - scale.low) / (scale.high - scale.low)
        anchor = "start" if share < 0.06 else "end" if share > 0.94 else "middle"
        parts.append(element("line", x1=scale.at(value), x2=scale.at(value), y1="0", y2="4", class_="tick"))
        parts.append(element("text", f"{value:.6g}{unit}", x=scale.at(value), y="16", text_anchor=anchor))
    return element("svg", *parts, width="100%", height=str(_HEIGHT), class_="axis", aria_hidden="true")


def _limit(scale: Scale, limit: float | None) -> list[Markup]:
    """Return a line with feet, unlike all others in form, so that it is known without its colour."""
    if limit is None or not scale.low <= limit <= scale.high:
        return []
    at = scale.at(limit)
    return [element("line", x1=at, x2=at, y1="1", y2="21", class_="limit")]


def _strip(parts: list[Markup], label: str) -> Markup:
    return element("svg", *parts, width="100%", height=str(_HEIGHT), class_="strip", role="img", aria_label=label)
