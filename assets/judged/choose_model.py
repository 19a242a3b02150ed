"""Which TFLite file ships, by DESIGN.md's rule, and model.tflite with its entry in the lock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...contract.errors import InputError, JudgedAndFailed
from ...contract.files import disk
from ...contract.files.atomic_write import place, staged
from ...contract.files.hashing import sha256_of_file
from ...contract.files.journal import lies_there
from ...contract.model_contract.package_version import package_version
from ...contract.model_contract.tflite_release import release_key
from ...contract.run.artifacts import SHIPPED, Artifact, Shipped
from ...contract.run.lock import write_lock
from ...contract.run.run_folder import RunFolder
from ...validate.findings.verdict import Verdict
from .judged_artifact import JudgedArtifact
from .judged_run import Judgement, read_judgement

#: Runtimes whose version is a release of TensorFlow Lite; LiteRT counted from 1 again after it.
_TFLITE_RUNTIMES = ("tflite-runtime", "tensorflow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The artifact that ships.

    Attributes:
        artifact: its entry in the lock.
        verdict: PASS or UNDECIDED.
        why: one sentence: by what rule, and what smaller ones were passed over.
        judged: all that the report says of it.
    """

    artifact: Artifact
    verdict: Verdict
    why: str
    judged: JudgedArtifact


def choose_tflite(
    run: RunFolder,
    *,
    min_tflite: str | None = None,
    preprocessing: str = "none",
    judgement: Judgement | None = None,
) -> Choice:
    """Choose the smallest TFLite file that passed and that the target runs; else the smallest undecided one.

    Undecided counts only where every drop's point value is within its budget. Nothing is chosen while an artifact that
    could be is not judged as it is now: it might be the smaller one.

    Args:
        run: with a report that modelport validate wrote.
        min_tflite: the oldest TensorFlow Lite that must run it; None: the contract's. The report has held every file
            against the contract's already, so that a newer one here lets nothing more in.
        preprocessing: "none", or "in_graph" for files that take images of any size.
        judgement: the report, where it was read already.

    Raises:
        InputError: no run, no report, nothing exported in this form, or an artifact that is not as it was judged.
        JudgedAndFailed: none qualifies.
    """
    judgement = judgement or read_judgement(run)
    target = min_tflite or run.read_contract().min_tflite
    artifacts = [a for a in run.read_lock().artifacts if (a.format, a.preprocessing) == ("tflite", preprocessing)]
    if not artifacts:
        option = " --preprocessing in-graph" if preprocessing == "in_graph" else ""
        raise InputError(
            "no TFLite file was exported" + (" that takes images of any size" if option else ""),
            where=run.root,
            fix=f"modelport convert {run.root} --to tflite{option}, then modelport validate {run.root}",
        )
    judged = sorted(map(judgement.verdict_of, artifacts), key=lambda one: (one.size_bytes, one.artifact.path))
    able = [one for one in judged if _runs_on(one, target)]
    for wanted, rule in ((Verdict.PASS, "the smallest that passed"), (Verdict.UNDECIDED, _UNDECIDED)):
        found = next((one for one in able if one.verdict is wanted and one.is_within), None)
        if found is not None:
            why = f"{rule} and runs on TensorFlow Lite {target}{_passed_over(judged, found, target)}"
            return Choice(artifact=found.artifact, verdict=wanted, why=why, judged=found)
    raise JudgedAndFailed(
        "no TFLite file may ship",
        where=run.root,
        expected=f"one that passed, or is undecided by no more than an interval, and runs on TensorFlow Lite {target}",
        received="\n".join(f"{one.artifact.path}: {_why_not(one, target)}" for one in judged),
        fix=_remedy(run, judged),
    )


_UNDECIDED = "undecided, not passed: the smallest whose drop's point value is within its budget"


def record_choice(run: RunFolder, choice: Choice) -> Path:
    """Make model.tflite a copy of the chosen artifact, and say so in the lock; nothing is written if it is so already.

    The lock says so first (docs/adr/0005). Stopped after that, `inspect` names the file that still lies there, and the
    next call puts it right.

    Raises:
        InputError: the artifact is not the one that was chosen any more, or the run folder cannot be written.
    """
    artifact, lock, target = choice.artifact, run.read_lock(), run.root / SHIPPED
    if artifact not in lock.artifacts:
        fix = f"modelport validate {run.root}, and the same command again"
        raise InputError("artifact was exported again since it was chosen", where=run.root / artifact.path, fix=fix)
    wanted = Shipped(source=artifact.path, sha256=artifact.sha256, verdict=str(choice.verdict), why=choice.why)
    if any(listed.path == SHIPPED for listed in lock.artifacts):
        expected = "the lock lists it as an artifact of its own, which a choice would overwrite"
        raise InputError(
            "name of what ships is taken", where=target, received=expected, fix="modelport convert a new run"
        )
    if target.is_dir() and not target.is_symlink():
        fix = "move the folder away, and the same command again"
        raise InputError("name of what ships is taken", where=target, expected="a file or nothing", fix=fix)
    is_there = not target.is_symlink() and lies_there(target, artifact.sha256)
    if lock.shipped == wanted and is_there:
        return target
    with staged(target) as part:
        disk.copy_file(run.root / artifact.path, part)
        if (found := sha256_of_file(part)) != artifact.sha256:
            received = f"sha256 {found[:12]}, {artifact.sha256[:12]} in {run.lock.name}"
            raise InputError("artifact was changed after the export", where=run.root / artifact.path, received=received)
        if lock.shipped != wanted:
            write_lock(run.lock, replace(lock, shipped=wanted))
        if not is_there:
            place(part, target)
    return target


def _runs_on(one: JudgedArtifact, target: str) -> bool:
    """Say whether a TensorFlow Lite of this release serves the file: its operators' versions, or a trial, say so."""
    needed = one.min_tflite or _tried_release(one.artifact)
    return needed is not None and release_key(needed) <= release_key(target)


def _tried_release(artifact: Artifact) -> str | None:
    """Return the oldest TensorFlow Lite that was seen to serve the file, where one was."""
    name, _, version = (artifact.oldest_runtime or "").partition(" ")
    tried = package_version(version) if name in _TFLITE_RUNTIMES else None
    return f"{tried.major}.{tried.minor}.{tried.micro}" if tried else None


def _passed_over(judged: Sequence[JudgedArtifact], found: JudgedArtifact, target: str) -> str:
    smaller = [one for one in judged if one.size_bytes < found.size_bytes]
    told = [f"{one.artifact.path} ({one.size_bytes:,} bytes): {_why_not(one, target)}" for one in smaller]
    return f"; smaller ones do not ship: {'; '.join(told)}" if told else ""


def _remedy(run: RunFolder, judged: Sequence[JudgedArtifact]) -> str:
    """Return what helps: a judgement where none was made, or an old report says too little; else a better file."""
    if all(one.verdict is Verdict.NOT_JUDGED for one in judged) or any(one.is_within is None for one in judged):
        return f"modelport validate {run.root}"
    return f"modelport quantize {run.root}, or train longer; then modelport validate {run.root}"


def _why_not(one: JudgedArtifact, target: str) -> str:
    reasons = [f"{one.verdict}, {one.sentences[0]}" if one.sentences else str(one.verdict)] * (not one.passed)
    if one.verdict is not Verdict.NOT_JUDGED and not _runs_on(one, target):  # else nobody looked at its operators
        reasons.append(f"needs TensorFlow Lite {one.min_tflite or 'of an unknown release'}, the target has {target}")
    return "; ".join(reasons)
