"""Mutate .onnx files: fields of the protocol buffer, the graph's wiring, and where its weights lie."""

import json
import random
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto, helper, numpy_helper

from .case import Seed, promise
from .edge_values import Traps, flip
from .protobuf_fields import mutate_message
from .real_files import real_seeds

_IMAGE = ["n", 8, 8, 3]


def seeds() -> list[Seed]:
    """Return models made here: float, int8, with branches and a function, weights beside; and a small foreign one."""
    made = {"float": _float_model(), "int8": _int8_model(), "branches": _branching_model()}
    own = [
        Seed(name=name, files={"model.onnx": model.SerializeToString()}, contract=promise())
        for name, model in made.items()
    ]
    beside, weights = _weights_beside()
    files = {"model.onnx": beside.SerializeToString(), "weights.bin": weights}
    own.append(Seed(name="weights_beside", files=files, contract=promise()))
    return own + own + real_seeds({"onnx_light/light_squeezenet.onnx": promise(224)}, "model.onnx")


def mutate(random: random.Random, seed: Seed, traps: Traps) -> tuple[dict[str, bytes], list[str]]:
    """Return the changed files, and what was done."""
    files = dict(seed.files)
    name = random.choice(list(files)) if random.random() < 0.1 else "model.onnx"
    if name != "model.onnx" or random.random() < 0.1:
        size = random.randrange(len(files[name]))
        files[name] = random.choice((files[name][:size], flip(random, files[name], 3)))
        return files, [f"{name}: bytes"]
    model = onnx.load_model_from_string(files["model.onnx"])
    done = [_change(random, model, traps) for _ in range(1 + (random.random() < 0.35) + (random.random() < 0.15))]
    try:
        files["model.onnx"] = model.SerializeToString()
    except (ValueError, DecodeError) as error:  # lone surrogates, say
        return files, [f"nothing: {error}"]
    return files, done


def _change(random: random.Random, model: Any, traps: Traps) -> str:
    graph = model.graph
    kind = random.randrange(10)
    if kind == 0 and graph.node:  # a circle, or a value that nobody makes
        node, other = random.choice(graph.node), random.choice(graph.node)
        if node.input and other.output:
            node.input[random.randrange(len(node.input))] = other.output[0]
            return f"{node.op_type} reads {other.op_type}'s output"
    if kind == 1 and graph.initializer:
        tensor = random.choice(graph.initializer)
        tensor.data_location = TensorProto.EXTERNAL
        del tensor.external_data[:]
        places = (
            "weights.bin",
            "/etc/hostname",
            f"../../..{traps.folder}/w",
            f"{traps.folder}/w",
            traps.url,
            "",
            "model.onnx",
        )
        size = str(random.choice((0, 16, 48, -1, 1 << 40, 1 << 63)))
        pairs = {"location": random.choice(places), "offset": random.choice(("0", "-4", "16", size)), "length": size}
        for key, value in pairs.items():
            tensor.external_data.add(key=key, value=value)
        return f"{tensor.name} lies at {pairs}"
    pools: list[list[Any]] = [[model], list(graph.node), list(graph.initializer), [*graph.input, *graph.output]]
    part = random.choice(random.choice([pool for pool in pools if pool]))
    return type(part).__name__ + mutate_message(random, part, traps)


def _model(nodes: list[Any], weights: dict[str, Any], opset: int = 13, functions: tuple[Any, ...] = ()) -> Any:
    """Return a model from "image" to "label"."""
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, _IMAGE)],
        [helper.make_tensor_value_info("label", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(np.asarray(values), name) for name, values in weights.items()],
    )
    domains = [helper.make_opsetid("", opset)] + [helper.make_opsetid("own", 1)] * bool(functions)
    model = helper.make_model(graph, opset_imports=domains, ir_version=8, functions=list(functions))
    helper.set_model_props(
        model, {"labels": '["blue", "green", "red"]', "modelport_contract": json.dumps(promise().promise())}
    )
    return model


def _head(source: str) -> list[Any]:
    node = helper.make_node
    return [
        node("GlobalAveragePool", [source], ["pooled"]),
        node("Flatten", ["pooled"], ["flat"], axis=1),
        node("Gemm", ["flat", "weights", "bias"], ["logits"], transB=1),
        node("Softmax", ["logits"], ["label"], axis=1),
    ]


def _weights() -> dict[str, Any]:
    random = np.random.default_rng(0)
    return {
        "kernel": random.normal(size=(4, 3, 3, 3)).astype(np.float32),
        "weights": random.normal(size=(3, 4)).astype(np.float32),
        "bias": np.zeros(3, np.float32),
    }


def _float_model() -> Any:
    node = helper.make_node
    nodes = [
        node("Transpose", ["image"], ["turned"], perm=[0, 3, 1, 2]),
        node("Conv", ["turned", "kernel"], ["conv"], pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Relu", ["conv"], ["relu"]),
        *_head("relu"),
    ]
    return _model(nodes, _weights())


def _int8_model() -> Any:
    node = helper.make_node
    weights = _weights() | {
        "scale": np.float32(0.02),
        "zero": np.uint8(0),
        "kernel": np.random.default_rng(1).integers(-127, 128, (4, 3, 3, 3)).astype(np.int8),
        "scales": np.full(4, 0.01, np.float32),
        "zeros": np.zeros(4, np.int8),
    }
    nodes = [
        node("Transpose", ["image"], ["turned"], perm=[0, 3, 1, 2]),
        node("QuantizeLinear", ["turned", "scale", "zero"], ["stored"]),
        node("QLinearConv", ["stored", "scale", "zero", "kernel", "scales", "zeros", "scale", "zero"], ["conv"]),
        node("DequantizeLinear", ["conv", "scale", "zero"], ["real"]),
        *_head("real"),
    ]
    return _model(nodes, weights)


def _branching_model() -> Any:
    """Return a model with If, Loop, Resize, Slice, Concat and a function."""
    node = helper.make_node
    value = helper.make_tensor_value_info

    def branch(name: str, operator: str) -> Any:
        made = [node(operator, ["turned"], [name])]
        return helper.make_graph(made, name, [], [value(name, TensorProto.FLOAT, None)])

    body = helper.make_graph(
        [node("Identity", ["go"], ["go_on"]), node("Add", ["before", "before"], ["after"])],
        "body",
        [
            value("i", TensorProto.INT64, []),
            value("go", TensorProto.BOOL, []),
            value("before", TensorProto.FLOAT, None),
        ],
        [value("go_on", TensorProto.BOOL, []), value("after", TensorProto.FLOAT, None)],
    )
    twice = helper.make_function(
        "own", "Twice", ["x"], ["y"], [node("Add", ["x", "x"], ["y"])], [helper.make_opsetid("", 13)]
    )
    weights = _weights() | {
        "yes": np.array(True),
        "times": np.array(3, np.int64),
        "factors": np.array([1, 1, 1.5, 1.5], np.float32),
        "begin": np.array([0, 0], np.int64),
        "end": np.array([8, 8], np.int64),
        "axes": np.array([2, 3], np.int64),
    }
    nodes = [
        node("Transpose", ["image"], ["turned"], perm=[0, 3, 1, 2]),
        node("If", ["yes"], ["chosen"], then_branch=branch("one", "Relu"), else_branch=branch("two", "Neg")),
        node("Loop", ["times", "yes", "chosen"], ["looped"], body=body),
        node("Resize", ["looped", "", "factors"], ["large"], mode="linear"),
        node("Slice", ["large", "begin", "end", "axes"], ["cut"]),
        node("Twice", ["cut"], ["doubled"], domain="own"),
        node("Conv", ["doubled", "kernel"], ["conv"]),
        node("Concat", ["conv", "conv"], ["joined"], axis=2),
        *_head("joined"),
    ]
    return _model(nodes, weights, functions=(twice,))


def _weights_beside() -> tuple[Any, bytes]:
    model, data = _float_model(), b""
    for tensor in model.graph.initializer:
        values = tensor.raw_data
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, text in {"location": "weights.bin", "offset": str(len(data)), "length": str(len(values))}.items():
            tensor.external_data.add(key=key, value=text)
        data += values
    return model, data
