"""Is what `modelport ship` delivered to a backend still there? Its owner may have taken it back, and has a reason."""

from pathlib import Path

from ....contract.errors import UsageError
from ....contract.files.hashing import sha256_of_file
from ...backend.store.backend_record import read_record
from ..engine.step import Shipping, Turn, hashes, name_in
from ..plan.plan import DeliveryPlan


def delivered_files(backend: Path, model: str) -> tuple[Path, ...]:
    """Return the model that was delivered, and the labels file that the service reads with it."""
    stack = read_record(backend).stacks.get(model, ())
    return tuple(backend / name for name in dict.fromkeys([model, *(stack[-1].files if stack else ())]))


def refuse_backend(shipping: Shipping, turn: Turn, *, delivery: DeliveryPlan) -> None:
    """Refuse to deliver the same model once more over what somebody put in its place since, or beside other labels.

    A model that was trained since is another one, and is delivered; so is one that is gone.

    Raises:
        UsageError: the model was taken back or replaced, or the labels changed, and `--from` was not asked for.
    """
    before, work, contract = turn.before, shipping.plan.work, shipping.run.contract
    if turn.forced or before is None or not before.done or not before.outputs or not contract.is_file():
        return
    # a record of an older modelport names the model alone
    model, found = before.facts.get("model", next(iter(before.outputs))), hashes(work, before.outputs)
    now = {"target": name_in(work, delivery.target), "contract_sha256": sha256_of_file(contract)}
    if (
        "profile" in delivery.options
        or model not in found
        or any(before.inputs.get(name) != value for name, value in now.items())
    ):
        return
    fix = f"modelport ship {shipping.plan.file} --from deliver.backend delivers it again"
    if found[model] != before.outputs.get(model):
        raise UsageError("the model was taken back or replaced since", where=work / model, fix=fix)
    others = [name for name, digest in before.outputs.items() if found.get(name) != digest]
    if others:
        raise UsageError(
            "the labels were changed since the model was delivered, which answers in the order of the old ones",
            where=work / others[0],
            expected=f"sha256 {before.outputs[others[0]]}",
            received=found.get(others[0], "nothing"),
            fix=f"put the old ones back; or {fix}",
        )
