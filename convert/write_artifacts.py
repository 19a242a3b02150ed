"""Write artifacts, each recorded in the lock; what is there already, unchanged, is kept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ..contract.errors import ModelportError, UsageError
from ..contract.files.atomic_write import restore_folder, staged
from ..contract.files.hashing import sha256_of
from ..contract.image.pixels import InputForm
from ..contract.model_contract.provenance import tool_versions
from ..contract.narration import Narrator
from ..contract.run.artifacts import Artifact, describe_artifact
from ..contract.run.run_folder import RunFolder
from ..runtimes.process.temporary_log import temporary_log
from .source.conversions import DEFAULT_MEMORY_MB, Conversions, processes_within
from .source.source import Source, open_source
from .source.written import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One artifact to write.

    Attributes:
        path: relative to the run folder.
        format, recipe: as in contract.run.artifacts.
        write: given the model and a path that does not exist yet, writes the artifact there; says what it promises
            that the run does not.
        begin: begins what another process can do of that; None: nothing.
        form: in which it takes images.
        options: what else decides about the bytes; goes into the lock.
    """

    path: str
    format: str
    recipe: str
    write: Callable[[Source, Path], Written | None]
    begin: Callable[[Source], None] | None = None
    form: InputForm = field(default_factory=InputForm)
    options: dict[str, Any] = field(default_factory=dict)


def write_artifacts(
    folder: RunFolder,
    jobs: Sequence[Job],
    *,
    overwrite: bool,
    narrator: Narrator,
    memory_mb: int = DEFAULT_MEMORY_MB,
) -> list[Artifact]:
    """Do the jobs; the model is loaded once, and only if a job has work to do.

    Args:
        folder: the run.
        jobs: what to write.
        overwrite: write anew what is there already.
        narrator: told about each artifact.
        memory_mb: MiB of private memory that all processes together may take.

    Returns:
        One artifact per job, written or kept.

    Raises:
        InputError: no run, or a model that a format cannot hold.
        UsageError: something is in the way that the lock does not know.
    """
    folder.read_contract()
    kept = {job.path: None if overwrite else _kept(folder, job) for job in jobs}
    todo = [job for job in jobs if kept[job.path] is None]
    for job in jobs:
        if job not in todo:
            narrator.say(f"kept   {job.path}")
    written = dict(_write(folder, todo, narrator, memory_mb)) if todo else {}
    return [kept[job.path] or written[job.path] for job in jobs]


def _write(
    folder: RunFolder, jobs: Sequence[Job], narrator: Narrator, memory_mb: int
) -> Iterator[tuple[str, Artifact]]:
    with _conversions(folder, jobs, memory_mb) as conversions, open_source(folder, conversions) as source:
        ordered = sorted(jobs, key=lambda job: job.begin is not None)
        for job in ordered[1:]:  # the first is what this process does meanwhile
            if job.begin is not None:
                job.begin(source.taking(job.form))
        failed = list[ModelportError]()
        for job in narrator.track(ordered, len(jobs), "writing"):
            try:
                with staged(folder.root / job.path) as part:
                    written = job.write(source.taking(job.form), part) or Written()
                    artifact = _describe(part, job, source, written)
                    folder.place(part, artifact)
            except ModelportError as error:  # the others are still written
                if len(jobs) > 1:
                    narrator.say(f"failed {job.path}")
                failed.append(error)
                continue
            narrator.say(f"wrote  {job.path:<26} {artifact.size_bytes / 1e6:6.2f} MB  {written.note}".rstrip())
            yield job.path, artifact
        for another in failed[1:]:
            narrator.say(str(another))
        if failed:
            raise failed[0]


@contextmanager
def _conversions(folder: RunFolder, jobs: Sequence[Job], memory_mb: int) -> Iterator[Conversions]:
    """Yield what converts: other processes, where there is something to do beside them."""
    able = sum(job.begin is not None for job in jobs)
    processes = processes_within(memory_mb, min(able, len(jobs) - 1), folder.read_contract().parameters)
    with (
        temporary_log("convert") as log,
        Conversions(processes, memory_mb=memory_mb // (processes + 1), log=log) as conversions,
    ):
        yield conversions


def _describe(part: Path, job: Job, source: Source, written: Written) -> Artifact:
    measured = describe_artifact(
        part.parent,
        part,
        format=job.format,
        recipe=job.recipe,
        parent_sha256=source.contract.provenance.model_sha256,
        tools=tool_versions(),
        labels=written.labels,
        tensor_names=written.tensor_names,
        content_sha256=written.content_sha256,
        options=job.options,
        **asdict(job.form),
    )
    return replace(measured, path=job.path)


def _kept(folder: RunFolder, job: Job) -> Artifact | None:
    """Return the lock's artifact if it lies there unchanged and this job would make it again; None if there is none."""
    path = folder.root / job.path
    restore_folder(path)
    lock = folder.read_lock()
    if not path.exists():
        return None
    for artifact in lock.artifacts:
        same_job = (artifact.path, artifact.parent_sha256) == (job.path, lock.model_sha256)
        if same_job and artifact.sha256 == sha256_of(path):
            if (artifact.form, artifact.options) == (job.form, job.options):
                return artifact
            _check_order(path, artifact, job)
            return None
    raise UsageError(
        "output exists and is not what the lock says",
        where=path,
        expected="the artifact that modelport made of this model, or nothing",
        fix="move it away, or pass --overwrite",
    )


def _check_order(path: Path, artifact: Artifact, job: Job) -> None:
    """Refuse to replace what answers in the order of an old client's labels by what would not: the pair would tear."""
    if artifact.labels is not None and "like_labels" not in job.options:
        raise UsageError(
            "output answers in the order of an old client's labels, the new one would not",
            where=path,
            expected=f"{', '.join(artifact.labels[:5])}{' ...' if len(artifact.labels) > 5 else ''}",
            fix="add --like-labels OLD.txt again, leave the format out of --to, or pass --overwrite",
        )
