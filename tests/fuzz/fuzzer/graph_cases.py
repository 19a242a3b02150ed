"""Mutate frozen graphs (.pb): fields of the GraphDef, its wiring, and operators that do more than compute."""

import random
from functools import cache
from typing import Any

import numpy as np

from .case import Seed, promise
from .edge_values import Traps, flip
from .protobuf_fields import mutate_message

#: Operators that reach files, processes, the network or Python; a judge must not run them for strangers.
_REACHING = ("WriteFile", "SaveV2", "PyFunc", "EagerPyFunc", "PrintV2", "ReadFile", "MatchingFiles", "DebugIdentity")
_NAMES = {"encoded": "DecodeJpeg/contents:0", "pixels": "input:0", "output": "final_result:0"}


@cache
def _graph_def() -> Any:
    from tensorflow.core.framework import graph_pb2

    return graph_pb2.GraphDef


def seeds() -> list[Seed]:
    """Return three graphs: one fed with pixels, one that decodes files as well, one with functions and a branch."""
    made = {"pixels": _pixels(), "encoded": _encoded(), "functions": _functions()}
    names = {"encoded": _NAMES}
    return [
        Seed(name=name, files={"model.pb": graph}, contract=promise(names=names.get(name)))
        for name, graph in made.items()
    ]


def mutate(random: random.Random, seed: Seed, traps: Traps) -> tuple[dict[str, bytes], list[str]]:
    """Return the changed file, and what was done."""
    (data,) = seed.files.values()
    if random.random() < 0.08:
        changed = random.choice((data[: random.randrange(len(data))], flip(random, data, 3)))
        return {"model.pb": changed}, ["bytes"]
    graph = _graph_def().FromString(data)
    done = [_change(random, graph, traps) for _ in range(1 + (random.random() < 0.35) + (random.random() < 0.15))]
    return {"model.pb": graph.SerializeToString()}, done


def _change(random: random.Random, graph: Any, traps: Traps) -> str:
    kind = random.randrange(12)
    if graph.node:
        node, other = random.choice(graph.node), random.choice(graph.node)
        if kind == 0 and node.input:  # a circle, or another value
            node.input[random.randrange(len(node.input))] = other.name + random.choice(("", ":0", ":1"))
            return f"{node.name} reads {other.name}"
        if kind == 1:
            return _reach(random, graph, traps)
        if kind == 2:
            node.input.append(f"^{other.name}")
            return f"{node.name} waits for {other.name}"
    pools: list[list[Any]] = [[graph]] + [list(graph.node)] * 6 + [[graph.library]] * bool(graph.library.function)
    pools.append([node.attr["value"].tensor for node in graph.node if node.op == "Const"])
    part = random.choice(random.choice([pool for pool in pools if pool]))
    return f"{getattr(part, 'name', '') or type(part).__name__}{mutate_message(random, part, traps)}"


def _reach(random: random.Random, graph: Any, traps: Traps) -> str:
    """Make the answer wait for an operator that reaches outside, and lead it into a trap."""
    name, answer = random.choice(_REACHING), random.choice(graph.node)
    texts = {"where": f"{traps.folder}/{name}", "what": "written", "shape": ""}
    for key, value in texts.items():
        constant = graph.node.add(name=f"trap/{key}", op="Const")
        constant.attr["dtype"].type = 7
        constant.attr["value"].tensor.dtype = 7
        constant.attr["value"].tensor.string_val.append(value.encode())
    node = graph.node.add(name="trap/reach", op=name)
    inputs = {"WriteFile": ["trap/where", "trap/what"], "PrintV2": ["trap/what"]}.get(name, ["trap/where"])
    if name == "SaveV2":
        inputs = ["trap/where", "trap/names", "trap/slices", "trap/where"]
        for key in ("names", "slices"):
            listed = graph.node.add(name=f"trap/{key}", op="Const")
            listed.attr["dtype"].type = 7
            tensor = listed.attr["value"].tensor
            tensor.dtype = 7
            tensor.tensor_shape.dim.add(size=1)
            tensor.string_val.append(b"" if key == "slices" else b"x")
        node.attr["dtypes"].list.type.append(7)
    if name in ("PyFunc", "EagerPyFunc"):
        node.attr["token"].s = b"pyfunc_0"
        node.attr["Tin"].list.type.append(7)
        node.attr["Tout"].list.type.append(1)
    if name == "PrintV2":
        node.attr["output_stream"].s = f"file://{traps.folder}/printed".encode()
    if name == "DebugIdentity":
        node.attr["T"].type = 7
        node.attr["debug_urls"].list.s.append(f"file://{traps.folder}/debug".encode())
    node.input.extend(inputs)
    answer.input.append("^trap/reach")
    return f"{answer.name} waits for {name}"


def _weights(tf: Any, *shape: int) -> Any:
    return tf.constant(np.random.default_rng(0).normal(size=shape), tf.float32)


def _network(tf: Any, pixels: Any) -> Any:
    conv = tf.nn.relu(tf.nn.conv2d(pixels, _weights(tf, 3, 3, 3, 4), 1, "SAME"))
    mean = tf.reduce_mean(conv, [1, 2])
    logits = tf.reshape(tf.concat([mean, mean], 1) @ _weights(tf, 8, 3), [-1, 3])
    return tf.nn.softmax(logits, name="final_result")


def _pixels() -> bytes:
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        _network(tf, tf.compat.v1.placeholder(tf.float32, (None, 8, 8, 3), name="input"))
    return bytes(graph.as_graph_def().SerializeToString())


def _encoded() -> bytes:
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        contents = tf.compat.v1.placeholder(tf.string, (), name="DecodeJpeg/contents")
        image = tf.io.decode_jpeg(contents, channels=3, dct_method="INTEGER_ACCURATE")
        resized = tf.image.resize(tf.cast(image, tf.float32)[None], (8, 8)) / 255.0
        _network(tf, tf.compat.v1.placeholder_with_default(resized, (None, 8, 8, 3), name="input"))
    return bytes(graph.as_graph_def().SerializeToString())


def _functions() -> bytes:
    import tensorflow as tf

    doubled = tf.function(lambda values: values * 2.0, input_signature=[tf.TensorSpec((None, 8, 8, 3), tf.float32)])
    with tf.Graph().as_default() as graph:
        pixels = tf.compat.v1.placeholder(tf.float32, (None, 8, 8, 3), name="input")
        bright = tf.reduce_mean(pixels) > 0.5
        chosen = tf.cond(bright, lambda: doubled(pixels), lambda: pixels - 1.0)
        _network(tf, chosen)
    return bytes(graph.as_graph_def().SerializeToString())
