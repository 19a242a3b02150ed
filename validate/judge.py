"""Judge every artifact of a run against the stored reference on the same labelled images."""

import hashlib
import tempfile
from pathlib import Path

from ..contract.errors import InputError, UsageError
from ..contract.model_contract.provenance import tool_versions, utc_now
from ..contract.narration import Narrator, Silent
from ..contract.run.artifacts import Artifact
from ..contract.run.reference import read_reference
from ..runtimes.environment.environment import interpreter_of
from .answers.bench import Bench, Opener
from .answers.evidence import gather_evidence
from .answers.image_stream import ImageStream
from .findings.outcome import Outcome
from .given_artifacts import describe_given
from .judge_all import judge_all
from .judge_options import JudgeOptions
from .notes import image_notes, island_notes, judgement_notes
from .report.report import Report
from .report.thumbnails import thumbnails_of
from .scores.head_scores import Accuracy
from .scores.parity import accuracy_of
from .selection import absent_outcomes, budget_notes, not_given_outcomes, select
from .subject import Subject, open_subject, report_folder

__all__ = ["JudgeOptions", "judge_run"]

#: Why no artifact falls under a section of the budget file.
_NOT_GIVEN, _LEFT_OUT = "Not applied, as no given file falls under it", "Left out by --only"


def judge_run(
    root: str | Path,
    options: JudgeOptions | None = None,
    *,
    narrator: Narrator | None = None,
    opener: Opener | None = None,
) -> Report:
    """Judge the artifacts of a run, or any file against a run or its gate pack. Writes nothing but logs for the report.

    Artifacts run side by side, and then, where their time is asked for, alone.

    Args:
        root: the run folder, which may be read-only if the report goes elsewhere; or a gate pack.
        options: see JudgeOptions.
        narrator: hears the progress.
        opener: opens one artifact; None: in a worker process.

    Raises:
        InputError: no run folder or no artifacts in it, no images, labels that do not match.
        UsageError: `only` names nothing that was exported, or the report cannot be written.

    """
    path, options, narrator = Path(root), options or JudgeOptions(), narrator or Silent()
    folder = options.report or report_folder(path)
    with open_subject(path, options.data) as subject:
        _check_writable(folder)
        python = interpreter_of(options.runtime, narrator) if options.runtime else None
        chosen, absent = _choose(subject, options, folder)
        bench = _lay_out(subject, folder, options.artifacts, narrator)
        judged = judge_all(chosen, bench, options, python=python, opener=opener, narrator=narrator)
        return Report(
            run_id=subject.lock.run_id,
            model_sha256=subject.lock.model_sha256,
            created=utc_now(),
            n=len(subject.images.images),
            images=subject.images.origin,
            budgets_file=options.budgets.file,
            only=options.only,
            left_out=() if options.artifacts else tuple(a.path for a in subject.lock.artifacts if a not in chosen),
            strict=options.strict,
            limits=judged.limits,
            runtime=None if python is None else str(python),
            reference=_reference_accuracy(bench),
            notes=(
                *judgement_notes(subject, chosen, bench.evidence),
                *image_notes(bench.stream, bench.contract.pixels, judged.outcomes),
                *island_notes(judged.outcomes),
                *budget_notes(chosen, absent, options.budgets, _NOT_GIVEN if options.artifacts else _LEFT_OUT),
                *judged.notes,
            ),
            lost_images=bench.evidence.missing if options.data is None else 0,
            outcomes=(*judged.outcomes, *absent),
            tools=tool_versions(),
            images_sha256=_digest(bench.stream),
            thumbnails=thumbnails_of(
                judged.outcomes, dict(zip(bench.evidence.names, bench.stream.paths, strict=True)), bench.contract.pixels
            ),
        )


def _choose(subject: Subject, options: JudgeOptions, report: Path) -> tuple[list[Artifact], tuple[Outcome, ...]]:
    """Return the artifacts to judge, and the outcomes of those that a budget names and that are not there."""
    if options.artifacts:
        given = describe_given(options.artifacts, subject.lock, subject.contract, report / "logs")
        options.budgets.check(subject.contract, (*subject.lock.artifacts, *given))
        return given, not_given_outcomes(given, options.budgets) if options.strict else ()
    if subject.is_pack:
        fix = "modelport validate gate.zip --artifact new.tflite"
        raise UsageError("a gate pack holds no artifacts", where=subject.images.origin, fix=fix)
    options.budgets.check(subject.contract, subject.lock.artifacts)
    chosen = select(subject.lock, options.only)
    absent = absent_outcomes(subject.lock, options.budgets, options.only)
    if not chosen and not absent:
        fix = f"modelport convert {subject.run.root}"
        raise InputError("nothing to judge: no artifact was exported", where=subject.run.root, fix=fix)
    return list(chosen), absent


def _lay_out(subject: Subject, report: Path, given: tuple[Path, ...], narrator: Narrator) -> Bench:
    """Decode the images and match them with the reference."""
    run, contract, found = subject.run, subject.contract, subject.images
    stream = ImageStream(tuple(image.path for image in found.images), contract.pixels, narrator=narrator)
    reference = read_reference(run.reference) if run.reference.is_file() else None
    return Bench(
        root=run.root,
        contract=contract,
        stream=stream,
        evidence=gather_evidence(contract, found, stream, reference),
        logs=report / "logs",
        given={path.absolute().name: path for path in given},
        siblings=subject.lock.artifacts,
    )


def _digest(stream: ImageStream) -> str:
    """Return what two judgements of the same images have in common, in whatever order and folder they lie."""
    return hashlib.sha256("\n".join(sorted(stream.file_sha256)).encode()).hexdigest()


def _reference_accuracy(bench: Bench) -> Accuracy | None:
    head = bench.evidence.heads[bench.contract.first_classification.name]
    both = head.known & bench.evidence.matched
    return accuracy_of(head.reference[both], head.truth[both])


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(
            "report cannot be written", where=folder, received=error.strerror, fix="modelport validate RUN --report DIR"
        ) from error
