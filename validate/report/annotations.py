"""What came out as GitHub's workflow commands: an error, a warning or a notice on the page of a run.

References:
    https://docs.github.com/actions/reference/workflow-commands-for-github-actions; escaping and what is parsed:
    github.com/actions/runner, src/Runner.Common/ActionCommand.cs (read 2026-11-21). Limits of ten of each kind for a
    step: https://docs.github.com/rest/checks.

"""

from ...contract.errors import ModelportError
from ..findings.outcome import Outcome
from ..findings.verdict import Verdict
from .report import NO_FLOOR, Report
from .rows import problem_sentences_of
from .shown_text import shown

#: GitHub shows ten annotations of a kind for each step.
MOST_OF_A_KIND = 10
#: Of one message. GitHub takes 64 KB; more than a screen is read by nobody, and the report has it all.
_LONGEST = 4_000


def annotations(report: Report) -> tuple[str, ...]:
    """Return one line for each artifact that is no plain pass, the worst kind first, then one for what is said of all.

    What makes the command exit with 1 is an error: fail, not judged, and with `--strict` undecided and what else fails.
    """
    errors: list[tuple[str, str]] = []
    warnings: list[tuple[str, str]] = []
    for outcome in report.outcomes:
        if outcome.verdict is Verdict.PASS:
            continue
        is_error = outcome.verdict is not Verdict.UNDECIDED or report.strict
        (errors if is_error else warnings).append(_of_outcome(report, outcome))
    whole = [sentence for sentence in report.sentences if sentence != NO_FLOOR]
    if not report.has_floor:
        (errors if report.strict else warnings).append(("modelport: no floor", NO_FLOOR))
    if report.strict and report.lost_images:
        errors.append(("modelport: lost images", f"{report.lost_images} images of the reference are not there."))
    notices = [("modelport: notes", "\n".join(whole))] if whole else []
    return tuple(
        command(kind, title, message)
        for kind, found in (("error", errors), ("warning", warnings), ("notice", notices))
        for title, message in _at_most(found)
    )


def error_annotation(error: ModelportError) -> str:
    """Return an error of ours, which ended the judgement before it had a verdict."""
    return command("error", "modelport: not judged", str(error))


def command(kind: str, title: str, message: str) -> str:
    r"""Return one workflow command in one line, whatever title and message hold.

    Example:
        >>> print(command("error", "a: b, c", "100 %\nof it"))
        ::error title=a%3A b%2C c::100 %25%0Aof it

    """
    title, message = shown(title), "\n".join(map(shown, message.splitlines()))
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]} ... (more is in the report)"
    return f"::{kind} title={_data(title).replace(':', '%3A').replace(',', '%2C')}::{_data(message)}"


def _of_outcome(report: Report, outcome: Outcome) -> tuple[str, str]:
    sentences = problem_sentences_of(outcome)
    return f"modelport: {outcome.verdict}: {outcome.artifact.path}", "\n".join(sentences) or str(outcome.verdict)


def _at_most(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Let the last of ten name all that no eleventh could say."""
    if len(found) <= MOST_OF_A_KIND:
        return found
    shown, rest = found[: MOST_OF_A_KIND - 1], found[MOST_OF_A_KIND - 1 :]
    return [*shown, (f"modelport: {len(rest)} more", "\n".join(title for title, _ in rest))]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
