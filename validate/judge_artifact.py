"""Judge one artifact: its file, its structure, then its answers at every door."""

from functools import partial

from ..contract.errors import MissingExtraError, RuntimeFailure, one_line
from ..contract.files.hashing import size_bytes_of
from ..contract.run.artifacts import Artifact
from ..runtimes.facts.description import Description
from .answers.bench import Bench
from .answers.record import Record, RecordedSession
from .budgets.budgets import DEFAULT, Budget
from .budgets.head_budgets import split_key
from .budgets.keys import PARITY_KEYS
from .diagnose.diagnose import diagnose
from .doors import judge_door
from .findings.outcome import Outcome
from .findings.verdict import Finding, Verdict
from .rules.file_rules import judge_file
from .rules.promise_rules import judge_promise
from .rules.structure_rules import judge_structure
from .scores.head_scores import HeadScores


def judge_artifact(artifact: Artifact, budgets: dict[str, Budget], bench: Bench, record: Record) -> Outcome:
    """Judge one artifact. A runtime that refuses, crashes or hangs is a finding, not an error of the judge.

    Args:
        artifact, budgets: what is judged, and against what.
        bench: the images and the reference.
        record: what it said before; what it says now is added.

    """
    path = bench.path_of(artifact)
    findings = judge_file(path, artifact, bench.contract, budgets)
    if not path.exists():
        return Outcome(artifact=artifact, budgets=budgets, findings=tuple(findings))
    description: Description | None = None
    doors: dict[str, tuple[HeadScores, ...]] = {}
    log = bench.logs / f"{artifact.path.replace('/', '.')}.log"
    try:
        contract = bench.contract_of(artifact)
        opened = partial(bench.open_artifact, path, artifact.format, contract, log=log)
        with RecordedSession(opened, record) as session:
            description = session.description
            findings += judge_structure(artifact, description, contract, budgets)
            findings += judge_promise(description, contract)
            for door in description.doors:
                found, scores = judge_door(session, door, artifact, budgets, bench)
                findings += found
                if scores is not None:
                    doors[door] = scores
            findings += diagnose(session, artifact, budgets, findings, bench)
    except MissingExtraError as error:
        findings.append(Finding(key="runtime", verdict=Verdict.NOT_JUDGED, sentence=one_line(error)))
    except RuntimeFailure as error:
        findings.append(Finding(key="runtime", verdict=Verdict.FAIL, sentence=one_line(error)))
    return Outcome(
        artifact=artifact,
        size_bytes=size_bytes_of(path),
        budgets=budgets,
        findings=tuple(findings),
        doors=doors,
        description=description,
        answers_made=record.made if doors else None,
    )


def unapplied(budgets: dict[str, Budget], findings: list[Finding]) -> list[Finding]:
    """Return a finding for each budget that was held against nothing, so that none is skipped in silence."""
    held = {finding.key for finding in findings}
    if "finite" not in held:
        return []  # no door gave an answer, and its finding says so
    found = [
        Finding(key=key, verdict=Verdict.NOT_JUDGED, sentence=f"{key} not judged: it applies to nothing in this model")
        for key, budget in budgets.items()
        if key not in held and budget.source != DEFAULT
    ]
    if {split_key(key)[1] for key in held}.isdisjoint(PARITY_KEYS):
        sentence = f"nothing says how near to the reference it must be: set one of {', '.join(PARITY_KEYS)}"
        found.append(Finding(key="parity", verdict=Verdict.NOT_JUDGED, sentence=sentence))
    return found
