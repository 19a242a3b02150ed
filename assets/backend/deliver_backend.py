"""`modelport deliver backend`: find what the service loads, make what fits there, compare, swap."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from ...contract.model_contract.model_contract import ModelContract
from ...contract.narration import Narrator, Silent
from ...contract.run.run_folder import RunFolder
from .compare.compare_models import Compared, check_drop, check_old, compare_models, in_order
from .find.found_backend import PLACES, FoundBackend, find_backend
from .find.model_ends import check_graph_ends, check_model_ends, old_graph_contract
from .find.old_order import decide_order
from .find.options import BackendOptions
from .fitting_artifact import Prepared
from .prepare import prepared_for
from .store.backend_record import files_now
from .store.put_state import LINKED
from .store.swap import Swapped, is_delivered, swap

#: What a service must do that has loaded the old model.
RESTART = "The service loads its model once: restart it. (modelport's reference service takes it up by itself.)"
#: Two paths are opened one after the other.
STOP_FIRST = (
    "Model and labels were replaced together, by one link. A service that opens both paths may still open one before "
    "and one after: it must be stopped first."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendDelivery:
    """What was done.

    Attributes:
        backend: its folder.
        found: what its service loads.
        swapped: what changed on disk; None: it lay there already.
        compared: old and new side by side; None: it lay there already.
        judged: what was judged about the new model, in a line.
        warnings: what must be looked at.
        notes: what else is to be done or known.
    """

    backend: Path
    found: FoundBackend
    swapped: Swapped | None
    compared: Compared | None
    judged: str | None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def deliver_backend(
    run: str | Path,
    backend: str | Path,
    options: BackendOptions | None = None,
    *,
    overwrite: bool = False,
    narrator: Narrator | None = None,
) -> BackendDelivery:
    """Put the model of a run in the place of what a backend's service loads.

    Args:
        run: the run folder; nothing is written there.
        backend: the backend's folder.
        options: see BackendOptions.
        overwrite: make and compare it again where it lies there already.
        narrator: told about each step.

    Raises:
        InputError: the service would load something else, the classes are others, or the old model's place cannot be
            taken. The backend is as it was.
        JudgedAndFailed: the new model is not the run's any more, or is worse than the budget allows; or the old one
            answers no better than chance.
    """
    folder, root = RunFolder(Path(run)), Path(backend)
    options, narrator = options or BackendOptions(), narrator or Silent()
    contract = folder.read_contract()
    found = find_backend(root, format=options.format, model=options.model_file, labels=options.like_labels)
    order = decide_order(found, contract.first_classification.labels, options)
    made_of = partial(_digest, contract, found, options)
    if not overwrite and is_delivered(root, found.model, made_of(order.said or None)):
        return BackendDelivery(
            backend=root, found=found, swapped=None, compared=None, judged=None, warnings=_unswapped(found)
        )
    labels = found.labels or (None if order.keeps else _labels_beside(found))
    looked_at = files_now(root, (found.model, *([labels] if labels else [])))
    with prepared_for(found, folder, order, options, narrator) as prepared:
        compared = _compare(found, prepared, options, order.keeps, narrator)
        warnings = check_old(compared, old_is_broken=options.old_is_broken)
        warnings += check_drop(compared, options.max_drop_points)
        new = {found.model: prepared.file} | ({labels: folder.labels} if labels and not order.keeps else {})
        order.check_unchanged()
        swapped = swap(
            root,
            found.model,
            new,
            run_id=contract.provenance.run_id,
            made_of=made_of(order.delivered),
            labels=labels,
            expected=looked_at,
        )
    return BackendDelivery(
        backend=root,
        found=found,
        swapped=swapped,
        compared=compared,
        judged=prepared.judged,
        warnings=(*warnings, *_unswapped(found)),
        notes=_notes(swapped, is_new=found.is_new, is_pair=len(new) > 1),
    )


def _compare(
    found: FoundBackend, prepared: Prepared, options: BackendOptions, keeps: bool, narrator: Narrator
) -> Compared:
    """Hold what both take and answer together, then ask both."""
    contract, kind = prepared.contract, found.format
    old: tuple[Path, str, ModelContract] | str
    if found.is_new:
        old = "there is none"
    elif kind == "frozen_graph":
        graph = prepared.old_graph
        if graph is None:
            old = "its tensors cannot be read; the run's graph was made for it by hand"
        else:
            check_graph_ends(graph, prepared.file, found.path, same_classes=keeps)
            old = (found.path, kind, old_graph_contract(graph, contract))
    else:
        check_model_ends(found.path, prepared.file, same_classes=keeps, same_names=kind == "saved_model")
        old = (found.path, kind, in_order(contract, prepared.labels))
    if not keeps and not found.is_new:
        old = "it answers other labels"
    return compare_models(old, (prepared.file, kind, contract), data=options.data, narrator=narrator)


def _notes(swapped: Swapped, *, is_new: bool, is_pair: bool) -> tuple[str, ...]:
    """Return what else is to be done or known."""
    if not swapped.changed:
        return ()
    owners = tuple(
        f"{path} was a link to {text}, and that stays as it was; --rollback lets it lead there again"
        for path, text in swapped.owners_links.items()
    )
    linked = (LINKED,) if swapped.linked else ()
    return (*linked, *owners, *([] if is_new else [STOP_FIRST, RESTART] if is_pair else [RESTART]))


def _labels_beside(found: FoundBackend) -> str:
    return (Path(found.model).parent / "training_set_labels.txt").as_posix()


def _unswapped(found: FoundBackend) -> tuple[str, ...]:
    """Return what lies there, or is named in the code, and is not touched."""
    order = [place.path for place in PLACES]
    before = order[: order.index(found.model)] if found.model in order else order
    passed = [
        f"{path} lies there, too: a service that prefers it sees nothing of this delivery"
        if path in before
        else f"{path} stays as it was: the service prefers {found.model}"
        for path in found.passed_over
    ]
    there = [f"{one.code} names {one.name}, which this delivery does not touch" for one in found.named if one.is_there]
    return (*passed, *there)


def _digest(
    contract: ModelContract, found: FoundBackend, options: BackendOptions, labels: tuple[str, ...] | None
) -> str:
    """Return a digest of all that decides about what is delivered, so that the same command again does nothing."""
    value = {
        "model_sha256": contract.provenance.model_sha256,
        "format": found.format,
        "form": asdict(options.form),
        "labels": labels,
        "aliases": options.aliases,
    }
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
