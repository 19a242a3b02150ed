"""What validation/report.json says of each artifact of a run, held to the lock and to the files by sha256."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...contract.errors import InputError
from ...contract.files.hashing import sha256_of
from ...contract.model_contract.model_contract import Provenance
from ...contract.run.artifacts import Artifact
from ...contract.run.lock import Lock
from ...contract.run.run_folder import RunFolder
from ...validate.findings.verdict import Verdict, worst
from ...validate.report.reader import ReportReader
from .judged_artifact import WITHIN, JudgedArtifact
from .judged_scores import read_heads

#: Said of an undecided artifact in a report without `is_within`.
_OLD = (
    "the report is of an older modelport, which does not say whether the point of what is undecided is within its "
    "budget: judge again with modelport validate"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The report of a run.

    Attributes:
        run: the run folder.
        created: when it was judged, UTC.
        n: images, and `images` where they are from.
        has_floor: whether a budget says that the model is any good.
        notes: sentences about the whole judgement, such as which mistakes its images cannot show.
        left_out: paths that `--only` left out.
        entries: path to (sha256 of the lock at the time, what was judged).
    """

    run: RunFolder
    created: str
    n: int
    images: str
    has_floor: bool
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    entries: dict[str, tuple[str, JudgedArtifact]] = field(default_factory=dict)

    def verdict_of(self, artifact: Artifact) -> JudgedArtifact:
        """Return what was judged about an artifact of the lock.

        Raises:
            InputError: it was exported after the report was made, or is not the file that the lock describes.
        """
        judged_sha256, judged = self.entries.get(artifact.path, ("", None))
        fix = f"modelport validate {self.run.root}"
        if judged is None and artifact.path in self.left_out:
            return JudgedArtifact(artifact=artifact, verdict=Verdict.NOT_JUDGED, sentences=("--only left it out",))
        if judged is None:
            raise InputError("artifact was not judged", where=self.run.root / artifact.path, fix=fix)
        if judged_sha256 != artifact.sha256:
            raise InputError(
                "artifact was exported again after it was judged",
                where=self.run.root / artifact.path,
                expected=f"sha256 {judged_sha256[:12]}, which was judged on {self.created}",
                received=f"sha256 {artifact.sha256[:12]}",
                fix=fix,
            )
        self._check_file(artifact)
        return judged

    def require(self, artifact: Artifact) -> JudgedArtifact:
        """Return what was judged, of an artifact that may be delivered: it passed, or its drop's points are within.

        Raises:
            InputError: as `verdict_of`; it failed, was not judged, or is undecided by more than an interval.
        """
        judged = self.verdict_of(artifact)
        if judged.is_within:
            return judged
        raise InputError(
            f"artifact is not delivered: {judged.verdict}",
            where=self.run.root / artifact.path,
            expected=WITHIN,
            received=judged.reasons,
            fix=f"modelport validate {self.run.root}, and another recipe: modelport quantize {self.run.root}",
        )

    def _check_file(self, artifact: Artifact) -> None:
        path = self.run.root / artifact.path
        if not path.exists():
            raise InputError("artifact is missing", where=path, expected=f"the file of {self.run.lock.name}")
        if (found := sha256_of(path)) != artifact.sha256:
            raise InputError(
                "artifact is not the file that was exported and judged",
                where=path,
                expected=f"sha256 {artifact.sha256[:12]}, as in {self.run.lock.name}",
                received=f"sha256 {found[:12]}: damaged or edited",
                fix=f"export it again with --overwrite, then modelport validate {self.run.root}",
            )


def read_judgement(run: RunFolder) -> Judgement:
    """Read RUN/validation/report.json. No file of an artifact is opened before somebody asks for its verdict.

    Raises:
        InputError: no run; a report that is missing, broken, or of another run or model.
    """
    contract = run.read_contract()
    read = ReportReader(run.validation / "report.json", what="report", fix=f"modelport validate {run.root}")
    value = read.load()
    _check_run(read, value, contract.provenance)
    first = next((head.name for head in contract.heads if head.kind == "classification"), "")
    left_out = read.get(read.get(value, "settings", dict, "report"), "left_out", list, "settings")
    return Judgement(
        run=run,
        created=read.get(value, "created", str, "report"),
        n=read.count(value, "n", "report"),
        images=read.get(value, "images", str, "report"),
        has_floor=read.get(value, "has_floor", bool, "report"),
        notes=_texts(value.get("notes")),
        left_out=_texts(left_out),
        entries=_entries(read, value, run.read_lock(), first),
    )


def _texts(values: object) -> tuple[str, ...]:
    return tuple(text for text in values if isinstance(text, str)) if isinstance(values, list) else ()


def _check_run(read: ReportReader, value: Any, own: Provenance) -> None:
    run_id, model = (read.get(value, name, str, "report") for name in ("run_id", "model_sha256"))
    if (run_id, model) != (own.run_id, own.model_sha256):
        raise InputError(
            "report is of another run",
            where=read.path,
            expected=f"run {own.run_id}, model {own.model_sha256[:12]}",
            received=f"run {run_id[:80]}, model {model[:12]}",
            fix=read.fix,
        )


def _entries(read: ReportReader, value: Any, lock: Lock, first: str) -> dict[str, tuple[str, JudgedArtifact]]:
    known, entries = {artifact.path: artifact for artifact in lock.artifacts}, {}
    for at, item in enumerate(read.get(value, "artifacts", list, "report")):
        where = f"artifact {at + 1}"
        name = read.get(item, "path", str, where)
        if name in entries:
            raise InputError("report holds an artifact twice", where=read.path, received=name[:200], fix=read.fix)
        if name in known:
            judged = _judged(read, item, where, known[name], first)
            entries[name] = (read.get(item, "sha256", str, where), judged)
    return entries


def _judged(read: ReportReader, item: Any, where: str, artifact: Artifact, first: str) -> JudgedArtifact:
    findings = [(each, _verdict(read, each, where)) for each in read.get(item, "findings", list, where)]
    verdict = _verdict(read, item, where)
    if verdict is not (found := worst(one for _, one in findings)):
        read.refuse(f"{where}: verdict", f"{found}, the worst of its findings", str(verdict))
    heads = read_heads(read, item, where)
    door = item.get("worst_door")
    if door is not None and (not isinstance(door, str) or door not in heads):
        read.refuse(f"{where}: worst_door", "a door that answered", door)
    described = read.section(item, "description", where)
    release = described.get("min_tflite")
    is_within = _is_within(read, item, where, verdict)
    told = [read.get(each, "sentence", str, where) for each, one in findings if one is not Verdict.PASS]
    return JudgedArtifact(
        artifact=artifact,
        verdict=verdict,
        door=door,
        head=heads[door].get(first) if door else None,
        min_tflite=None if release is None else read.get(described, "min_tflite", str, where),
        is_within=is_within,
        sentences=(*[_OLD] * (is_within is None), *told),
    )


def _is_within(read: ReportReader, item: Any, where: str, verdict: Verdict) -> bool | None:
    """Return what validate/findings/outcome.py found; None where neither the report nor its verdict says it."""
    settled = None if verdict is Verdict.UNDECIDED else verdict is Verdict.PASS
    if "is_within" not in item:
        return settled
    found = read.get(item, "is_within", bool, where)
    assert isinstance(found, bool)
    if settled not in (None, found):
        read.refuse(f"{where}: is_within", f"{settled} of one whose verdict is {verdict}", found)
    return found


def _verdict(read: ReportReader, value: Any, where: str) -> Verdict:
    text = read.get(value, "verdict", str, where)
    if text not in set(Verdict):
        read.refuse(f"{where}: verdict", " or ".join(Verdict), text)
    return Verdict(text)


def artifact_of(run: RunFolder, path: str | Path) -> Artifact:
    """Return the artifact of the lock at `path`, relative to the run folder.

    Raises:
        InputError: the lock lists none there.
    """
    artifacts = run.read_lock().artifacts
    name = Path(path).as_posix()
    found = next((artifact for artifact in artifacts if artifact.path == name), None)
    if found is None:
        known = ", ".join(artifact.path for artifact in artifacts) or "nothing was exported"
        raise InputError("no such artifact in the lock", where=run.root / name, expected=known)
    return found
