"""Make, or find in the run, what takes the place of a backend's model: its names, its order of labels, and judged."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ...contract.errors import InputError, UsageError
from ...contract.files.json_file import read_json
from ...contract.image.pixels import InputForm
from ...contract.model_contract.model_contract import ModelContract
from ...contract.narration import Narrator
from ...contract.run.run_folder import RunFolder
from ...convert.options.export_options import ExportOptions
from .compare.compare_models import in_order
from .find.found_backend import FoundBackend
from .find.old_order import Order
from .find.options import BackendOptions
from .fitting_artifact import Prepared, check_range, judged_in_run, options_like, read_old
from .working_copy import judge_copy, working_copy

__all__ = ["prepared_for"]


@contextmanager
def prepared_for(
    backend: FoundBackend, run: RunFolder, order: Order, options: BackendOptions, narrator: Narrator
) -> Iterator[Prepared]:
    """Yield what takes the place of the backend's model; files that were made for it live as long as the block.

    Raises:
        InputError: the old model's place cannot be taken.
        JudgedAndFailed: what was made is not the same model any more.
    """
    contract = run.read_contract()
    if backend.format == "keras":
        with TemporaryDirectory(prefix="modelport-") as scratch:
            yield _keras(run, contract, order.labels, Path(scratch), options, narrator)
        return
    old = read_old(backend, order.labels, run) if backend.format == "frozen_graph" else None
    found = judged_in_run(run, backend, options, old, order.labels)
    if found is not None:
        yield found
        return
    check_range(old, backend.path, options.form, contract.pixels)
    from ...convert.convert import convert

    narrator.say(f"making {backend.format} for {backend.path}")
    with working_copy(run) as copy:
        exported = ExportOptions(form=options.form, frozen_graph=options_like(backend, options, old, order))
        (artifact,) = convert(copy.root, [backend.format], exported, narrator=narrator)
        promise = artifact.contract_in(contract)
        _check_order(backend, promise, order)
        judged = judge_copy(copy, artifact, data=options.data, budgets=options.budgets, narrator=narrator)
        file, told = copy.root / artifact.path, judged.summary
        yield Prepared(file=file, contract=promise, judged=told, old_graph=old)


def _check_order(backend: FoundBackend, promise: ModelContract, order: Order) -> None:
    """Refuse a format that is not permuted."""
    found = promise.first_classification.labels
    if found == order.labels:
        return
    order.check_unchanged()
    raise InputError(
        f"the old labels are in another order, and {backend.format} is not permuted",
        where=backend.path,
        expected=", ".join(order.labels[:12]),
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
