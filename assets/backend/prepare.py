"""Make, or find in the run, what takes the place of a backend's model: its names, its order of labels, and judged."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ...contract.errors import InputError, UsageError
from ...contract.json_file import read_json
from ...contract.labels import read_labels
from ...contract.model_contract import ModelContract
from ...contract.narration import Narrator
from ...contract.pixels import InputForm
from ...contract.run_folder import RunFolder
from ...convert.export_options import ExportOptions
from ...convert.match_labels import match_labels
from .backend_options import BackendOptions
from .compare_models import in_order
from .fitting_artifact import Prepared, judged_in_run, labels_path, options_like, read_old
from .found_backend import FoundBackend
from .working_copy import judge_copy, working_copy

__all__ = ["prepared_for"]


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
    old = read_old(backend, order or own, run) if backend.format == "frozen_graph" else None
    found = judged_in_run(run, backend, options, old, order or own)
    if found is not None:
        yield replace(found, labels_file=labels_file)
        return
    from ...convert.convert import convert

    narrator.say(f"making {backend.format} for {backend.path}")
    with working_copy(run) as copy:
        exported = ExportOptions(form=options.form, frozen_graph=options_like(backend, options, old, keeps))
        (artifact,) = convert(copy.root, [backend.format], exported, narrator=narrator)
        promise = artifact.contract_in(contract)
        _check_order(backend, promise, order or own)
        judged = judge_copy(copy, artifact, data=options.data, budgets=options.budgets, narrator=narrator)
        file, told = copy.root / artifact.path, judged.summary
        yield Prepared(file=file, contract=promise, labels_file=labels_file, judged=told, old_graph=old)


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
