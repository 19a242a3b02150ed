"""What came of the artifacts of a run: the second half of the table that ends `modelport ship`."""

from dataclasses import dataclass

from ....contract.errors import ModelportError
from ....contract.run.run_folder import RunFolder
from ...judged.judged_run import read_judgement
from ..engine.record import ShipRecord
from ..plan.plan import ShipPlan
from .asked import is_asked_for


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRow:
    """One artifact.

    Attributes:
        path: in the run folder.
        size_bytes, sha256: as in the lock.
        verdict: with its numbers, in a line; "not judged" where no report says anything of it.
        delivered: products that it went into.
    """

    path: str
    size_bytes: int
    sha256: str
    verdict: str
    delivered: tuple[str, ...]


def artifact_rows(plan: ShipPlan, record: ShipRecord) -> tuple[ArtifactRow, ...]:
    """Return a row for each artifact of the lock; none where there is no run."""
    run = RunFolder(plan.run)
    try:
        artifacts = run.read_lock().artifacts if run.contract.is_file() else ()
    except ModelportError:  # the step that met it has said so
        return ()
    went, verdicts = _went(record), _verdicts(run)
    return tuple(
        ArtifactRow(
            path=artifact.path,
            size_bytes=artifact.size_bytes,
            sha256=artifact.sha256,
            verdict=verdicts.get(artifact.sha256, "not judged") if is_asked_for(plan, artifact) else "not asked for",
            delivered=tuple(went.get((artifact.path, artifact.sha256), ())),
        )
        for artifact in artifacts
    )


def _went(record: ShipRecord) -> dict[tuple[str, str], list[str]]:
    """Return path and sha256 to the products that hold just that: a path alone may be another file by now."""
    went: dict[tuple[str, str], list[str]] = {}
    for name, entry in record.steps.items():
        done = entry.finished if name.startswith("deliver.") else None
        listed, known = (done.facts.get("artifacts"), done.inputs.get("artifacts")) if done else (None, None)
        if isinstance(listed, list) and isinstance(known, dict):
            for path in listed:
                went.setdefault((path, known.get(path, "")), []).append(name.removeprefix("deliver."))
    return went


def _verdicts(run: RunFolder) -> dict[str, str]:
    """Return sha256 to what was judged of the file of that content; nothing where there is no report of this run."""
    try:
        entries = read_judgement(run).entries
    except ModelportError:
        return {}
    return {sha256: judged.summary for sha256, judged in entries.values()}
