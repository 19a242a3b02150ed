"""The cells of a table of verdicts, as text, for the terminal, for Markdown and for the page."""

from dataclasses import dataclass

from ..findings.judged import images
from ..findings.outcome import Outcome
from ..findings.verdict import Finding, Verdict
from ..scores.head_scores import ClassificationScores, HeadScores
from .report import Report

COLUMNS = ("artifact", "recipe", "MB / budget", "top-1 %", "drop, points", "same %", "max diff", "verdict")

#: Columns that are numbers.
NUMBERS = range(2, 7)

_NONE = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One artifact: a cell for each of COLUMNS, and its verdict for colours."""

    cells: tuple[str, ...]
    verdict: Verdict


def table_rows(report: Report) -> tuple[Row, ...]:
    """Return one row for each artifact; where it has several doors, the numbers are those of the worst."""
    return tuple(_row(outcome) for outcome in report.outcomes)


def problem_sentences(report: Report) -> tuple[str, ...]:
    """Return one sentence for everything that is not a plain pass."""
    return tuple(
        f"{outcome.artifact.path}: {sentence}"
        for outcome in report.outcomes
        for sentence in problem_sentences_of(outcome)
    )


def problem_sentences_of(outcome: Outcome) -> tuple[str, ...]:
    """Return one sentence for everything about one artifact that is not a plain pass, without its name."""
    return tuple(
        f"{finding.verdict}: {finding_place(outcome, finding)}{finding.sentence}"
        for finding in outcome.findings
        if finding.verdict is not Verdict.PASS
    )


def finding_place(outcome: Outcome, finding: Finding) -> str:
    """Name the door where there are several, and the head where there are several: "[encoded in, head age] "."""
    heads = {finding.head for finding in outcome.findings if finding.head}
    doors = {finding.door for finding in outcome.findings if finding.door}
    place = [f"{finding.door} in"] if finding.door and len(doors) > 1 else []
    place += [f"head {finding.head}"] if finding.head and len(heads) > 1 else []
    return f"[{', '.join(place)}] " if place else ""


def headline(report: Report) -> str:
    """Say on how many images, and how good the reference is."""
    text = f"{images(report.n)}: {report.images}"
    if report.reference is None:
        return text
    low, high = report.reference.top1_interval
    top1 = 100 * report.reference.top1_fraction
    return f"{text}; reference top-1 {top1:.1f} % [{100 * low:.1f}, {100 * high:.1f}], n = {report.reference.n}"


def shown_heads(outcome: Outcome) -> tuple[HeadScores, ...]:
    """Return the scores of each head at the worst door; none where no door answered."""
    return outcome.doors.get(outcome.worst_door or "", ())


def _row(outcome: Outcome) -> Row:
    artifact, heads = outcome.artifact, shown_heads(outcome)
    first = next((scores for scores in heads if isinstance(scores, ClassificationScores)), None)
    cells = (artifact.path, artifact.recipe or _NONE, _size(outcome), *score_cells(first), str(outcome.verdict))
    return Row(cells=cells, verdict=outcome.verdict)


def _size(outcome: Outcome) -> str:
    budget = outcome.budgets.get("max_bytes")
    allowed = f"{budget.limit / 1e6:.2f}" if budget else _NONE
    return f"{outcome.size_bytes / 1e6:.2f} / {allowed}" if outcome.size_bytes else _NONE


def score_cells(scores: ClassificationScores | None) -> tuple[str, str, str, str]:
    """Return top-1, drop, agreement and largest difference, each with its interval where it has one."""
    top1 = drop = same = difference = _NONE
    if scores and scores.accuracy:
        low, high = scores.accuracy.top1_interval
        top1 = f"{100 * scores.accuracy.top1_fraction:.1f} [{100 * low:.1f}, {100 * high:.1f}]"
    if scores and scores.parity:
        same = f"{100 * scores.parity.agreement_fraction:.1f}"
        difference = f"{scores.parity.max_probability_difference:.2g}"
        if scores.parity.drop:
            low, high = scores.parity.drop.interval_points
            drop = f"{scores.parity.drop.points:+.1f} [{low:+.1f}, {high:+.1f}]"
    return top1, drop, same, difference
