"""Of the page: artifacts and their recipes in numbers, all heads, budgets, the baseline, and where all comes from."""

from collections.abc import Callable, Iterator

from ..findings.outcome import Outcome
from ..findings.verdict import Verdict
from ..report import baseline_rows
from ..report.markdown import budget_text
from ..report.report import Report
from ..report.rows import score_cells, shown_heads
from ..scores.head_scores import ClassificationScores, HeadScores, RegressionScores
from .elements import Child, Markup, element, join, table

Badge = Callable[[Verdict], Markup]

_NONE = "-"


def artifact_table(report: Report, badge: Badge) -> Markup:
    """Return one row for each artifact: what its recipe saves, and what it costs."""
    measured = any(outcome.measures and outcome.measures.latency_ms_median for outcome in report.outcomes)
    columns: tuple[str, ...] = (
        "artifact",
        "verdict",
        "recipe",
        "MB",
        "of float32",
        "top-1 %",
        "drop, points",
        "same answer %",
    )
    columns += ("latency, ms",) if measured else ()
    rows = [_artifact_row(report, outcome, badge, with_latency=measured) for outcome in report.outcomes]
    caption = (
        "What each recipe saves and costs. Of float32: bytes, against the float32 artifact of the same format. "
        "In brackets: 95 % intervals. "
    )
    caption += "Latency: one image, median." if measured else "Latency was not measured."
    return table(caption, columns, rows, tuple(range(3, len(columns))))


def _artifact_row(report: Report, outcome: Outcome, badge: Badge, *, with_latency: bool) -> tuple[Child, ...]:
    artifact, heads = outcome.artifact, shown_heads(outcome)
    first = next((scores for scores in heads if isinstance(scores, ClassificationScores)), None)
    top1, drop, same, _ = score_cells(first)
    size = f"{outcome.size_bytes / 1e6:.2f}" if outcome.size_bytes else _NONE
    row: tuple[Child, ...] = (
        element("bdi", artifact.path),
        badge(outcome.verdict),
        artifact.recipe or _NONE,
        size,
        _ratio(report, outcome),
        _with_interval(top1),
        _with_interval(drop),
        same,
    )
    return (*row, _latency(outcome)) if with_latency else row


def _ratio(report: Report, outcome: Outcome) -> str:
    """Return the bytes as a share of those of the float32 artifact of the same format."""
    full = [
        one.size_bytes
        for one in report.outcomes
        if (one.artifact.format, one.artifact.recipe) == (outcome.artifact.format, "float32") and one.size_bytes
    ]
    return f"{100 * outcome.size_bytes / full[0]:.0f} %" if full and outcome.size_bytes else _NONE


def _with_interval(text: str) -> Child:
    """Set "97.0 [94.1, 98.8]" as a number with its interval below."""
    value, bracket, interval = text.partition(" [")
    return join(value, " ", element("small", f"[{interval}")) if bracket else value


def _latency(outcome: Outcome) -> Child:
    measures = outcome.measures
    if measures is None or measures.latency_ms_median is None:
        return _NONE
    ratio = f"{measures.latency_ratio:.2f} × float32" if measures.latency_ratio is not None else ""
    p90 = f"p90 {measures.latency_ms_p90:.1f}" if measures.latency_ms_p90 is not None else ""
    threads = f"{measures.threads} threads" if measures.threads is not None else ""
    small = element("small", ", ".join(part for part in (p90, ratio, threads) if part))
    return join(f"{measures.latency_ms_median:.1f}", " ", small)


def heads_table(report: Report) -> Markup | None:
    """Return every head of every artifact, where there is more than one head."""
    rows: list[tuple[Child, ...]] = [
        (join(element("bdi", outcome.artifact.path), ", ", element("bdi", scores.head)), *_head_cells(scores))
        for outcome in report.outcomes
        for scores in shown_heads(outcome)
        if len(shown_heads(outcome)) > 1
    ]
    columns = ("artifact and head", "top-1 % or error", "against the reference", "same answer %", "n")
    return table("Every head", columns, rows, (1, 2, 3, 4)) if rows else None


def _head_cells(scores: HeadScores) -> tuple[Child, ...]:
    if isinstance(scores, ClassificationScores):
        top1, drop, same, _ = score_cells(scores)
        return _with_interval(top1), _with_interval(drop), same, str(scores.n)
    mae = _NONE if scores.mae is None else f"{scores.mae:.4g} {scores.unit}"
    return mae, _error_change(scores), _NONE, str(scores.n)


def _error_change(scores: RegressionScores) -> Child:
    """Return how much larger the error is than the reference's on the same images, with its interval below."""
    if scores.mae_increase is None:
        return _NONE
    change = f"{scores.mae_increase:+.3g} {scores.unit}"
    if scores.mae_increase_interval is None:
        return change
    low, high = scores.mae_increase_interval
    return _with_interval(f"{change} [{low:+.3g}, {high:+.3g}]")


def baseline_section(report: Report, badge: Badge) -> Iterator[Markup]:
    """Yield what changed since the last accepted report."""
    base = report.baseline
    if base is None:
        return
    limits = base.limits
    yield element(
        "p",
        f"Compared with {base.file}: run {base.run_id}, judged {base.created} on {base.n:,} images. Fails: "
        f"{limits.max_growth_percent:g} % more bytes, {limits.max_drop_points:g} points worse, "
        f"{limits.max_mae_growth_percent:g} % more error.",
    )
    changed = baseline_rows.changed(report)
    same = len(base.changes) - len(changed)
    if changed:
        rows: list[tuple[Child, ...]] = [
            (element("bdi", cells[0]), *cells[1:-1], badge(change.verdict))
            for change, cells in zip(changed, baseline_rows.change_rows(changed), strict=True)
        ]
        yield table("What changed", baseline_rows.COLUMNS, rows, tuple(baseline_rows.NUMBERS))
    if same or not changed:
        yield element("p", f"{same} numbers are as they were.", class_="note")


def budget_section(report: Report, badge: Badge) -> Iterator[Markup]:
    """Yield the budgets of each artifact, who set them, and what was found, folded away."""
    for outcome in report.outcomes:
        if not outcome.budgets:
            continue
        lines = []
        for key, budget in outcome.budgets.items():
            found = [finding for finding in outcome.findings if finding.key == key]
            worst = max((finding.verdict for finding in found), key=_ORDER.index, default=Verdict.NOT_JUDGED)
            said = "; ".join(finding.sentence for finding in found) or "held against nothing: it gave no answers"
            lines.append(element("li", badge(worst), " ", element("strong", budget_text(budget)), f": {said}"))
        summary = element("summary", element("bdi", outcome.artifact.path), f": {len(lines)} budgets")
        yield element("details", summary, element("ul", *lines, class_="notes"))


_ORDER = (Verdict.PASS, Verdict.UNDECIDED, Verdict.NOT_JUDGED, Verdict.FAIL)


def provenance(report: Report) -> Markup:
    """Return run, model, images, runtimes, tools and the hash of every artifact."""
    facts: list[tuple[str, Child]] = [
        ("run", report.run_id),
        ("model.keras", _hash(report.model_sha256)),
        ("judged", report.created),
        ("images", f"{report.n:,}: {report.images}"),
        ("their hash", _hash(report.images_sha256)),
        ("budgets", report.budgets_file or "the defaults"),
        ("tools", ", ".join(f"{name} {version}" for name, version in report.tools.items())),
    ]
    for outcome in report.outcomes:
        runtime = outcome.description.runtime if outcome.description else "not opened"
        oldest = f", oldest tried {outcome.artifact.oldest_runtime}" if outcome.artifact.oldest_runtime else ""
        digest = join(" ", _hash(outcome.artifact.sha256)) if outcome.artifact.sha256 else None
        facts.append((outcome.artifact.path, join(f"{runtime}{oldest}", digest)))
    pairs = [join(element("dt", element("bdi", name)), element("dd", value)) for name, value in facts if value]
    return element("dl", *pairs)


def settings_note(report: Report) -> Markup:
    """Say how it was judged, and what was not."""
    parts = [f"Exit code {report.exit_code}{', with --strict' if report.strict else ''}."]
    if report.only:
        parts.append(f"Only: {', '.join(report.only)}.")
    if report.left_out:
        parts.append(f"Left out: {', '.join(report.left_out)}.")
    parts.append(
        "Intervals are 95 %: Wilson's for accuracy, Tango's paired score interval for a drop. Where an artifact takes "
        "pixels and encoded files, the worse of the two is shown. The same in full: report.json."
    )
    return element("p", " ".join(parts), class_="foot")


def _hash(digest: str) -> Markup | None:
    return element("code", digest) if digest else None
