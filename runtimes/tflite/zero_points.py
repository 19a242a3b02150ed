"""Zero points inside a .tflite file that the quantization specification does not allow, or that are odd.

Reference: https://ai.google.dev/edge/litert/models/quantization_spec, read on 2026-11-21: int8 weights have zero point
0; SOFTMAX and LOGISTIC answer with scale 1/256 and zero point -128, TANH and L2_NORMALIZATION with 1/128 and 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from ...contract.errors import InputError
from .graph import DTYPES, GraphOperator, is_constant, operators_of

#: Operator to scale and zero point of its int8 answers.
_FIXED = {
    "SOFTMAX": (1 / 256, -128),
    "LOGISTIC": (1 / 256, -128),
    "TANH": (1 / 128, 0),
    "L2_NORMALIZATION": (1 / 128, 0),
}
_WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")
_RECTIFIED = (1, 3)  # ActivationFunctionType: RELU, RELU6
#: Where the vtable of QuantizationParameters has zero_point, its fourth field.
_ZERO_POINT_SLOT = 10
_LOWEST = {"int8": -128, "uint8": 0}
_LIMITS = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-(1 << 15), (1 << 15) - 1)}


@dataclass(frozen=True, slots=True)
class OddZeroPoint:
    """One tensor whose zero point is not what it should be.

    Attributes:
        tensor: its number in the main graph.
        name: of the tensor.
        zero_point, expected: as it is, and as it should be.
        words: what it is of.
        is_rule: whether the specification says so; else all converters do so, unless scales are shared.

    """

    tensor: int
    name: str
    zero_point: int
    expected: int
    words: str
    is_rule: bool

    @property
    def sentence(self) -> str:
        """For a report."""
        return f"zero point of {self.words} is {self.zero_point}, not {self.expected}"


def odd_zero_points(model: Any) -> list[OddZeroPoint]:
    """Return the odd zero points of the main graph of a schema ModelT."""
    found: dict[int, OddZeroPoint] = {}
    if model.subgraphs:
        graph = model.subgraphs[0]
        for operator, stored in zip(operators_of(model, graph), graph.operators, strict=True):
            for odd in _of_operator(model, graph, operator, stored):
                found.setdefault(odd.tensor, odd)
    return list(found.values())


def check_zero_points(data: bytes, where: object) -> None:
    """Refuse a .tflite file with a zero point that its tensor's type cannot hold: LiteRT 2.3 may crash on it.

    Args:
        data: the bytes of a file that `load_tflite` reads.
        where: its name.

    Raises:
        InputError: names the first such tensor.
    """
    model = schema.Model.GetRootAs(data, 0)
    graphs = [model.Subgraphs(number) for number in range(model.SubgraphsLength())]
    for tensor in (graph.Tensors(number) for graph in graphs for number in range(graph.TensorsLength())):
        quantization, limits = tensor.Quantization(), _LIMITS.get(DTYPES.get(tensor.Type(), ""))
        if quantization is None or limits is None or not quantization.ZeroPointLength():
            continue
        wrong = [int(zero) for zero in quantization.ZeroPointAsNumpy() if not limits[0] <= zero <= limits[1]]
        if wrong:
            name = (tensor.Name() or b"").decode(errors="replace")[:80]
            raise InputError(
                f"zero point of tensor {name!r} is {wrong[0]}, which its type cannot hold",
                where=where,
                expected=f"{limits[0]} to {limits[1]} ({DTYPES[tensor.Type()]})",
                fix="convert or quantize the model again: the file was changed, or its converter is wrong",
            )


def input_quantization(model: Any) -> tuple[float, int, str] | None:
    """Return scale, zero point and dtype of the 8 bits that the first input becomes; None where it becomes none."""
    if not model.subgraphs:
        return None
    graph = model.subgraphs[0]
    numbers = [] if graph.inputs is None else [int(number) for number in graph.inputs]
    if len(numbers) != 1:
        return None
    readers = [operator for operator in operators_of(model, graph) if numbers[0] in operator.inputs]
    if DTYPES.get(graph.tensors[numbers[0]].type) == "float32":
        if [reader.name for reader in readers] != ["QUANTIZE"] or not readers[0].outputs:
            return None
        numbers = list(readers[0].outputs)
    tensor = graph.tensors[numbers[0]]
    dtype, quantized = DTYPES.get(tensor.type, ""), _quantization(tensor)
    return (*quantized, dtype) if quantized and dtype in _LOWEST else None


def _of_operator(model: Any, graph: Any, operator: GraphOperator, stored: Any) -> Iterator[OddZeroPoint]:
    if operator.name in _WEIGHTED and len(operator.inputs) > 1:
        weights = graph.tensors[operator.inputs[1]]
        if DTYPES.get(weights.type) == "int8" and is_constant(model, weights):
            zeros = [] if (values := getattr(weights.quantization, "zeroPoint", None)) is None else list(values)
            wrong = next((int(zero) for zero in zeros if zero), 0)
            if wrong:
                words = f"the weights {_name(weights)!r} ({operator.name})"
                yield OddZeroPoint(operator.inputs[1], _name(weights), wrong, 0, words, True)
    for number in operator.outputs[:1]:
        tensor = graph.tensors[number]
        dtype, quantized = DTYPES.get(tensor.type, ""), _quantization(tensor)
        if quantized is None or dtype not in _LOWEST:
            continue
        words = f"what {operator.name} answers ({_name(tensor)!r})"
        if operator.name in _FIXED:
            expected = _FIXED[operator.name][1] + (128 if dtype == "uint8" else 0)
            if dtype == "int8" and quantized[1] != expected:
                yield OddZeroPoint(number, _name(tensor), quantized[1], expected, words, True)
        elif _is_rectified(operator, stored) and quantized[1] != _LOWEST[dtype]:
            yield OddZeroPoint(
                number, _name(tensor), quantized[1], _LOWEST[dtype], f"{words}, which is never negative,", False
            )


def _is_rectified(operator: GraphOperator, stored: Any) -> bool:
    fused = getattr(stored.builtinOptions, "fusedActivationFunction", 0)
    return operator.name in ("RELU", "RELU6", "RELU_0_TO_1") or fused in _RECTIFIED


def _quantization(tensor: Any) -> tuple[float, int] | None:
    scales, zeros = (getattr(tensor.quantization, name, None) for name in ("scale", "zeroPoint"))
    if scales is None or zeros is None or len(scales) != 1 or len(zeros) != 1:
        return None
    return float(scales[0]), int(zeros[0])


def _name(tensor: Any) -> str:
    name = tensor.name
    return str(name.decode(errors="replace") if isinstance(name, bytes) else name)[:80]


def zero_point_places(data: bytes, tensor: int) -> list[int]:
    """Return where in the bytes of a .tflite file the zero points of a tensor of the main graph stand, 8 bytes each."""
    quantization = schema.Model.GetRootAs(data, 0).Subgraphs(0).Tensors(tensor).Quantization()
    if quantization is None or quantization.ZeroPointIsNone():
        return []
    table = quantization._tab  # the schema's code has no word for where a vector lies
    start = int(table.Vector(table.Offset(_ZERO_POINT_SLOT)))
    return [start + 8 * number for number in range(quantization.ZeroPointLength())]
