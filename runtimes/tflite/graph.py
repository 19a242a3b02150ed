"""Facts about the graph inside a .tflite file: kinds of operators, constants, what the outputs are made by."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from ai_edge_litert import schema_py_generated as schema

DTYPES: dict[int, str] = {v: k.lower() for k, v in vars(schema.TensorType).items() if isinstance(v, int)}
OPERATORS: dict[int, str] = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}

_EIGHT_BIT, _FLOAT = ("int8", "uint8", "int4", "int2"), ("float32", "float16", "bfloat16", "float64")
#: Operators that pass values on, so that what comes before them decides what an output is.
_PASSING = ("DEQUANTIZE", "QUANTIZE", "RESHAPE", "SQUEEZE", "CAST", "EXPAND_DIMS")


class GraphOperator(NamedTuple):
    """One operator: its name, kind (see `operator_kind`), and the numbers of the tensors it reads and writes."""

    name: str
    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


class Constant(NamedTuple):
    """One constant that is a weight or a bias."""

    dtype: str
    elements: int
    size_bytes: int


def operators_of(model: Any, graph: Any) -> list[GraphOperator]:
    """Return the operators of one subgraph in the order in which they run."""
    found = []
    for operator in graph.operators:
        name = operator_name(model.operatorCodes[operator.opcodeIndex])
        inputs, outputs = _present(operator.inputs), _present(operator.outputs)
        found.append(GraphOperator(name, operator_kind(model, graph, name, inputs, outputs), inputs, outputs))
    return found


def operator_name(code: Any) -> str:
    """Return the operator's name; that of a custom operator is the author's."""
    if code.customCode is not None:
        name = code.customCode
        return str(name.decode(errors="replace") if isinstance(name, bytes) else name)
    number = max(code.builtinCode, code.deprecatedBuiltinCode)  # files from before 2.3 fill only the deprecated field
    return OPERATORS.get(number, f"OPERATOR_{number}")


def operator_kind(model: Any, graph: Any, name: str, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> str:
    """Return what an operator computes in, from its tensors.

    "int8" (8-bit values), "int16", "hybrid" (float values and 8-bit constants), "float", "conversion" (between them:
    QUANTIZE and DEQUANTIZE), "other" (shapes, indices, custom operators without such tensors).
    """
    if name in ("QUANTIZE", "DEQUANTIZE"):
        return "conversion"
    values = {DTYPES.get(graph.tensors[i].type, "") for i in (*inputs[:1], *outputs)}
    constants = {DTYPES.get(graph.tensors[i].type, "") for i in inputs if is_constant(model, graph.tensors[i])}
    if values & set(_FLOAT):
        return "hybrid" if constants & set(_EIGHT_BIT) else "float"
    if "int16" in values:
        return "int16"
    return "int8" if values & set(_EIGHT_BIT) else "other"


def is_constant(model: Any, tensor: Any) -> bool:
    """Say whether the tensor's values lie in the file."""
    return constant_bytes(model, tensor) > 0


def constant_bytes(model: Any, tensor: Any) -> int:
    """Return how many bytes of the file hold the tensor's values; 0 for what is computed."""
    buffer = model.buffers[tensor.buffer]
    inside = 0 if buffer.data is None else len(buffer.data)
    return inside or (int(buffer.size) if buffer.offset > 1 else 0)  # files beyond 2 GB keep buffers at an offset


def weights_of(model: Any) -> list[Constant]:
    """Return the constants that are weights: float, 8 or 16 bits, or 32-bit biases; each buffer once.

    Shapes, axes and indices are int32 or int64 without a scale, and are left out.
    """
    found: dict[int, Constant] = {}
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            dtype, size = DTYPES.get(tensor.type, "unknown"), constant_bytes(model, tensor)
            if size and _is_weight(dtype, tensor):
                found[tensor.buffer] = Constant(dtype, _elements(tensor.shape), size)
    return list(found.values())


def weight_bytes_of(constants: list[Constant]) -> dict[str, int]:
    """Return dtype to bytes."""
    sums: Counter[str] = Counter()
    for constant in constants:
        sums[constant.dtype] += constant.size_bytes
    return dict(sorted(sums.items()))


def last_operators(operators: list[GraphOperator], tensor: int) -> Iterator[str]:
    """Yield the names of the operators behind `tensor`, the last one first, through those that pass values on."""
    made_by = {output: operator for operator in operators for output in operator.outputs}
    for _ in range(len(operators)):
        operator = made_by.get(tensor)
        if operator is None:
            return
        yield operator.name
        if operator.name not in _PASSING or not operator.inputs:
            return
        tensor = operator.inputs[0]


def _is_weight(dtype: str, tensor: Any) -> bool:
    quantized = tensor.quantization is not None and tensor.quantization.scale is not None
    return dtype in (*_FLOAT, *_EIGHT_BIT, "int16") or (quantized and dtype in ("int32", "int64"))


def _elements(shape: Any) -> int:
    count = 1
    for size in () if shape is None else shape:
        count *= max(int(size), 0)
    return count


def _present(numbers: Any) -> tuple[int, ...]:
    return () if numbers is None else tuple(int(number) for number in numbers if number >= 0)
