"""Which version an operator's content needs, whatever the file says.

A runtime refuses an operator by the version that the file states. A file that states too old a version is not refused
by an old runtime: it loads, and answers wrong (DESIGN.md, fact 16).

Source: tensorflow/compiler/mlir/lite/tools/versioning/op_version.cc in tensorflow/tensorflow, as stored at commit
03f49db5 and read on 2026-11-21: its rules for the operators and data types that image classifiers hold. An operator
that is not listed needs version 1, which is a lower bound.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What decides about the version of one operator.

    Attributes:
        name: of the operator, such as "FULLY_CONNECTED".
        inputs, outputs: dtypes, such as "int8"; "" is an input that is left out.
        per_channel: whether the second input, the weights, has one scale for each channel.
        asymmetric_inputs: whether a hybrid operator quantizes its input with a zero point.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    per_channel: bool = False
    asymmetric_inputs: bool = False

    @property
    def is_hybrid(self) -> bool:
        """Whether weights of int8 meet values of float32."""
        return self.inputs[:2] == ("float32", "int8") and self.outputs[:1] == ("float32",)


#: Operator to the version that an input of a data type needs.
_BY_DTYPE = {
    "ABS": {"int8": 2, "uint8": 2},
    "ADD": {"int8": 2, "int64": 4},
    "AVERAGE_POOL_2D": {"int8": 2, "int16": 3},
    "BATCH_MATMUL": {"int8": 2, "int16": 3},
    "CONCATENATION": {"int8": 2, "int16": 3},
    "CONV_2D": {"int8": 3},
    "DEPTHWISE_CONV_2D": {"int8": 3},
    "DEQUANTIZE": {"int8": 2, "int16": 3, "float16": 3},
    "FULLY_CONNECTED": {"int8": 4},
    "GATHER": {"int8": 2},
    "LEAKY_RELU": {"int16": 2},
    "LOGISTIC": {"int8": 2, "int16": 3},
    "MAXIMUM": {"int8": 2, "int16": 4},
    "MAX_POOL_2D": {"int8": 2, "int16": 3},
    "MEAN": {"int8": 2, "int16": 3},
    "MINIMUM": {"int8": 2, "int16": 4},
    "MUL": {"int8": 2, "int16": 4, "int64": 5},
    "PACK": {"int8": 2},
    "PAD": {"int8": 2, "int16": 3},
    "PADV2": {"int8": 2, "int16": 3},
    "REDUCE_MAX": {"int8": 2, "int16": 3},
    "RELU": {"int8": 2, "uint8": 2, "int16": 3},
    "RELU6": {"int8": 2, "int16": 3},
    "RESIZE_BILINEAR": {"int8": 2, "int16": 4},
    "RESIZE_NEAREST_NEIGHBOR": {"int8": 2, "int16": 4},
    "SLICE": {"int8": 2, "int16": 4},
    "SOFTMAX": {"int8": 2, "int16": 3},
    "STRIDED_SLICE": {"int8": 2},
    "SUB": {"int8": 2, "int64": 4},
    "TANH": {"int8": 2, "int16": 3},
    "TRANSPOSE": {"int8": 2, "int16": 5},
}

#: Operator to the versions of its hybrid form: with one scale for all weights, and with one for each channel.
_HYBRID = {"CONV_2D": (2, 5), "DEPTHWISE_CONV_2D": (4, 6), "FULLY_CONNECTED": (3, 12)}


def needed_version(signature: Signature) -> tuple[int, str]:
    """Return the oldest version of the operator that serves its content, and what in it asks for that version.

    Example:
        >>> needed_version(Signature(
        ...     name="FULLY_CONNECTED", inputs=("float32", "int8"), outputs=("float32",), per_channel=True))
        (12, 'one scale for each channel')
    """
    if signature.is_hybrid and signature.name in _HYBRID:
        whole, per_channel = _HYBRID[signature.name]
        if signature.per_channel:
            return per_channel, "one scale for each channel"
        if signature.name == "FULLY_CONNECTED" and signature.asymmetric_inputs:
            return 9, "inputs quantized with a zero point"
        return whole, "int8 weights for float32 values"
    dtype = signature.inputs[0] if signature.inputs else ""
    return _BY_DTYPE.get(signature.name, {}).get(dtype, 1), f"{dtype} input"
