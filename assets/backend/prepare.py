"""Make, or find in the run, what takes the place of a backend's model: its names, its order of labels, and judged."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ...contract.artifacts import Artifact
from ...contract.errors import InputError, ModelportError, UsageError
from ...contract.json_file import read_json
from ...contract.labels import read_labels
from ...contract.model_contract import ModelContract
from ...contract.narration import Narrator
from ...contract.pixels import InputForm
from ...contract.run_folder import RunFolder
from ...convert.export_options import ExportOptions, FrozenGraphOptions
from ...convert.match_labels import match_labels
from ...convert.old_graph import OldGraph, read_old_graph
from ...validate.budgets import BudgetBook
from ..judged_run import read_judgement
from .compare_models import in_order
from .found_backend import FoundBackend
from .model_ends import check_graph_ends
from .working_copy import judge_copy, working_copy


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendOptions:
    """How a backend gets its model.

    Attributes:
        format: frozen_graph, saved_model, keras or h5; None: that of what the service loads now.
        model_file: what the service loads, relative to the backend, where modelport would find another.
        like_labels: the labels file that the service reads; None: found.
        aliases: old label to the label of the model that means the same.
        form: in which the client feeds pixels, where it feeds any.
        data: labelled images to compare old and new on; None: the run's test images.
        allow_label_change: deliver other labels, or another order, together with the model.
        max_drop_points: of top-1 against the old model, in percentage points; None: it is said, and never refused.
        budgets: what is made for this backend is judged against.
    """

    format: str | None = None
    model_file: str | None = None
    like_labels: Path | None = None
    aliases: dict[str, str] = field(default_factory=dict)
    form: InputForm = field(default_factory=InputForm)
    data: Path | None = None
    allow_label_change: bool = False
    max_drop_points: float | None = None
    budgets: BudgetBook = field(default_factory=BudgetBook)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What takes the place.

    Attributes:
        file: the new model; a file or folder.
        contract: what it promises, in its own order of labels.
        labels_file: the labels file that goes with it; None: the backend's stays as it is.
        judged: what was judged about it, in a line.
        old_graph: what the old frozen graph takes and answers; None: it is none, or cannot be read.
    """

    file: Path
    contract: ModelContract
    labels_file: Path | None = None
    judged: str
    old_graph: OldGraph | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """In the order in which it answers, as the model spells them."""
        return self.contract.first_classification.labels


@contextmanager
def prepared_for(
    backend: FoundBackend, run: RunFolder, options: BackendOptions, narrator: Narrator
) -> Iterator[Prepared]:
    """Yield what takes the place of the backend's model; files that were made for it live as long as the block.

    Raises:
        InputError: the classes are others and that is not allowed, or the old model's place cannot be taken.
        JudgedAndFailed: what was made is not the same model any more.
    """
    contract = run.read_contract()
    own = contract.first_classification.labels
    order = _order(backend, own, options)
    keeps = order is not None
    labels_file = None if keeps else run.labels
    if backend.format == "keras":
        with TemporaryDirectory(prefix="modelport-") as scratch:
            made_keras = _keras(run, contract, order or own, Path(scratch), options, narrator)
            yield replace(made_keras, labels_file=labels_file)
        return
    old = _read_old(backend, order or own, run) if backend.format == "frozen_graph" else None
    found = _in_run(run, backend, options, old, order or own, keeps)
    if found is not None:
        yield replace(found, labels_file=labels_file)
        return
    from ...convert.convert import convert

    narrator.say(f"making {backend.format} for {backend.path}")
    with working_copy(run) as copy:
        exported = ExportOptions(form=options.form, frozen_graph=_made_for(backend, options, old, keeps))
        (artifact,) = convert(copy.root, [backend.format], exported, narrator=narrator)
        promise = artifact.contract_in(contract)
        _check_order(backend, promise, order or own)
        judged = judge_copy(copy, artifact, data=options.data, budgets=options.budgets, narrator=narrator)
        file, told = copy.root / artifact.path, judged.summary
        yield Prepared(file=file, contract=promise, labels_file=labels_file, judged=told, old_graph=old)


def labels_path(backend: FoundBackend, options: BackendOptions) -> Path | None:
    """Return the labels file that the service reads; None where there is none."""
    return options.like_labels or (backend.root / backend.labels if backend.labels else None)


def _order(backend: FoundBackend, own: tuple[str, ...], options: BackendOptions) -> tuple[str, ...] | None:
    """Return the model's labels in the order of the old file; None where the labels change with the model."""
    path = labels_path(backend, options)
    if path is None:
        if backend.is_new or options.allow_label_change:
            return None
        raise InputError(
            "nothing says in which order the old model's labels are",
            where=backend.root,
            expected="the labels file that the service reads",
            fix="--like-labels OLD.txt; or --allow-label-change, which delivers labels, too",
        )
    try:
        return match_labels(read_labels(path), own, options.aliases, where=path)
    except InputError as error:
        if options.allow_label_change:
            return None
        fix = f"{error.fix}\nor --allow-label-change: model and labels are replaced together"
        raise InputError(
            error.what, where=error.where, expected=error.expected, received=error.received, fix=fix
        ) from error


def _read_old(backend: FoundBackend, order: tuple[str, ...], run: RunFolder) -> OldGraph | None:
    """Read the graph that goes; None where there is none, or where the run has one that was made for it by hand.

    Raises:
        InputError: it is damaged, or not one whose place is taken without a word from its owner.
    """
    if backend.is_new:
        return None
    try:
        return read_old_graph(backend.path)
    except InputError as error:
        if any(_is_by_hand(artifact, order) for artifact in run.read_lock().artifacts):
            return None
        fix = (
            f"modelport convert {run.root} --to frozen_graph --like-labels OLD.txt with --family, --input-name and "
            f"--output-name as the client calls it; then modelport validate {run.root}, and this again"
        )
        raise InputError(
            error.what, where=error.where, expected=error.expected, received=error.received, fix=fix
        ) from error


def _is_by_hand(artifact: Artifact, order: tuple[str, ...]) -> bool:
    """Whether its maker said what the client calls, and in which order it reads labels."""
    return artifact.format == "frozen_graph" and "family" in artifact.options and artifact.labels == order


def _made_for(backend: FoundBackend, options: BackendOptions, old: OldGraph | None, keeps: bool) -> FrozenGraphOptions:
    """Return how a frozen graph is made: with the names of the old one and, where they stay, in its order."""
    if backend.format != "frozen_graph":
        return FrozenGraphOptions()
    labels = labels_path(backend, options) if keeps else None
    aliases = options.aliases if keeps else {}
    if old is None:
        return FrozenGraphOptions(like_labels=labels, aliases=aliases)
    if keeps:
        return FrozenGraphOptions(like=backend.path, like_labels=labels, aliases=aliases)
    family, name = ("inception", old.encoded) if old.encoded else ("pixels", old.pixels.name if old.pixels else None)
    return FrozenGraphOptions(family=family, input_name=name, output_name=old.output)


def _in_run(
    run: RunFolder,
    backend: FoundBackend,
    options: BackendOptions,
    old: OldGraph | None,
    order: tuple[str, ...],
    keeps: bool,
) -> Prepared | None:
    """Return the run's own artifact, judged, if it serves: its order of labels, its form, its tensors."""
    own = run.read_contract()
    for artifact in run.read_lock().artifacts:
        is_one = (artifact.format, artifact.recipe, artifact.form) == (backend.format, "float32", options.form)
        if not is_one or artifact.contract_in(own).first_classification.labels != order:
            continue
        if backend.format == "frozen_graph" and not _serves(run.root / artifact.path, artifact, backend, old, order):
            continue
        judged = read_judgement(run).require(artifact)
        promise = artifact.contract_in(own)
        return Prepared(file=run.root / artifact.path, contract=promise, judged=judged.summary, old_graph=old)
    return None


def _serves(
    path: Path, artifact: Artifact, backend: FoundBackend, old: OldGraph | None, order: tuple[str, ...]
) -> bool:
    if old is None:
        return backend.is_new or _is_by_hand(artifact, order)
    try:
        check_graph_ends(old, path, backend.path, same_classes=False)
    except ModelportError:
        return False
    return True


def _check_order(backend: FoundBackend, promise: ModelContract, order: tuple[str, ...]) -> None:
    """Refuse a format that is not permuted."""
    found = promise.first_classification.labels
    if found == order:
        return
    raise InputError(
        f"the old labels are in another order, and {backend.format} is not permuted",
        where=backend.path,
        expected=", ".join(order[:12]),
        received=", ".join(found[:12]),
        fix="--allow-label-change, which replaces model and labels together; or let the service load a frozen graph",
    )


def _keras(
    run: RunFolder,
    contract: ModelContract,
    order: tuple[str, ...],
    scratch: Path,
    options: BackendOptions,
    narrator: Narrator,
) -> Prepared:
    """Return model.keras itself, which every artifact is judged against, or a permuted copy, judged against it."""
    if options.form != InputForm():
        fix = "drop --value-range and --preprocessing; or let the service load another format"
        raise UsageError("model.keras takes its pixels as it was trained", received=options.form, fix=fix)
    if order == contract.first_classification.labels:
        return Prepared(file=run.model, contract=contract, judged=_evaluated(run))
    from .keras_file import write_permuted_keras

    path = scratch / "model.keras"
    judged = write_permuted_keras(run, contract, order, path, data=options.data, narrator=narrator)
    return Prepared(file=path, contract=in_order(contract, order), judged=judged)


def _evaluated(run: RunFolder) -> str:
    value = read_json(run.evaluation) if run.evaluation.is_file() else {}
    accuracy = value.get("test_accuracy") if isinstance(value, dict) else None
    told = f", test accuracy {100 * accuracy:.1f} %" if isinstance(accuracy, float) else ""
    return f"the run's reference itself{told}"
