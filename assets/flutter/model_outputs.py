"""Where the heads of a model are among the outputs of its .tflite file, for a runtime that only counts them."""

from typing import Any

from ...contract.errors import InputError
from ...contract.labels.heads import ClassificationHead
from ...contract.model_contract.model_contract import ModelContract
from ...runtimes.tflite.tables import load_tflite
from .dart_text import DartHead


def find_outputs(data: bytes, contract: ModelContract, where: object) -> tuple[DartHead, ...]:
    """Return the heads in the contract's order, each with its place among the outputs of the file.

    The plugin hands outputs by number, in the order of the graph; the signature says which tensor a name means.

    Args:
        data: of the .tflite file.
        contract: what it promises.
        where: the file, for errors.

    Raises:
        InputError: a damaged file, or several outputs of which the signature names none.
    """
    model = load_tflite(data, where)
    order = [int(tensor) for tensor in model.subgraphs[0].outputs]
    named = {
        _text(entry.name): int(entry.tensorIndex)
        for signature in model.signatureDefs
        if int(signature.subgraphIndex or 0) == 0
        for entry in signature.outputs or []
    }
    names = [head.name for head in contract.heads]
    if len(order) == len(names) == 1:
        named = {names[0]: order[0]}
    if len(order) != len(names) or not all(named.get(name) in order for name in names):
        raise InputError(
            "outputs of the file are not the heads of the contract",
            where=where,
            expected=", ".join(names),
            received=f"{len(order)} outputs; in the signature: {', '.join(sorted(named)) or 'no names'}",
            fix="modelport convert RUN --to tflite --overwrite, and modelport validate RUN",
        )
    return tuple(
        DartHead(
            name=head.name,
            output=order.index(named[head.name]),
            labels=head.labels if isinstance(head, ClassificationHead) else (),
            unit="" if isinstance(head, ClassificationHead) else head.unit,
        )
        for head in contract.heads
    )


def _text(name: Any) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name or "")
