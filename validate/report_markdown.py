"""report.md: made to be read as a comment on a pull request."""

from collections.abc import Sequence

from .budgets import Budget
from .report import Report
from .report_rows import COLUMNS, NUMBERS, headline, problem_sentences, table_rows

_EXPLAINED = (
    "Intervals are 95 %: Wilson's for top-1, Tango's paired score interval for the drop against the reference. "
    "A drop is shown, not judged, where no max_drop_points is set. Where an artifact takes pixels and encoded "
    "files, the worse of the two is shown."
)


def to_markdown(report: Report) -> str:
    """Return the report as GitHub Markdown; its last line counts the verdicts."""
    parts = [
        f"### modelport: {report.last_line}",
        headline(report) + ".",
        "\n".join(_table(report)),
        "\n".join(f"- {_escaped(sentence)}" for sentence in (*problem_sentences(report), *report.sentences)),
        "\n".join(_budgets(report)),
        f"<sub>{_EXPLAINED} Run {report.run_id}, model {report.model_sha256[:12]}, judged {report.created}.</sub>",
        f"{report.last_line}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(report: Report) -> list[str]:
    ruler = ["---:" if column in NUMBERS else "---" for column in range(len(COLUMNS))]
    rows = [(*row.cells[:-1], f"**{row.cells[-1]}**") for row in table_rows(report)]
    return [_line(COLUMNS), _line(ruler), *(_line([_escaped(cell) for cell in row]) for row in rows)]


def _budgets(report: Report) -> list[str]:
    """List the budgets of each artifact and who set them, folded away."""
    lines = [
        f"- {outcome.artifact.path}: " + ", ".join(map(_budget, outcome.budgets.values()))
        for outcome in report.outcomes
        if outcome.budgets
    ]
    if report.left_out:
        lines.append(f"- left out by --only: {', '.join(report.left_out)}")
    return ["<details><summary>Budgets and where they come from</summary>", "", *lines, "", "</details>"]


def _budget(budget: Budget) -> str:
    value = f"{budget.value:,}" if isinstance(budget.value, int) else budget.value
    return f"{budget.key} {value} ({budget.source})"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
