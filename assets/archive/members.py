"""What goes into a bundle: names, files, and what was judged about each artifact."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ...contract.errors import InputError, UsageError
from ...contract.files.hashing import files_below
from ...contract.model_contract.model_contract import ModelContract
from ...contract.run.artifacts import SHIPPED, Artifact
from ...contract.run.run_folder import RunFolder
from ...validate.findings.verdict import Verdict
from ..backend.kaggle_profile import RECOGNIZER
from ..judged.choose_model import choose_tflite, record_choice
from ..judged.judged_artifact import WITHIN, JudgedArtifact
from ..judged.judged_run import Judgement
from .options import ArchiveOptions
from .profiles import PROFILES, RELEASE, Profile

#: The one that ships: it is chosen among the .tflite files, and has the bytes of one.
CHOSEN = SHIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledArtifact:
    """One artifact of a bundle.

    Attributes:
        name: in the bundle.
        source: the file or folder.
        judged: what validation/report.json says of it.
        why: by what rule it was chosen; "" where it was not.
    """

    name: str
    source: Path
    judged: JudgedArtifact
    why: str = ""

    @property
    def artifact(self) -> Artifact:
        """Its entry in the lock."""
        return self.judged.artifact


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All that a bundle holds but card, licence and sums.

    Attributes:
        folder: in the bundle, where everything lies; "" is its root.
        artifacts: with their verdicts.
        left_out: of a release bundle that nobody narrowed: what is undecided by more than an interval.
        has_floor: whether a budget said that the model is any good.
        notes: of the judgement, about all artifacts.
        files: name in the bundle to what becomes it: a file, or bytes; sorted by name.
    """

    folder: str
    artifacts: tuple[BundledArtifact, ...]
    left_out: tuple[BundledArtifact, ...]
    has_floor: bool
    notes: tuple[str, ...]
    files: dict[str, Path | bytes]


def choose_contents(run: RunFolder, contract: ModelContract, judgement: Judgement, options: ArchiveOptions) -> Contents:
    """Return what the profile and the artifacts that were asked for come to.

    Raises:
        InputError: a file of the profile is missing, or an artifact must not be delivered and `with_failed` is not set.
        UsageError: `include` names nothing, or two files would have one name.
    """
    profile = PROFILES[options.profile] if options.profile else RELEASE
    artifacts = (*_of_profile(run, judgement, profile, options), *_included(run, judgement, profile, options.include))
    left_out: tuple[BundledArtifact, ...] = ()
    if not options.with_failed:
        if profile is RELEASE and not options.include:
            left_out = tuple(one for one in artifacts if _is_beyond(one))
            artifacts = tuple(one for one in artifacts if one not in left_out)
        _check_verdicts(run, artifacts)
    orders = {CHOSEN if one.name == CHOSEN else one.artifact.path: one.artifact.labels for one in artifacts}
    of = next((one.artifact for one in artifacts if one.artifact.path == profile.contract_of), None)
    promised = contract if of is None else of.contract_in(contract)
    files: dict[str, Path | bytes] = {}
    members = [
        *_unfolded((one.name, one.source) for one in artifacts),
        *((name, _plain_file(run, promised, source)) for source, name in profile.files.items()),
        *([(RECOGNIZER.name, RECOGNIZER)] if profile.recognizer else []),
        *_labels(profile, contract, artifacts, orders),
    ]
    for name, content in members:
        if name in files:
            raise UsageError("two files of the bundle would have one name", received=name, fix="include one of them")
        files[name] = content
    return Contents(
        folder=profile.folder,
        artifacts=artifacts,
        left_out=left_out,
        has_floor=judgement.has_floor,
        notes=judgement.notes,
        files=dict(sorted(files.items())),
    )


def _of_profile(
    run: RunFolder, judgement: Judgement, profile: Profile, options: ArchiveOptions
) -> Iterator[BundledArtifact]:
    listed = {artifact.path: artifact for artifact in run.read_lock().artifacts}
    for source, name in profile.artifacts.items():
        why = ""
        if source == CHOSEN:
            form, oldest = options.preprocessing, options.min_tflite
            choice = choose_tflite(run, min_tflite=oldest, preprocessing=form, judgement=judgement)
            record_choice(run, choice)
            artifact, why = choice.artifact, f"{choice.artifact.path}, {choice.why}"
        elif source in listed:
            artifact = listed[source]
        else:
            fix = f"modelport convert {run.root} --to frozen_graph, then modelport validate {run.root}"
            raise InputError("the profile needs an artifact that was not exported", where=run.root / source, fix=fix)
        judged = judgement.verdict_of(artifact)
        yield BundledArtifact(name=name, source=run.root / source, judged=judged, why=why)


def _included(
    run: RunFolder, judgement: Judgement, profile: Profile, include: tuple[str, ...]
) -> Iterator[BundledArtifact]:
    """Yield what `include` names; without a profile and without a wish, all."""
    artifacts = run.read_lock().artifacts
    names = {artifact.path: {artifact.path, artifact.format, artifact.recipe} for artifact in artifacts}
    known = set().union(*names.values())
    if unknown := [name for name in include if name not in known]:
        raise UsageError(
            "--include names nothing that was exported",
            received=", ".join(unknown),
            expected="some of " + ", ".join(sorted(known)),
            fix=f"modelport convert {run.root}, or modelport quantize {run.root}",
        )
    if not artifacts:
        raise InputError(
            "nothing to deliver: no artifact was exported", where=run.root, fix=f"modelport convert {run.root}"
        )
    for artifact in artifacts:
        wanted = bool(names[artifact.path] & set(include)) if include else profile is RELEASE
        if wanted and artifact.path not in profile.artifacts:
            judged = judgement.verdict_of(artifact)
            yield BundledArtifact(name=artifact.path, source=run.root / artifact.path, judged=judged)


def _is_beyond(one: BundledArtifact) -> bool:
    return one.judged.verdict is Verdict.UNDECIDED and one.judged.is_within is False


def _check_verdicts(run: RunFolder, artifacts: Iterable[BundledArtifact]) -> None:
    refused = [one for one in artifacts if not one.judged.is_within]
    if not refused:
        return
    again = f"modelport validate {run.root}, " if any(one.judged.is_within is None for one in refused) else ""
    sound = ",".join(one.artifact.path for one in artifacts if one.judged.is_within)
    instead = f"--include {sound} leaves them out, " if sound else ""
    raise InputError(
        "artifacts did not pass, and are not put into a bundle unsaid",
        where=run.root,
        expected=WITHIN,
        received="\n".join(
            f"{one.name}: {'; '.join((str(one.judged.verdict), *one.judged.sentences[:2]))}" for one in refused
        ),
        fix=f"{again}{instead}--with-failed puts them in, and the model card says so",
    )


def _unfolded(named: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, Path]]:
    for name, source in named:
        if source.is_dir():
            yield from ((f"{name}/{file.relative_to(source).as_posix()}", file) for file in files_below(source))
        else:
            yield name, source


def _plain_file(run: RunFolder, contract: ModelContract, source: str) -> Path | bytes:
    """Return a file of the run; contract.json without the data set's folder, which is nobody else's business."""
    if source == run.contract.name:
        public = replace(contract, provenance=replace(contract.provenance, dataset=None))
        return (json.dumps(public.to_json(), indent=2, ensure_ascii=False) + "\n").encode()
    if not (run.root / source).is_file():
        raise InputError("the run has no such file", where=run.root / source, fix="train or adopt the model again")
    return run.root / source


def _labels(
    profile: Profile,
    contract: ModelContract,
    artifacts: Iterable[BundledArtifact],
    orders: dict[str, tuple[str, ...] | None],
) -> Iterator[tuple[str, bytes]]:
    """Yield the labels files: a model that answers in another order than the run gets one of its own."""
    own = contract.first_classification.labels
    for name, model in profile.labels.items():
        yield name, _lines(orders.get(model) or own)
    for one in artifacts:
        paired = one.name == CHOSEN or one.artifact.path in profile.labels.values()
        if one.artifact.labels not in (None, own) and not paired:
            yield f"{one.name}.labels.txt", _lines(one.artifact.labels or own)


def _lines(labels: tuple[str, ...]) -> bytes:
    return "".join(f"{label}\n" for label in labels).encode()
