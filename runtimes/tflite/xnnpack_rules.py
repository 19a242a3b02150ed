"""Which TFLite operators the CPU delegate (XNNPACK) takes, by the kind of their values.

Source: tflite/delegates/xnnpack/README.md in google-ai-edge/LiteRT at 3a653aa8, sections "Floating-Point (IEEE FP32)
Operators" and "Quantized Operators", read on 2026-11-21. Hybrid operators are not in it: CONV_2D and FULLY_CONNECTED
are taken, DEPTHWISE_CONV_2D is not (measured, DESIGN.md, fact 5). The table knows no shapes and scales: the runtime's
own answer, where it can be had, goes before it.
"""

_FLOAT = """
ABS ADD AVERAGE_POOL_2D CEIL CONCATENATION CONV_2D DEPTH_TO_SPACE DEPTHWISE_CONV_2D DIV ELU FULLY_CONNECTED FLOOR
HARD_SWISH LEAKY_RELU LOGISTIC MAX_POOL_2D MAXIMUM MEAN MINIMUM MUL NEG PAD PRELU RELU RELU6 RELU_N1_TO_1 RESHAPE
RESIZE_BILINEAR ROUND SLICE SOFTMAX SPACE_TO_DEPTH SPLIT SQRT SQUARE SQUARED_DIFFERENCE STRIDED_SLICE SUB TANH
TRANSPOSE TRANSPOSE_CONV
"""
_QUANTIZED = """
ADD CONCATENATION CONV_2D DEPTH_TO_SPACE DEPTHWISE_CONV_2D DEQUANTIZE ELU FULLY_CONNECTED LEAKY_RELU LOGISTIC
MAX_POOL_2D MEAN MUL PAD QUANTIZE RESHAPE RESIZE_BILINEAR SLICE SPACE_TO_DEPTH SPLIT SUB TANH TRANSPOSE TRANSPOSE_CONV
"""

#: Kind of an operator's values (inspect_tflite.operator_kind) to the operators that the delegate takes.
TAKEN = {
    "float": frozenset(_FLOAT.split()),
    "int8": frozenset(_QUANTIZED.split()),
    "conversion": frozenset({"QUANTIZE", "DEQUANTIZE"}),
    "hybrid": frozenset({"CONV_2D", "FULLY_CONNECTED"}),
}

SOURCE = "the table in runtimes/tflite/xnnpack_rules.py"


def is_taken(operator: str, kind: str) -> bool:
    """Say whether the delegate takes this operator; shapes and scales may still speak against it.

    Example:
        >>> is_taken("HARD_SWISH", "float"), is_taken("HARD_SWISH", "int8")
        (True, False)
    """
    return operator in TAKEN.get(kind, ())
