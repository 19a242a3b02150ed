"""report.md: made to be read as a comment on a pull request, or as the summary of a step."""

from collections.abc import Iterable

from ..budgets.budgets import Budget
from ..findings.verdict import Verdict
from . import baseline_rows
from .markdown_text import code, plain, ruler, table_row
from .report import Report
from .rows import COLUMNS, NUMBERS, headline, problem_sentences_of, table_rows

#: GitHub takes comments of 65,536 characters; what quotes the report may add some.
LONGEST = 60_000

#: Characters for the line in each block that says how many lines do not fit.
_ROOM = 120

_SIGNS = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.UNDECIDED: "❔", Verdict.NOT_JUDGED: "⚠️"}

_EXPLAINED = (
    "Intervals are 95 %: Wilson's for top-1, Tango's paired score interval for the drop against the reference. "
    "A drop is shown, not judged, where no max_drop_points is set. Where an artifact takes pixels and encoded "
    "files, the worse of the two is shown."
)


def to_markdown(report: Report) -> str:
    """Return the report as GitHub Markdown, at most LONGEST characters; its last line counts the verdicts.

    Names and messages are escaped: whatever they hold, they make no tag, no link, no picture, and call nobody.
    """
    head = f"### {_sign(report)} modelport: {report.last_line}\n\n{plain(headline(report))}."
    tail = f"<sub>{_EXPLAINED} {_provenance(report)}</sub>\n\n{report.last_line}\n"
    blocks = (_table(report), _problems(report), _notes(report), _baseline(report), _budgets(report))
    left = LONGEST - len(head) - len(tail) - _ROOM * len(blocks)
    parts = [head]
    for block in blocks:
        text, left = _fitting(list(block), left)
        parts += [text] if text else []
    return "\n\n".join([*parts, tail])


def _fitting(lines: list[str], left: int) -> tuple[str, int]:
    """Return as many lines as fit, the number of those that do not, and the characters that are left."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        left -= len(line) + 1
        if left < 0:
            is_open = any("<details>" in one for one in kept)
            kept.append(f"\n... and {len(lines) - number} more lines: see report.json or report.html.")
            kept += ["", "</details>"] if is_open else []
            return "\n".join(kept), 0
        kept.append(line)
    return "\n".join(kept), left - 2


def _sign(report: Report) -> str:
    worst = [verdict for verdict, count in report.counts.items() if count and verdict is not Verdict.PASS]
    if report.exit_code:
        return _SIGNS[Verdict.FAIL]
    return _SIGNS[worst[0]] if worst else _SIGNS[Verdict.PASS]


def _table(report: Report) -> Iterable[str]:
    yield table_row(COLUMNS)
    yield ruler(len(COLUMNS), NUMBERS)
    for row in table_rows(report):
        path, recipe, *numbers, verdict = row.cells
        yield table_row([code(path, in_table=True), plain(recipe), *numbers, f"{_SIGNS[row.verdict]} **{verdict}**"])


def _problems(report: Report) -> Iterable[str]:
    """Yield a line for each artifact that is no plain pass, and one below it for each reason."""
    for outcome in report.outcomes:
        sentences = [*problem_sentences_of(outcome)]
        if sentences:
            yield f"- {code(outcome.artifact.path)}"
            yield from (f"  - {plain(sentence)}" for sentence in sentences)


def _notes(report: Report) -> Iterable[str]:
    return (f"- {plain(sentence)}" for sentence in report.sentences)


def _baseline(report: Report) -> Iterable[str]:
    """Yield what changed since the baseline; equal numbers are counted, not shown."""
    if report.baseline is None:
        return
    base = report.baseline
    changed = baseline_rows.changed(report)
    yield f"**Since the baseline** {code(base.file)}, run {code(base.run_id)}, judged {plain(base.created)}:"
    yield ""
    if not changed:
        yield f"all {len(base.changes)} numbers are the same."
        return
    yield table_row(baseline_rows.COLUMNS)
    yield ruler(len(baseline_rows.COLUMNS), baseline_rows.NUMBERS)
    for change, row in zip(changed, baseline_rows.change_rows(changed), strict=True):
        path, measure, *numbers, verdict = row
        yield table_row(
            [code(path, in_table=True), plain(measure), *numbers, f"{_SIGNS[change.verdict]} **{verdict}**"]
        )
    if len(changed) < len(base.changes):
        yield ""
        yield f"{len(base.changes) - len(changed)} other numbers are the same."


def _budgets(report: Report) -> Iterable[str]:
    """List the budgets of each artifact and who set them, folded away."""
    lines = [
        f"- {code(outcome.artifact.path)}: " + plain(", ".join(map(budget_text, outcome.budgets.values())))
        for outcome in report.outcomes
        if outcome.budgets
    ]
    if report.left_out:
        lines.append(f"- left out by --only: {', '.join(map(code, report.left_out))}")
    return ["<details><summary>Budgets and where they come from</summary>", "", *lines, "", "</details>"]


def budget_text(budget: Budget) -> str:
    """Return a budget, its value and who set it."""
    value = f"{budget.value:,}" if isinstance(budget.value, int) else budget.value
    return f"{budget.key} {value} ({budget.source})"


def _provenance(report: Report) -> str:
    return f"Run {plain(report.run_id)}, model {plain(report.model_sha256[:12])}, judged {plain(report.created)}."
