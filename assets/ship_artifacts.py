"""What came of the artifacts of a run: the second half of the table that ends `modelport ship`."""

from dataclasses import dataclass

from ..contract.errors import ModelportError
from ..contract.run_folder import RunFolder
from .judged_run import read_judgement
from .ship_plan import ShipPlan
from .ship_record import ShipRecord


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
    went: dict[str, list[str]] = {}
    for name, entry in record.steps.items():
        done = entry.finished if name.startswith("deliver.") else None
        listed = done.facts.get("artifacts") if done else None
        for path in listed if isinstance(listed, list) else []:
            went.setdefault(path, []).append(name.removeprefix("deliver."))
    verdicts = _verdicts(run)
    return tuple(
        ArtifactRow(
            path=artifact.path,
            size_bytes=artifact.size_bytes,
            sha256=artifact.sha256,
            verdict=verdicts.get(artifact.sha256, "not judged"),
            delivered=tuple(went.get(artifact.path, ())),
        )
        for artifact in artifacts
    )


def _verdicts(run: RunFolder) -> dict[str, str]:
    """Return sha256 to what was judged of the file of that content; nothing where there is no report of this run."""
    try:
        entries = read_judgement(run).entries
    except ModelportError:
        return {}
    return {sha256: judged.summary for sha256, judged in entries.values()}
