"""The findings of `modelport doctor` for people: aligned lines, then what will not work and what to paste."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...runtimes.doctor.finding import Finding


def to_text(findings: Sequence["Finding"]) -> str:
    """Return the lines; the last section is what matters to whoever has a problem."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for group, members in groupby(findings, key=lambda finding: finding.group):
        lines += [group, *(_line(finding, width) for finding in members), ""]
    return "\n".join([*lines, *_remedies(findings), _last_line(findings)])


def _line(finding: "Finding", width: int) -> str:
    return f"  {finding.state:<8} {finding.name:<{width}}  {finding.says}"


def _remedies(findings: Sequence["Finding"]) -> Iterator[str]:
    """Yield what does not work, once for each remedy."""
    told: dict[tuple[str, str | None], list[str]] = {}
    for finding in findings:
        if finding.stops or finding.state == "problem":
            told.setdefault((finding.says, finding.paste), []).append(finding.stops or finding.name)
    if not told:
        yield "Everything works here."
        return
    yield "What will not work here"
    for (says, paste), stopped in told.items():
        yield f"  {', '.join(dict.fromkeys(stopped))}"
        yield f"    why    {says}"
        if paste:
            yield f"    paste  {paste}"
    yield ""


def _last_line(findings: Sequence["Finding"]) -> str:
    states = [finding.state for finding in findings]
    return ", ".join(f"{states.count(state)} {state}" for state in ("ok", "note", "problem"))
