"""The plots of the page: sizes against budgets, accuracy and drop with their intervals, errors of regression heads."""

from collections.abc import Iterator

from ..budgets.budgets import Budget
from ..findings.outcome import Outcome
from ..report.report import Report
from ..report.rows import shown_heads
from ..rules.score_rules import budget_of
from ..scores.head_scores import ClassificationScores, RegressionScores
from .elements import Markup, element
from .svg import Scale, axis, bar, interval, scale_of


def size_plot(report: Report) -> Markup | None:
    """Return a bar for each artifact, with a line at its budget."""
    judged = [outcome for outcome in report.outcomes if outcome.size_bytes]
    if not judged:
        return None
    values = [outcome.size_bytes / 1e6 for outcome in judged]
    limits = [_limit(outcome.budgets.get("max_bytes"), 1e-6) for outcome in judged]
    before = {
        change.artifact: change.before / 1e6
        for change in (report.baseline.changes if report.baseline else ())
        if change.what == "bytes" and change.before
    }
    scale = scale_of([*values, *filter(None, limits)], least=1e-3, low=0.0)
    rows = []
    for outcome, value, limit in zip(judged, values, limits, strict=True):
        text = f"{value:.2f} MB" + (f" of {limit:.2f}" if limit is not None else "")
        over = ", over budget" if limit is not None and value > limit else ""
        path = outcome.artifact.path
        strip = bar(scale, value, f"{path}: {text}{over}", limit=limit, mark=before.get(path))
        rows.append(_row(path, strip, text + over, is_bad=bool(over)))
    legend = "Bar: megabytes (10⁶ bytes). Upright line: the budget." + (" Ring: the baseline." if before else "")
    return _figure(None, legend, rows, scale, " MB")


def accuracy_plots(report: Report) -> Iterator[Markup]:
    """Yield a plot for each classification head whose truth is known."""
    for head, found in _heads(report):
        scored = [(outcome, one.accuracy, one.parity) for outcome, one in found if one.accuracy]
        if not scored:
            continue
        references = [parity.reference.top1_fraction for _, _, parity in scored if parity and parity.reference]
        reference = 100 * references[0] if references else None
        limits = {
            outcome.artifact.path: _limit(budget_of("min_top1", head, outcome.budgets), 100) for outcome, _, _ in scored
        }
        bounds = [100 * bound for _, accuracy, _ in scored for bound in accuracy.top1_interval]
        given = [value for value in (reference, *limits.values()) if value is not None]
        scale = _percent_scale([*bounds, *given])
        rows = []
        for outcome, accuracy, _ in scored:
            low, high = (100 * bound for bound in accuracy.top1_interval)
            top1, path = 100 * accuracy.top1_fraction, outcome.artifact.path
            text = f"{top1:.1f} % [{low:.1f}, {high:.1f}]"
            strip = interval(scale, top1, (low, high), f"{path}: top-1 {text}", limit=limits[path], line=reference)
            rows.append(_row(path, strip, text))
        legend = "Point: top-1 accuracy, with its 95 % interval."
        legend += f" Dashed line: the reference, {reference:.1f} %." if reference is not None else ""
        legend += " Upright line: min_top1." if any(value is not None for value in limits.values()) else ""
        yield _figure(_titled("Top-1 accuracy", report, head), legend, rows, scale, " %")


def drop_plots(report: Report) -> Iterator[Markup]:
    """Yield a plot of the drop against the reference for each classification head."""
    for head, found in _heads(report):
        drops = [(outcome, one.parity.drop) for outcome, one in found if one.parity and one.parity.drop]
        if not drops:
            continue
        limits = {
            outcome.artifact.path: _limit(budget_of("max_drop_points", head, outcome.budgets)) for outcome, _ in drops
        }
        bounds = [bound for _, drop in drops for bound in drop.interval_points]
        scale = scale_of([0.0, *bounds, *(value for value in limits.values() if value is not None)], least=1.0)
        rows = []
        for outcome, drop in drops:
            low, high = drop.interval_points
            path = outcome.artifact.path
            text = f"{drop.points:+.1f} [{low:+.1f}, {high:+.1f}]"
            label = f"{path}: drop {text} points; lost {drop.lost}, won {drop.won} of {drop.n}"
            strip = interval(scale, drop.points, (low, high), label, limit=limits[path], line=0.0)
            rows.append(_row(path, strip, text))
        legend = "Point: top-1 points lost against the reference on the same images, with the paired 95 % interval; "
        legend += "right of the dashed line is worse."
        legend += " Upright line: max_drop_points." if any(value is not None for value in limits.values()) else ""
        yield _figure(_titled("Drop", report, head), legend, rows, scale, "")


def error_plots(report: Report) -> Iterator[Markup]:
    """Yield a plot of the mean absolute error of each regression head."""
    found: dict[str, list[tuple[Outcome, RegressionScores]]] = {}
    for outcome in report.outcomes:
        for one in shown_heads(outcome):
            if isinstance(one, RegressionScores) and one.mae is not None:
                found.setdefault(one.head, []).append((outcome, one))
    for head, scored in found.items():
        limits = {outcome.artifact.path: _limit(budget_of("max_mae", head, outcome.budgets)) for outcome, _ in scored}
        values = [value for _, one in scored for value in (one.mae, one.reference_mae) if value is not None]
        scale = scale_of([*values, *(value for value in limits.values() if value is not None)], least=1e-6, low=0.0)
        rows = []
        for outcome, one in scored:
            assert one.mae is not None
            path = outcome.artifact.path
            text = f"{one.mae:.4g} {one.unit}"
            strip = bar(
                scale, one.mae, f"{path}: mean absolute error {text}", limit=limits[path], mark=one.reference_mae
            )
            rows.append(_row(path, strip, text))
        legend = "Bar: mean absolute error. Ring: the reference. Upright line: max_mae, where it is set."
        yield _figure(f"Mean absolute error: {head}", legend, rows, scale, "")


def _heads(report: Report) -> Iterator[tuple[str, list[tuple[Outcome, ClassificationScores]]]]:
    found: dict[str, list[tuple[Outcome, ClassificationScores]]] = {}
    for outcome in report.outcomes:
        for one in shown_heads(outcome):
            if isinstance(one, ClassificationScores):
                found.setdefault(one.head, []).append((outcome, one))
    yield from found.items()


def _titled(what: str, report: Report, head: str) -> str | None:
    """Return a title where there are several heads; the section's is enough for one."""
    names = {one.head for outcome in report.outcomes for one in shown_heads(outcome)}
    return f"{what}: {head}" if len(names) > 1 else None


def _percent_scale(values: list[float]) -> Scale:
    """Return a range that ends at 100 % where values come near it, and is never so narrow that noise looks large."""
    near = max(values) > 90
    return scale_of(values, least=10.0, high=100.0) if near else scale_of(values, least=10.0)


def _limit(budget: Budget | None, factor: float = 1) -> float | None:
    return budget.limit * factor if budget else None


def _row(name: str, strip: Markup, text: str, *, is_bad: bool = False) -> Markup:
    return element(
        "div",
        element("span", element("bdi", name), class_="name"),
        strip,
        element("span", text, class_="reading bad" if is_bad else "reading"),
        class_="strip-row",
    )


def _figure(title: str | None, legend: str, rows: list[Markup], scale: Scale, unit: str) -> Markup:
    blank = element("span", class_="name", aria_hidden="true")
    feet = element("div", blank, axis(scale, unit), class_="strip-row feet")
    return element(
        "figure",
        None if title is None else element("h3", title),
        element("figcaption", legend),
        *rows,
        feet,
        class_="plot",
    )
