"""Tiny .tflite files, built with the schema's own classes: float, int8, and one of many operators."""

import json
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from modelport.runtimes.embedded_contract.tflite_metadata_fields import CONTRACT_BUFFER_NAME

from .case import promise

_OP, _TYPE, _OPTIONS = schema.BuiltinOperator, schema.TensorType, schema.BuiltinOptions
_NUMPY = {_TYPE.FLOAT32: np.float32, _TYPE.INT8: np.int8, _TYPE.INT32: np.int32, _TYPE.UINT8: np.uint8}


class _Builder:
    """Collects tensors and operators."""

    def __init__(self, name: str) -> None:
        self.model = schema.ModelT()
        self.model.version, self.model.description, self.model.operatorCodes = 3, name.encode(), []
        self.model.buffers, self.model.metadata, self.model.signatureDefs = [schema.BufferT()], [], []
        self.graph = schema.SubGraphT()
        self.graph.name, self.graph.tensors, self.graph.operators = b"main", [], []
        self.model.subgraphs = [self.graph]

    def tensor(self, name: str, shape: tuple[int, ...], kind: int = _TYPE.FLOAT32, **more: Any) -> int:
        """Add a tensor; `values` makes it a constant, `scale` (and `zero`, `axis`) quantized."""
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name.encode(), np.array(shape, np.int32), kind
        tensor.shapeSignature = np.array(more["signature"], np.int32) if "signature" in more else None
        if "values" in more:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.asarray(more["values"], _NUMPY[kind]).tobytes(), np.uint8)
            self.model.buffers.append(buffer)
            tensor.buffer = len(self.model.buffers) - 1
        if "scale" in more:
            scales = np.atleast_1d(np.array(more["scale"], np.float32))
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = scales
            tensor.quantization.zeroPoint = np.full(len(scales), more.get("zero", 0), np.int64)
            tensor.quantization.quantizedDimension = more.get("axis", 0)
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def operator(self, name: str, inputs: list[int], outputs: list[int], version: int = 1, **options: Any) -> None:
        """Add an operator; its options' class is told by `kind`."""
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(_OP, name)
        code.deprecatedBuiltinCode, code.version = min(code.builtinCode, 127), version
        self.model.operatorCodes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self.model.operatorCodes) - 1
        operator.inputs, operator.outputs = np.array(inputs, np.int32), np.array(outputs, np.int32)
        if kind := options.pop("kind", None):
            operator.builtinOptionsType = getattr(_OPTIONS, kind)
            operator.builtinOptions = getattr(schema, f"{kind}T")()
            for key, value in options.items():
                setattr(operator.builtinOptions, key, value)
        self.graph.operators.append(operator)

    def packed(self, image: int, answer: int) -> bytes:
        """Return the file's bytes."""
        self.graph.inputs, self.graph.outputs = np.array([image], np.int32), np.array([answer], np.int32)
        signature = schema.SignatureDefT()
        signature.signatureKey, signature.subgraphIndex = b"serving_default", 0
        signature.inputs, signature.outputs = [_mapped("image", image)], [_mapped("label", answer)]
        self.model.signatureDefs = [signature]
        contract = json.dumps(promise().promise()).encode()
        for name, data in {
            b"min_runtime_version": b"1.5.0" + bytes(11),
            CONTRACT_BUFFER_NAME.encode(): contract,
        }.items():
            entry, buffer = schema.MetadataT(), schema.BufferT()
            buffer.data = np.frombuffer(data, np.uint8)
            self.model.buffers.append(buffer)
            entry.name, entry.buffer = name, len(self.model.buffers) - 1
            self.model.metadata.append(entry)
        return pack(self.model)


def pack(model: Any) -> bytes:
    """Return the flatbuffer of a ModelT; raises what the schema's code raises on values that do not fit."""
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _mapped(name: str, index: int) -> Any:
    entry = schema.TensorMapT()
    entry.name, entry.tensorIndex = name.encode(), index
    return entry


def float_model() -> bytes:
    """Return CONV_2D -> MEAN -> FULLY_CONNECTED -> SOFTMAX in float32."""
    build, random = _Builder("float"), np.random.default_rng(0)
    image = build.tensor("image", (1, 8, 8, 3), signature=(-1, 8, 8, 3))
    kernel = build.tensor("kernel", (4, 3, 3, 3), values=random.normal(size=(4, 3, 3, 3)))
    bias = build.tensor("bias", (4,), values=np.zeros(4))
    conv = build.tensor("conv", (1, 8, 8, 4))
    axes = build.tensor("axes", (2,), _TYPE.INT32, values=[1, 2])
    mean = build.tensor("mean", (1, 4))
    weights = build.tensor("weights", (3, 4), values=random.normal(size=(3, 4)))
    logits, answer = build.tensor("logits", (1, 3)), build.tensor("answer", (1, 3))
    build.operator("CONV_2D", [image, kernel, bias], [conv], kind="Conv2DOptions", strideW=1, strideH=1)
    build.operator("MEAN", [conv, axes], [mean], kind="ReducerOptions", keepDims=False)
    build.operator("FULLY_CONNECTED", [mean, weights, -1], [logits], kind="FullyConnectedOptions")
    build.operator("SOFTMAX", [logits], [answer], kind="SoftmaxOptions", beta=1.0)
    return build.packed(image, answer)


def int8_model() -> bytes:
    """Return the same in int8, per channel, between QUANTIZE and DEQUANTIZE."""
    build, random = _Builder("int8"), np.random.default_rng(1)
    kernel_values = random.integers(-127, 128, (4, 3, 3, 3))
    image = build.tensor("image", (1, 8, 8, 3))
    stored = build.tensor("stored", (1, 8, 8, 3), _TYPE.INT8, scale=1 / 255, zero=-128)
    kernel = build.tensor("kernel", (4, 3, 3, 3), _TYPE.INT8, values=kernel_values, scale=[0.01] * 4)
    bias = build.tensor("bias", (4,), _TYPE.INT32, values=np.zeros(4), scale=[0.01 / 255] * 4)
    conv = build.tensor("conv", (1, 8, 8, 4), _TYPE.INT8, scale=0.05)
    axes = build.tensor("axes", (2,), _TYPE.INT32, values=[1, 2])
    mean = build.tensor("mean", (1, 4), _TYPE.INT8, scale=0.05)
    weights = build.tensor("weights", (3, 4), _TYPE.INT8, values=random.integers(-127, 128, (3, 4)), scale=0.02)
    logits = build.tensor("logits", (1, 3), _TYPE.INT8, scale=0.1)
    soft = build.tensor("soft", (1, 3), _TYPE.INT8, scale=1 / 256, zero=-128)
    answer = build.tensor("answer", (1, 3))
    build.operator("QUANTIZE", [image], [stored])
    build.operator("CONV_2D", [stored, kernel, bias], [conv], 3, kind="Conv2DOptions", strideW=1, strideH=1)
    build.operator("MEAN", [conv, axes], [mean], 2, kind="ReducerOptions", keepDims=False)
    build.operator("FULLY_CONNECTED", [mean, weights, -1], [logits], 4, kind="FullyConnectedOptions")
    build.operator("SOFTMAX", [logits], [soft], 2, kind="SoftmaxOptions", beta=1.0)
    build.operator("DEQUANTIZE", [soft], [answer], 2)
    return build.packed(image, answer)


def many_operators() -> bytes:
    """Return a chain of operators that move, cut and join values: their shapes come out of the file."""
    build, random = _Builder("many"), np.random.default_rng(2)

    def integers(name: str, *values: int) -> int:
        return build.tensor(name, (len(values),), _TYPE.INT32, values=values)

    image = build.tensor("image", (1, 8, 8, 3))
    padding = build.tensor("padding", (4, 2), _TYPE.INT32, values=[[0, 0], [1, 1], [1, 1], [0, 0]])
    padded, pooled = build.tensor("padded", (1, 10, 10, 3)), build.tensor("pooled", (1, 5, 5, 3))
    large, deep = build.tensor("large", (1, 6, 6, 3)), build.tensor("deep", (1, 6, 6, 3))
    kernel, bias = (
        build.tensor("kernel", (1, 3, 3, 3), values=random.normal(size=27)),
        build.tensor("b", (3,), values=[0] * 3),
    )
    cut, turned = build.tensor("cut", (1, 4, 4, 3)), build.tensor("turned", (1, 3, 4, 4))
    flat, joined = build.tensor("flat", (1, 48)), build.tensor("joined", (1, 96))
    chosen, doubled = build.tensor("chosen", (1, 3)), build.tensor("doubled", (1, 3))
    scaled, answer = build.tensor("scaled", (1, 3)), build.tensor("answer", (1, 3))
    build.operator("PAD", [image, padding], [padded], kind="PadOptions")
    pool: dict[str, Any] = {"kind": "Pool2DOptions", "strideW": 2, "strideH": 2, "filterWidth": 2, "filterHeight": 2}
    build.operator("MAX_POOL_2D", [padded], [pooled], **pool)
    build.operator("RESIZE_BILINEAR", [pooled, integers("size", 6, 6)], [large], kind="ResizeBilinearOptions")
    depth: dict[str, Any] = {"kind": "DepthwiseConv2DOptions", "strideW": 1, "strideH": 1, "depthMultiplier": 1}
    build.operator("DEPTHWISE_CONV_2D", [large, kernel, bias], [deep], **depth)
    ends = [integers("begin", 0, 1, 1, 0), integers("end", 1, 5, 5, 3), integers("strides", 1, 1, 1, 1)]
    build.operator("STRIDED_SLICE", [deep, *ends], [cut], kind="StridedSliceOptions")
    build.operator("TRANSPOSE", [cut, integers("order", 0, 3, 1, 2)], [turned], kind="TransposeOptions")
    build.operator("RESHAPE", [turned, integers("shape", 1, 48)], [flat], kind="ReshapeOptions", newShape=[1, 48])
    build.operator("CONCATENATION", [flat, flat], [joined], kind="ConcatenationOptions", axis=1)
    build.operator("GATHER", [joined, integers("which", 0, 40, 95)], [chosen], kind="GatherOptions", axis=1)
    build.operator("ADD", [chosen, chosen], [doubled], kind="AddOptions")
    build.operator("MUL", [doubled, chosen], [scaled], kind="MulOptions")
    build.operator("LOGISTIC", [scaled], [answer])
    return build.packed(image, answer)
