"""Inspect an ONNX file: its protocol buffer, without running it."""

from collections import Counter
from pathlib import Path
from typing import Any

from ..embedded_contract.embedded_promise import onnx_labels, onnx_says
from ..facts.description import Operator
from ..facts.inspection import InspectedTensor, Inspection, Problem
from .graph import dtype_name, files_beside, load_onnx, nodes_of

#: Domains that ONNX Runtime runs without an addition; "com.microsoft" are its own operators.
_STOCK_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
_EIGHT_BIT, _FLOAT = ("int8", "uint8", "int4", "uint4"), ("float32", "float16", "bfloat16", "float64")
#: Operators that pass values on, so that what comes before them decides what an output is.
_PASSING = ("Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Cast", "DequantizeLinear", "QuantizeLinear")
_CONVERSIONS = ("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear")


def inspect_onnx(path: Path) -> Inspection:
    """Return what stands in the file; weights in files beside it are counted, not read.

    Raises:
        InputError: not an ONNX model, or a damaged one.
    """
    model = load_onnx(path)
    graph = model.graph
    initial = {tensor.name: tensor for tensor in graph.initializer}
    weights = {
        name: tensor for name, tensor in initial.items() if dtype_name(tensor.data_type) in (*_FLOAT, *_EIGHT_BIT)
    }
    nodes = list(nodes_of(model))
    counts = Counter(node.op_type for node in nodes)
    inspection = Inspection(
        path=str(path),
        format="onnx",
        variant=f"ONNX {_opsets(model)}, IR {model.ir_version}",
        size_bytes=path.stat().st_size,
        parameters=sum(_elements(tensor.dims) for tensor in weights.values()),
        inputs=tuple(_tensor(value) for value in graph.input if value.name not in initial),
        outputs=tuple(_tensor(value) for value in graph.output),
        operators=tuple(Operator(name=name, version=0, count=n) for name, n in sorted(counts.items())),
        operator_kinds=_kinds(nodes, initial),
        weight_bytes=_weight_bytes(weights.values()),
        custom_operators=_foreign(model, nodes),
        metadata=_texts(model),
        labels=onnx_labels(model),
        contract=onnx_says(model)["promise"],
    )
    return inspection.with_problems(*_problems(inspection, graph, files_beside(model), path))


def _opsets(model: Any) -> str:
    entries = sorted(model.opset_import, key=lambda entry: entry.domain)
    found = [f"{entry.domain + ' ' if entry.domain else ''}opset {entry.version}" for entry in entries]
    return ", ".join(found[:4]) or "without an opset"


def _tensor(value: Any) -> InspectedTensor:
    kind = value.type.tensor_type
    shape = None
    if kind.HasField("shape"):
        shape = tuple(int(size.dim_value) if size.HasField("dim_value") else None for size in kind.shape.dim)
    return InspectedTensor(name=value.name, dtype=dtype_name(kind.elem_type), shape=shape)


def _elements(dims: Any) -> int:
    count = 1
    for size in dims:
        count *= max(int(size), 0)
    return count


def _kinds(nodes: list[Any], initial: dict[str, Any]) -> dict[str, int]:
    """Sort the operators by the names ONNX gives to quantized ones; a graph without them is float."""
    kinds: Counter[str] = Counter()
    for node in nodes:
        constants = {dtype_name(initial[name].data_type) for name in node.input if name in initial}
        if node.op_type in _CONVERSIONS:
            kinds["conversion"] += 1
        elif node.op_type.startswith("QLinear") or node.op_type.endswith("Integer"):
            kinds["int8"] += 1
        elif constants & set(_FLOAT) or not constants:
            kinds["float"] += 1
        else:
            kinds["other"] += 1
    return dict(sorted(kinds.items()))


def _weight_bytes(weights: Any) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for tensor in weights:
        width = {"float32": 4, "float16": 2, "bfloat16": 2, "float64": 8}.get(dtype_name(tensor.data_type), 1)
        sums[dtype_name(tensor.data_type)] += _elements(tensor.dims) * width
    return dict(sorted(sums.items()))


def _foreign(model: Any, nodes: list[Any]) -> tuple[str, ...]:
    own = {(function.domain, function.name) for function in model.functions}
    strange = {(node.domain, node.op_type) for node in nodes if node.domain not in _STOCK_DOMAINS} - own
    return tuple(sorted(f"{domain}:{name}" for domain, name in strange))


def _texts(model: Any) -> dict[str, str]:
    texts = {"producer": f"{model.producer_name} {model.producer_version}".strip(), "description": model.doc_string}
    texts |= {entry.key: entry.value for entry in model.metadata_props if entry.key != "modelport_contract"}
    return {key: text[:500] for key, text in texts.items() if text}


def _problems(inspection: Inspection, graph: Any, files: tuple[str, ...], path: Path) -> list[Problem]:
    backend, found = ("Python backend", "CI"), []
    if inspection.custom_operators:
        sentence = f"needs operators that ONNX Runtime does not have: {', '.join(inspection.custom_operators)}"
        found.append(Problem(where=backend, sentence=sentence))
    if files:
        beside = {entry.name for entry in path.parent.iterdir()}
        gone = [name for name in files if Path(name).name not in beside]
        state = f"{', '.join(gone[:3])} is missing" if gone else "they must travel together"
        found.append(Problem(where=backend, sentence=f"weights lie in {', '.join(files[:3])} beside the file: {state}"))
    made = sum(n.op_type in ("ConstantOfShape", "RandomNormal", "RandomUniform") for n in graph.node)
    if made > 5 and inspection.operators:
        sentence = (
            f"{made} tensors are made by ConstantOfShape or at random: a shell for tests, its weights are not inside"
        )
        found.append(Problem(where=(*backend, "adopt"), sentence=sentence))
    made_by = {name: node for node in graph.node for name in node.output}
    for output in inspection.outputs:
        last = _last(made_by, output.name)
        if last in ("Gemm", "MatMul", "Conv", "QLinearMatMul") and len(output.shape or ()) == 2:
            sentence = f"output {output.name!r} comes from {last}, no Softmax or Sigmoid: raw scores (logits)"
            found.append(Problem(where=("Python backend", "web page", "adopt"), sentence=sentence))
    return found


def _last(made_by: dict[str, Any], name: str) -> str | None:
    for _ in range(len(made_by)):
        node = made_by.get(name)
        if node is None or node.op_type not in _PASSING or not node.input:
            return node.op_type if node else None
        name = node.input[0]
    return None
