"""Mutate TensorFlow.js models: values of model.json, and the bytes of the weights beside it."""

import json
import random
from typing import Any

import numpy as np

from .case import Seed, promise
from .edge_values import Traps, bytes_near, flip
from .object_fields import mutate_object


def seeds() -> list[Seed]:
    """Return a float model, and one whose weights are quantized."""
    return [_seed("float", {}), _seed("quantized", {"dtype": "uint8", "scale": 0.05, "min": -2.0})]


def mutate(random: random.Random, seed: Seed, traps: Traps) -> tuple[dict[str, bytes], list[str]]:
    """Return the changed files, and what was done."""
    files = dict(seed.files)
    kind = random.random()
    if kind < 0.12:
        files["weights.bin"] = bytes_near(random, files["weights.bin"])
        return files, ["weights.bin: bytes"]
    if kind < 0.18:
        files["model.json"] = flip(random, files["model.json"], 2)
        return files, ["model.json: bytes"]
    model = json.loads(files["model.json"])
    done = [_change(random, model, traps) for _ in range(1 + (random.random() < 0.3) + (random.random() < 0.1))]
    files["model.json"] = json.dumps(model, separators=(",", ":")).encode()
    return files, done


def _change(random: random.Random, model: dict[str, Any], traps: Traps) -> str:
    if random.random() < 0.05:
        where = random.choice((f"../../..{traps.folder}/w", f"{traps.folder}/w", traps.url, "/etc/hostname", "..", "."))
        model["weightsManifest"] = [{"paths": [where], "weights": []}]
        return f"weights lie at {where}"
    keys = [key for key in ("modelTopology", "weightsManifest", "signature") if isinstance(model.get(key), dict | list)]
    part = model[random.choice(keys)] if keys and random.random() < 0.85 else model
    if not part:
        return "nothing"
    return mutate_object(random, part, traps, is_json=True)


def _seed(name: str, quantization: dict[str, Any]) -> Seed:
    def value(*sizes: int) -> dict[str, Any]:
        return {"dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": str(number)} for number in sizes]}}

    def node(name: str, operator: str, inputs: tuple[str, ...] = (), **attributes: Any) -> dict[str, Any]:
        return {"name": name, "op": operator, "input": list(inputs), "attr": attributes}

    kind = {"type": "DT_FLOAT"}
    shape = {"shape": {"dim": [{"size": str(number)} for number in (-1, 8, 8, 3)]}}
    ones = {"list": {"i": ["1", "1", "1", "1"]}}
    texts = {"padding": {"s": "U0FNRQ=="}, "data_format": {"s": "TkhXQw=="}}  # base64 of SAME and NHWC
    window = {"strides": ones, "dilations": ones, "T": kind, **texts}
    nodes = [
        node("input", "Placeholder", dtype=kind, shape=shape),
        node("axes", "Const", dtype={"type": "DT_INT32"}),
        node("kernel", "Const", dtype=kind),
        node("weight", "Const", dtype=kind),
        node("conv", "Conv2D", ("input", "kernel"), **window),
        node("relu", "Relu", ("conv",), T=kind),
        node("means", "Mean", ("relu", "axes"), keep_dims={"b": False}),
        node("logits", "MatMul", ("means", "weight")),
        node("answer", "Softmax", ("logits",)),
    ]
    stored = {"quantization": quantization} if quantization else {}
    manifest = [
        {"name": "axes", "shape": [2], "dtype": "int32"},
        {"name": "kernel", "shape": [3, 3, 3, 4], "dtype": "float32", **stored},
        {"name": "weight", "shape": [4, 3], "dtype": "float32", **stored},
    ]
    model = {
        "format": "graph-model",
        "generatedBy": "fuzz",
        "modelTopology": {"node": nodes, "versions": {"producer": 1, "minConsumer": 1}},
        "signature": {
            "inputs": {"image": {"name": "input:0", **value(-1, 8, 8, 3)}},
            "outputs": {"label": {"name": "answer:0", **value(-1, 3)}},
        },
        "userDefinedMetadata": {"note": "tiny", "modelport_contract": promise().promise()},
        "weightsManifest": [{"paths": ["weights.bin"], "weights": manifest}],
    }
    values = np.random.default_rng(0).integers(0, 80, 120).astype(np.uint8)
    weights = values.tobytes() if quantization else (values * np.float32(0.05) - 2).astype("<f4").tobytes()
    data = np.array([1, 2], "<i4").tobytes() + weights
    files = {"model.json": json.dumps(model, separators=(",", ":")).encode(), "weights.bin": data}
    return Seed(name=name, files=files, contract=promise())
