"""Judge every artifact of a run against the stored reference on the same labelled images."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ..contract.errors import InputError, UsageError
from ..contract.labelled_images import LabelledImages, find_labelled_images
from ..contract.model_contract import ModelContract
from ..contract.narration import Narrator, Silent
from ..contract.provenance import tool_versions, utc_now
from ..contract.reference import read_reference
from ..contract.run_folder import RunFolder
from ..runtimes.interpreter import find_interpreter
from ..runtimes.limits import Limits
from ..runtimes.session import Workers
from .bench import Bench, Opener
from .budgets import BudgetBook
from .evidence import gather_evidence
from .head_scores import Accuracy
from .image_stream import ImageStream
from .judge_artifact import judge_artifact
from .notes import judgement_notes
from .parity import accuracy_of
from .report import Report
from .selection import absent_outcomes, select


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOptions:
    """How to judge.

    Attributes:
        data: folder of labelled images; None: the test split of the training run.
        only: formats, recipes or paths to judge; empty: everything.
        budgets: what to judge against.
        strict: fail what is undecided, and a judgement without a floor or on a test split that lost images.
        limits: of each worker process that runs artifacts.
        runtime: Python program, or folder of a virtual environment, whose runtimes are used; None: this one's.
        report: folder of the report; None: RUN/validation. Nothing else is written.

    """

    data: Path | None = None
    only: tuple[str, ...] = ()
    budgets: BudgetBook = field(default_factory=BudgetBook)
    strict: bool = False
    limits: Limits = field(default_factory=Limits)
    runtime: Path | None = None
    report: Path | None = None

    def report_folder(self, run: RunFolder) -> Path:
        """Where the report of `run` goes."""
        return self.report or run.validation


def judge_run(
    root: str | Path,
    options: JudgeOptions | None = None,
    *,
    narrator: Narrator | None = None,
    opener: Opener | None = None,
) -> Report:
    """Judge the artifacts of a run folder. Writes nothing but logs below the folder of the report.

    Args:
        root: the run folder; it may be read-only if the report goes elsewhere.
        options: see JudgeOptions.
        narrator: hears the progress.
        opener: opens one artifact; None: in a worker process.

    Raises:
        InputError: no run folder or no artifacts in it, no images, labels that do not match.
        UsageError: `only` names nothing that was exported, or the report cannot be written.

    """
    run, options, narrator = RunFolder(Path(root)), options or JudgeOptions(), narrator or Silent()
    contract, lock = run.read_contract(), run.read_lock()
    chosen = select(lock, options.only)
    absent = absent_outcomes(lock, options.budgets, options.only)
    if not chosen and not absent:
        raise InputError("nothing to judge: no artifact was exported", where=run.root, fix=f"modelport convert {root}")
    _check_writable(options.report_folder(run))
    found = find_labelled_images(contract, options.data)
    python = find_interpreter(options.runtime) if options.runtime else None
    with Workers(python, options.limits) as workers:
        bench = _lay_out(run, contract, found, options, narrator, opener or workers.open)
        budgets = [options.budgets.of_artifact(artifact, contract) for artifact in chosen]
        judged = [judge_artifact(artifact, limits, bench) for artifact, limits in zip(chosen, budgets, strict=True)]
    return Report(
        run_id=lock.run_id,
        model_sha256=lock.model_sha256,
        created=utc_now(),
        n=len(found.images),
        images=found.origin,
        budgets_file=options.budgets.file,
        only=options.only,
        left_out=tuple(artifact.path for artifact in lock.artifacts if artifact not in chosen),
        strict=options.strict,
        limits=options.limits,
        runtime=None if python is None else str(python),
        reference=_reference_accuracy(bench),
        notes=judgement_notes(run, lock, found, bench.evidence),
        lost_images=bench.evidence.missing if options.data is None else 0,
        outcomes=(*judged, *absent),
        tools=tool_versions(),
    )


def _lay_out(
    run: RunFolder,
    contract: ModelContract,
    found: LabelledImages,
    options: JudgeOptions,
    narrator: Narrator,
    opener: Opener,
) -> Bench:
    """Decode the images and match them with the reference."""
    stream = ImageStream(tuple(image.path for image in found.images), contract.pixels, narrator=narrator)
    reference = read_reference(run.reference) if run.reference.is_file() else None
    return Bench(
        root=run.root,
        contract=contract,
        stream=stream,
        evidence=gather_evidence(contract, found, stream, reference),
        open_artifact=opener,
        logs=options.report_folder(run) / "logs",
        narrator=narrator,
    )


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
