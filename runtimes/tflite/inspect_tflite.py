"""Inspect a .tflite file: the file's own bytes, without running it."""

from collections import Counter
from pathlib import Path
from typing import Any

from ..embedded_contract.embedded_promise import parse_promise, tflite_buffer
from ..embedded_contract.tflite_metadata import TfliteMetadata, read_tflite_metadata
from ..embedded_contract.tflite_metadata_fields import BUFFER_NAME, CONTRACT_BUFFER_NAME
from ..facts.inspection import DelegateShare, InspectedTensor, Inspection, Problem
from .graph import (
    DTYPES,
    GraphOperator,
    last_operators,
    operators_of,
    weight_bytes_of,
    weights_of,
)
from .open_tflite import read_tflite
from .tables import load_tflite
from .xnnpack_rules import SOURCE, is_taken

_EDGETPU = "edgetpu-custom-op"


def inspect_tflite(path: Path) -> Inspection:
    """Return what stands in the file.

    Raises:
        InputError: not a TFLite model, or a damaged one.
    """
    data = path.read_bytes()
    model = load_tflite(data, path)
    facts = read_tflite(data)
    metadata = read_tflite_metadata(data, tflite_buffer(model, BUFFER_NAME))
    graph = model.subgraphs[0] if model.subgraphs else None
    operators = operators_of(model, graph) if graph else []
    weights = weights_of(model)
    inspection = Inspection(
        path=str(path),
        format="tflite",
        variant=f"TensorFlow Lite, schema {model.version}",
        size_bytes=len(data),
        parameters=sum(constant.elements for constant in weights),
        inputs=_tensors(model, graph, "inputs"),
        outputs=_tensors(model, graph, "outputs"),
        operators=facts["operators"],
        operator_kinds=dict(sorted(Counter(operator.kind for operator in operators).items())),
        weight_bytes=weight_bytes_of(weights),
        custom_operators=facts["custom_operators"],
        flex_operators=facts["flex_operators"],
        min_tflite=facts["min_tflite"],
        min_tflite_because=facts["min_tflite_because"],
        understated_operators=facts["understated_operators"],
        unknown_operators=facts["unknown_operators"],
        delegate=_share(operators, facts),
        metadata=_texts(model, metadata),
        labels=metadata.labels,
        contract=parse_promise(tflite_buffer(model, CONTRACT_BUFFER_NAME)),
    )
    return inspection.with_problems(*_problems(inspection, operators, graph, metadata, len(model.subgraphs)))


def _texts(model: Any, metadata: TfliteMetadata) -> dict[str, str]:
    texts = {"converter": _text(model.description)} if model.description else {}
    for entry in model.metadata:
        data = model.buffers[entry.buffer].data
        if _text(entry.name) == "min_runtime_version" and data is not None:
            texts["min_runtime_version"] = bytes(data).rstrip(b"\0").decode(errors="replace")[:100]
    signatures = [_text(signature.signatureKey) for signature in model.signatureDefs]
    extra = {"signatures": ", ".join(signatures), "files": ", ".join(metadata.files)}
    return texts | metadata.texts | {key: value for key, value in extra.items() if value}


def _tensors(model: Any, graph: Any, role: str) -> tuple[InspectedTensor, ...]:
    """Return the inputs or outputs of the main graph, named by its signature where there is exactly one."""
    numbers = getattr(graph, role, None)
    names: dict[int, str] = {}
    if role == "outputs" and len(model.signatureDefs) == 1:
        names = {entry.tensorIndex: _text(entry.name) for entry in getattr(model.signatureDefs[0], role) or []}
    return tuple(_tensor(graph.tensors[int(i)], names.get(int(i))) for i in (() if numbers is None else numbers))


def _tensor(tensor: Any, name: str | None) -> InspectedTensor:
    shape = tensor.shape if tensor.shapeSignature is None else tensor.shapeSignature
    scales, zeros = (
        [] if (values := getattr(tensor.quantization, key, None)) is None else list(values)
        for key in ("scale", "zeroPoint")
    )
    return InspectedTensor(
        name=name or _text(tensor.name),
        dtype={"string": "bytes"}.get(dtype := DTYPES.get(tensor.type, f"type {tensor.type}"), dtype),
        shape=tuple(None if size < 0 else int(size) for size in (() if shape is None else shape)),
        scale=float(scales[0]) if scales else None,
        zero_point=int(zeros[0]) if scales and zeros else None,
        channels=len(scales),
    )


def _share(operators: list[GraphOperator], facts: dict[str, Any]) -> DelegateShare:
    foreign = {*facts["custom_operators"], *facts["flex_operators"]}
    outside = Counter(
        f"{operator.name} ({operator.kind})"
        for operator in operators
        if operator.name in foreign or not is_taken(operator.name, operator.kind)
    )
    total = len(operators)
    return DelegateShare(
        source=SOURCE,
        taken=total - outside.total(),
        total=total,
        partitions=None,
        outside=dict(sorted(outside.items())),
    )


def _problems(
    inspection: Inspection, operators: list[GraphOperator], graph: Any, metadata: TfliteMetadata, subgraphs: int
) -> list[Problem]:
    app, found = ("Flutter app", "Python backend"), []
    if _EDGETPU in inspection.custom_operators:
        sentence = "compiled for the Coral Edge TPU: only that chip runs it; take the file that it was compiled from"
        found.append(Problem(where=(*app, "web page", "CI"), sentence=sentence))
    others = [name for name in inspection.custom_operators if name != _EDGETPU]
    if others:
        sentence = f"needs custom operators that no stock runtime has: {', '.join(others)}"
        found.append(Problem(where=(*app, "CI"), sentence=sentence))
    if inspection.flex_operators:
        sentence = f"needs the Flex delegate for {', '.join(inspection.flex_operators)}: tens of MB that apps leave out"
        found.append(Problem(where=(*app, "CI"), sentence=sentence))
    if inspection.unknown_operators:
        sentence = f"no table says which release brought {', '.join(inspection.unknown_operators)}"
        found.append(Problem(where=("Flutter app", "CI"), sentence=sentence))
    variables = [name for name in ("VAR_HANDLE", "READ_VARIABLE") if any(op.name == name for op in operators)]
    if variables:
        sentence = f"reads variables ({', '.join(variables)}) whose values are not in the file: it may answer NaN"
        found.append(Problem(where=(*app, "CI"), sentence=sentence))
    if subgraphs > 1:
        sentence = f"{subgraphs} subgraphs; only the main one is described here"
        found.append(Problem(where=("CI",), sentence=sentence))
    found += [Problem(where=app, sentence=f"{damage[:200]}") for damage in metadata.damage]
    for number, output in enumerate(inspection.outputs):
        last = list(last_operators(operators, int(graph.outputs[number])))
        if last and last[-1] in ("FULLY_CONNECTED", "CONV_2D") and len(output.shape or ()) == 2:
            sentence = f"output {output.name!r} comes from {last[-1]}, no SOFTMAX or LOGISTIC: raw scores (logits)"
            found.append(Problem(where=(*app, "adopt"), sentence=sentence))
    return found


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value or "")
