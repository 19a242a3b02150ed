"""All that was found about one artifact."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...contract.run.artifacts import Artifact
from ...runtimes.facts.description import Description
from ..budgets.budgets import Budget
from ..scores.head_scores import HeadScores
from .measures import Measures
from .undecided import verdict_by_point
from .verdict import Finding, Verdict, worst


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that was found about one artifact.

    Attributes:
        artifact: its entry in the lock; one that only a budget names has no bytes and no hash.
        size_bytes: measured now; 0 if it is missing.
        budgets: key to budget.
        findings: in the order file, structure, answers.
        doors: door to the scores of each head.
        description: None if it could not be opened.
        measures: what it costs here; None if nothing was measured.
        answers_made: when it gave the answers that were judged, if that was in an earlier judgement.

    """

    artifact: Artifact
    size_bytes: int = 0
    budgets: dict[str, Budget] = field(default_factory=dict)
    findings: tuple[Finding, ...]
    doors: dict[str, tuple[HeadScores, ...]] = field(default_factory=dict)
    description: Description | None = None
    measures: Measures | None = None
    answers_made: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst finding decides."""
        return worst(finding.verdict for finding in self.findings)

    @property
    def is_within(self) -> bool:
        """Whether it may be delivered: it passed, or is undecided in drops alone, whose points are within budget."""
        return self.worst_by_point(self.findings) is Verdict.PASS

    def worst_by_point(self, findings: Iterable[Finding]) -> Verdict:
        """Return the verdict that decides among some findings, where an undecided drop counts by its point value."""
        return worst(verdict_by_point(one, self.doors.get(one.door, ()), self.budgets) for one in findings)

    @property
    def worst_door(self) -> str | None:
        """The door with the worst finding; of equals the one that was asked first. None if no door answered."""
        verdicts = {door: worst(f.verdict for f in self.findings if f.door == door) for door in self.doors}
        return next((door for door in verdicts if verdicts[door] is worst(verdicts.values())), None)
