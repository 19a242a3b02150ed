"""The operators that TensorFlow.js runs, and the refusal of graphs that need another."""

from typing import Any

from ...contract.errors import InputError
from ..graph.lacking_operators import refuse_lacking

#: tfjs-converter 4.22.0, dist/operations/op_list/*.js, without those of control flow, hash tables, texts, ragged and
#: sparse tensors and decision forests, and without those whose answer has a size that depends on values: a web page
#: would have to call executeAsync in the place of predict. Nor Einsum, which backend wasm has no kernel for.
_NAMES = """
Add AddV2 AddN BiasAdd Sub RealDiv Div DivNoNan FloorDiv Mul Maximum Minimum Pow SquaredDifference Mod FloorMod
Abs Acos Asin Atan Atan2 Ceil ClipByValue Cos Cosh Elu Exp Floor Log Neg Prelu Relu Relu6 Selu Sigmoid Sin Sinh Sqrt
Rsqrt Square Tan Tanh Sign Round Expm1 Log1p Reciprocal Softplus Asinh Acosh Atanh Erf LeakyRelu IsNan IsFinite
IsInf
AvgPool MaxPool Conv2D _FusedConv2D Conv2DBackpropInput DepthwiseConv2dNative FusedDepthwiseConv2dNative Dilation2D
Fill LinSpace OneHot OnesLike Range ZerosLike
Placeholder Const Identity IdentityN Snapshot Rank Size Shape ShapeN NoOp StopGradient
TopKV2
ResizeBilinear ResizeNearestNeighbor CropAndResize
Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalNot LogicalOr Select SelectV2
_FusedMatMul MatMul BatchMatMul BatchMatMulV2 Transpose
EuclideanNorm FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 LRN Softmax LogSoftmax
Max Mean Min Sum All Any ArgMax ArgMin Prod Cumprod Cumsum
ConcatV2 Concat GatherV2 Gather Reverse ReverseV2 Slice StridedSlice Pack Unpack Tile Split SplitV ScatterNd
GatherNd
Cast ExpandDims MirrorPad Pad PadV2 Reshape EnsureShape Squeeze SpaceToBatchND BatchToSpaceND DepthToSpace
BroadcastTo BroadcastArgs
"""
OPERATORS = frozenset(_NAMES.split())


def check_operators(definition: Any) -> None:
    """Refuse a GraphDef that TensorFlow.js cannot run.

    Raises:
        InputError: an operator that it lacks, functions of its own, or images channels first; each with its layer.
    """
    refuse_lacking(definition, OPERATORS, "TensorFlow.js", "run it in a backend")
    first = [node for node in definition.node if node.attr["data_format"].s == b"NCHW"]
    if first:
        raise InputError(
            "TensorFlow.js runs no images channels first",
            where=f"{first[0].name} ({first[0].op})",
            expected="data_format NHWC",
            received="NCHW",
            fix='build the model with keras.config.set_image_data_format("channels_last")',
        )
