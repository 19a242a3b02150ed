"""`modelport deliver web`: a static page with a run's TensorFlow.js model."""

from dataclasses import dataclass, replace
from pathlib import Path

from ...contract.errors import InputError, JudgedAndFailed
from ...contract.model_contract.model_contract import ModelContract
from ...contract.narration import Narrator, Silent
from ...contract.run.artifacts import Artifact
from ...contract.run.run_folder import RunFolder
from ...runtimes.tfjs.tfjs_packages import VERSION
from ..delivery.deliver_files import Delivered, deliver_files
from ..judged.judged_artifact import JudgedArtifact
from ..judged.judged_run import Judgement, artifact_of, read_judgement
from .options import WebOptions
from .site_files import Site, site_files, version_of
from .vendored_tfjs import INTEGRITY, vendored_files

PRODUCT = "web"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredSite:
    """What was delivered.

    Attributes:
        kind: "doodle": one draws, "photo": one shows.
        artifact: path in the run folder of the model.
        judged: its verdict in a line.
        version: hash of the site's content; the cache of the service worker is named after it.
        size_bytes: of all files.
        files: what became of each.
        notes: what whoever delivers should know.
    """

    kind: str
    artifact: str
    judged: str
    version: str
    size_bytes: int
    files: Delivered
    notes: tuple[str, ...]


def deliver_web(run: Path, site: Path, options: WebOptions, *, narrator: Narrator | None = None) -> DeliveredSite:
    """Write a static site with the TensorFlow.js model of a run, whole or as it was.

    Args:
        run: a run folder with a report of `modelport validate`.
        site: folder to write; an earlier delivery in it is replaced.
        options: see WebOptions.
        narrator: told where TensorFlow.js comes from.

    Raises:
        InputError: no run, no report, no such model, one that may not be delivered, or TensorFlow.js is not to be had.
        JudgedAndFailed: none of the TensorFlow.js models passed.
        UsageError: files in the way.
        MissingExtraError: npm is needed and not installed.
    """
    folder = RunFolder(run)
    contract, judgement = folder.read_contract(), read_judgement(folder)
    judged = choose_tfjs(folder, judgement, options.artifact)
    own = judged.artifact.contract_in(contract)
    labels = own.first_classification.labels  # refused here where there is no classification
    made = Site(
        title=options.title or f"{'Photo' if own.drawing is None else 'Drawing'} classifier, {len(labels)} classes",
        contract=own,
        model=folder.root / judged.artifact.path,
        about=_about(judged, contract),
        assembly=options.assembly if own.drawing is None else replace(options.assembly, hold_ms=0),
        vendored=vendored_files(options.tfjs, narrator or Silent()),
    )
    files = site_files(made)
    about = {
        "run_id": contract.provenance.run_id,
        "model_sha256": contract.provenance.model_sha256,
        "artifact": judged.artifact.path,
        "artifact_sha256": judged.artifact.sha256,
        "verdict": judged.summary,
        "tfjs": VERSION,
        **{f"@tensorflow/{name}": value for name, value in INTEGRITY.items()},
    }
    delivered = deliver_files(site, files, product=PRODUCT, overwrite=options.overwrite, about=about)
    return DeliveredSite(
        kind=made.kind,
        artifact=judged.artifact.path,
        judged=judged.summary,
        version=version_of(files),
        size_bytes=sum(len(one) if isinstance(one, bytes) else one.stat().st_size for one in files.values()),
        files=delivered,
        notes=_notes(judged, judgement, contract),
    )


def choose_tfjs(folder: RunFolder, judgement: Judgement, name: str | None) -> JudgedArtifact:
    """Return the model that a page gets: the named one, else the smallest that passed, else the smallest undecided one.

    Without a name, models that resize in the graph count only where there are no others: the page resizes faster.

    Raises:
        InputError: nothing was exported for pages, or the named artifact is for none, or may not be delivered.
        JudgedAndFailed: no artifact may be delivered.
    """
    if name is not None:
        artifact = artifact_of(folder, name)
        if artifact.format != "tfjs":
            received, known = f"{artifact.format}, {artifact.recipe}", _names(_models(folder))
            raise InputError(
                "artifact is no TensorFlow.js model", where="--artifact", expected=known, received=received
            )
        return judgement.require(artifact)
    models = _models(folder)
    if not models:
        fix = f"modelport convert {folder.root} --to tfjs, then modelport validate {folder.root}"
        raise InputError("no TensorFlow.js model was exported", where=folder.root, fix=fix)
    judged = [judgement.verdict_of(artifact) for artifact in models]
    able = sorted(
        (one for one in judged if one.is_within),
        key=lambda one: (one.artifact.preprocessing != "none", not one.passed, one.size_bytes),
    )
    if not able:
        raise JudgedAndFailed(
            "no TensorFlow.js model may be delivered",
            where=folder.root,
            expected="one that passed, or is undecided by no more than an interval",
            received="\n".join(f"{one.artifact.path}: {one.verdict} {'; '.join(one.sentences[:2])}" for one in judged),
            fix=f"modelport validate {folder.root}, and read its report",
        )
    return able[0]


def _models(folder: RunFolder) -> list[Artifact]:
    return [artifact for artifact in folder.read_lock().artifacts if artifact.format == "tfjs"]


def _names(artifacts: list[Artifact]) -> str:
    return " or ".join(artifact.path for artifact in artifacts) or "none was exported: modelport convert RUN --to tfjs"


def _about(judged: JudgedArtifact, contract: ModelContract) -> str:
    own = contract.provenance
    return f"TensorFlow.js {judged.artifact.recipe}, {judged.summary}. Run {own.run_id}, model {own.model_sha256[:12]}."


def _notes(judged: JudgedArtifact, judgement: Judgement, contract: ModelContract) -> tuple[str, ...]:
    notes = []
    if not judged.passed:
        notes.append(f"{judged.artifact.path} is undecided, not passed: {'; '.join(judged.sentences[:2])}")
    if not judgement.has_floor:
        notes.append("no budget says that the model is any good: none has min_top1")
    if contract.drawing is None:
        notes.append("a photo page: contract.json has no drawing part (modelport train --drawing, for a canvas)")
    return tuple(notes)
