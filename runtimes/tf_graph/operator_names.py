"""The operators that modelport runs for strangers: a classifier's, and no others.

An allowlist: what is missing here is refused, however harmless. A denylist has holes, and each release of TensorFlow
opens more: among its 1,910 operators, more than a hundred reach files, processes, the network or Python. Drawn from
the registry of TensorFlow 2.21; a test looks each name up there.
"""

# ruff: noqa: SIM905 (tables of words are read, and compared with the registry, more easily than quoted lists)

#: Values, shapes and moving them about.
_ARRAYS = """
    BatchToSpace BatchToSpaceND Bitcast BroadcastArgs BroadcastGradientArgs BroadcastTo Cast Concat ConcatOffset
    ConcatV2 ConjugateTranspose Const DataFormatDimMap DataFormatVecPermute DepthToSpace Diag DiagPart
    DynamicPartition DynamicStitch EnsureShape ExpandDims Fill Gather GatherNd GatherV2 Identity IdentityN
    InvertPermutation LinSpace ListDiff MatrixBandPart MatrixDiag MatrixDiagPart MatrixDiagPartV2 MatrixDiagPartV3
    MatrixDiagV2 MatrixDiagV3 MatrixSetDiag MatrixSetDiagV2 MatrixSetDiagV3 MirrorPad NoOp OneHot OnesLike Pack Pad
    PadV2 ParallelDynamicStitch Placeholder PlaceholderV2 PlaceholderWithDefault PreventGradient Range Rank Reshape
    Reverse ReverseSequence ReverseV2 Roll ScatterNd Select SelectV2 Shape ShapeN Size Slice SpaceToBatch
    SpaceToBatchND SpaceToDepth Split SplitV Squeeze StopGradient StridedSlice TensorScatterAdd TensorScatterMax
    TensorScatterMin TensorScatterSub TensorScatterUpdate TensorStridedSliceUpdate Tile Transpose Unique UniqueV2
    Unpack UnravelIndex Where ZerosLike
""".split()
#: Arithmetic, element by element.
_ARITHMETIC = """
    Abs AccumulateNV2 Acos Acosh Add AddN AddV2 Angle ApproximateEqual Asin Asinh Atan Atan2 Atanh BitwiseAnd
    BitwiseOr BitwiseXor Ceil ClipByValue Complex ComplexAbs Conj Cos Cosh Digamma Div DivNoNan Elu Equal Erf Erfc
    Erfinv Exp Expm1 Floor FloorDiv FloorMod Greater GreaterEqual Imag Inv Invert IsFinite IsInf IsNan LeakyRelu
    LeftShift Less LessEqual Lgamma Log Log1p LogicalAnd LogicalNot LogicalOr Maximum Minimum Mod Mul MulNoNan Neg
    NotEqual Pow Real RealDiv Reciprocal Relu Relu6 RightShift Rint Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus
    Softsign Sqrt Square SquaredDifference Sub Tan Tanh TruncateDiv TruncateMod Xdivy Xlog1py Xlogy
""".split()
#: Sums, orders and matrices.
_REDUCTIONS = """
    All Any ArgMax ArgMin BatchMatMul BatchMatMulV2 BatchMatMulV3 Bincount Bucketize Cholesky Cross Cumprod Cumsum
    CumulativeLogsumexp DenseBincount Einsum EuclideanNorm FFT FFT2D HistogramFixedWidth IFFT IFFT2D InTopK InTopKV2
    IRFFT IRFFT2D L2Loss LowerBound MatMul MatrixDeterminant MatrixInverse MatrixSolve MatrixTriangularSolve Max Mean
    Min NthElement Prod Qr RFFT RFFT2D SegmentMax SegmentMean SegmentMin SegmentProd SegmentSum Sum Svd TopK TopKV2
    UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd UnsortedSegmentSum UpperBound
""".split()
#: Layers of networks.
_NETWORKS = """
    AvgPool AvgPool3D BatchNormWithGlobalNormalization BiasAdd BiasAddV1 Conv Conv2D Conv2DBackpropInput Conv3D
    Conv3DBackpropInputV2 DepthwiseConv2dNative Dilation2D FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars
    FakeQuantWithMinMaxVarsPerChannel FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 FusedPadConv2D
    FusedResizeAndPadConv2D LogSoftmax LRN MaxPool MaxPool3D MaxPoolV2 MaxPoolWithArgmax QuantizeAndDequantizeV2
    QuantizeAndDequantizeV3 QuantizeAndDequantizeV4 Softmax SoftmaxCrossEntropyWithLogits
    SparseSoftmaxCrossEntropyWithLogits
""".split()
#: Images, in memory: the decoders take bytes, never names.
_IMAGES = """
    AdjustContrast AdjustContrastv2 AdjustHue AdjustSaturation CombinedNonMaxSuppression CropAndResize
    DecodeAndCropJpeg DecodeBase64 DecodeBmp DecodeGif DecodeImage DecodeJpeg DecodePng DecodeRaw DecodeWebP
    EncodeJpeg EncodePng ExtractGlimpse ExtractGlimpseV2 ExtractImagePatches ExtractJpegShape HSVToRGB
    ImageProjectiveTransformV2 ImageProjectiveTransformV3 NonMaxSuppression NonMaxSuppressionV2 NonMaxSuppressionV3
    NonMaxSuppressionV4 NonMaxSuppressionV5 ResizeArea ResizeBicubic ResizeBilinear ResizeNearestNeighbor RGBToHSV
    ScaleAndTranslate
""".split()
#: Texts in memory: the names of labels, and requests that hold an image.
_TEXTS = """
    AsString ParseExample ParseExampleV2 ParseSingleExample ReduceJoin RegexFullMatch StaticRegexFullMatch
    StringFormat StringJoin StringLength StringLower StringStrip StringUpper Substr
""".split()
#: Branches and loops; the functions that they name are searched, too.
_BRANCHES = """
    ControlTrigger EmptyTensorList Enter Exit LoopCond Merge NextIteration PartitionedCall StatelessCase StatelessIf
    StatelessWhile Switch TensorListConcatV2 TensorListElementShape TensorListFromTensor TensorListGather
    TensorListGetItem TensorListLength TensorListPopBack TensorListPushBack TensorListReserve TensorListResize
    TensorListSetItem TensorListStack
""".split()
#: Random numbers that a seed decides.
_RANDOM = """
    StatelessMultinomial StatelessRandomGetKeyCounter StatelessRandomGetKeyCounterAlg StatelessRandomNormal
    StatelessRandomNormalV2 StatelessRandomUniform StatelessRandomUniformFullInt StatelessRandomUniformFullIntV2
    StatelessRandomUniformInt StatelessRandomUniformIntV2 StatelessRandomUniformV2 StatelessShuffle
    StatelessTruncatedNormal StatelessTruncatedNormalV2
""".split()

#: Operators that TensorFlow calls stateful, with the reason why they may run.
STATEFUL = {
    **dict.fromkeys(("StatefulPartitionedCall", "If", "While", "Case"), "call functions, which are searched, too"),
    **dict.fromkeys(("Assert", "CheckNumerics", "CheckNumericsV2"), "stop the run with an error"),
    **dict.fromkeys(("GuaranteeConst", "Empty"), "pass on or make an array"),
    **dict.fromkeys(("RandomUniform", "RandomUniformInt", "RandomStandardNormal"), "draw numbers"),
    **dict.fromkeys(("TruncatedNormal", "RandomShuffle", "Multinomial"), "draw numbers"),
    "StatelessRandomGetAlg": "names the generator of this device",
}
#: What a SavedModel has besides: its variables and tables, in memory; freezing takes them out.
OF_SAVED_MODELS = {
    **dict.fromkeys(("VarHandleOp", "ReadVariableOp", "VarIsInitializedOp", "DestroyResourceOp"), "a variable"),
    **dict.fromkeys(("AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp"), "a variable"),
    **dict.fromkeys(("VariableShape", "DisableCopyOnRead", "ResourceGather", "ResourceGatherNd"), "a variable"),
    **dict.fromkeys(("VariableV2", "Variable", "Assign", "AssignAdd", "AssignSub"), "a variable of TensorFlow 1"),
    "IsVariableInitialized": "a variable of TensorFlow 1",
    **dict.fromkeys(("RngReadAndSkip", "RngSkip", "StatefulUniform", "StatefulStandardNormalV2"), "draw numbers"),
    **dict.fromkeys(("HashTable", "HashTableV2", "MutableHashTable", "MutableHashTableV2"), "a table in memory"),
    **dict.fromkeys(("LookupTableFind", "LookupTableFindV2", "LookupTableSize", "LookupTableSizeV2"), "a table"),
    **dict.fromkeys(("InitializeTable", "InitializeTableV2", "LookupTableImportV2"), "a table, filled from arrays"),
    **dict.fromkeys(("LookupTableExportV2", "LookupTableInsertV2"), "a table"),
}
#: What a SavedModel of tf-keras has besides, and no signature runs: an LSTM for other devices, and gradients.
NOT_RUN = """
    AvgPoolGrad BiasAddGrad Conv2DBackpropFilter CudnnRNNBackpropV3 CudnnRNNV3 DepthwiseConv2dNativeBackpropFilter
    DepthwiseConv2dNativeBackpropInput EluGrad FusedBatchNormGrad FusedBatchNormGradV2 FusedBatchNormGradV3 InvGrad
    LeakyReluGrad LRNGrad MaxPoolGrad MirrorPadGrad ReciprocalGrad Relu6Grad ReluGrad ResizeBilinearGrad
    ResizeNearestNeighborGrad RsqrtGrad SeluGrad SigmoidGrad SoftplusGrad SoftsignGrad SqrtGrad StridedSliceGrad
    TanhGrad
""".split()
#: What TensorFlow's saver has, to write and read variables/; only where nothing but the saver asks for it.
OF_THE_SAVER = frozenset("SaveV2 RestoreV2 MergeV2Checkpoints ShardedFilename".split())

COMPUTING = frozenset(
    (*_ARRAYS, *_ARITHMETIC, *_REDUCTIONS, *_NETWORKS, *_IMAGES, *_TEXTS, *_BRANCHES, *_RANDOM, *STATEFUL)
)
#: What may be in a SavedModel, or in a graph that is looked at only.
LOADED = COMPUTING | frozenset((*OF_SAVED_MODELS, *NOT_RUN))
