"""The two models of service_load.py, and what an old client says that they answer."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

#: In the manner of label_image.py; prints all scores of each image, for a graph and a folder of images.
CLIENT = """
import json, pathlib, sys
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
graph_def = tf.GraphDef()
with tf.gfile.GFile(sys.argv[1], "rb") as f:
    graph_def.ParseFromString(f.read())
tf.import_graph_def(graph_def, name="")
with tf.Session() as sess:
    output = sess.graph.get_tensor_by_name("final_result:0")
    found = [sess.run(output, {"DecodeJpeg/contents:0": pathlib.Path(p).read_bytes()})[0] for p in sys.argv[2:]]
print(json.dumps([[float(score) for score in row] for row in found]))
"""

#: Changes the last weights of a graph: python NOISY OLD NEW.
NOISY = """
import sys
import numpy as np, tensorflow as tf
graph = tf.compat.v1.GraphDef.FromString(open(sys.argv[1], "rb").read())
random = np.random.default_rng(1)
for node in graph.node:
    if node.op == "Const" and node.attr["dtype"].type == tf.float32.as_datatype_enum:
        value = tf.make_ndarray(node.attr["value"].tensor)
        if value.ndim == 2 and value.size >= 1000:
            noisy = 0.3 * value + random.normal(0, 0.3 * value.std(), value.shape)
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(noisy.astype(np.float32)))
open(sys.argv[2], "wb").write(graph.SerializeToString(deterministic=True))
"""


def write_other(graph: Path, other: Path) -> None:
    """Write a graph with the last weights of `graph` changed."""
    call("-c", NOISY, graph, other)


def old_client_scores(graph: Path, paths: list[Path]) -> Any:
    """Return the scores (images, labels) that a client in TF 1 style gets, in a process of its own."""
    return np.array(json.loads(call("-c", CLIENT, graph, *paths)))


def call(*arguments: object) -> str:
    """Run this Python, and return what it prints."""
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "2"}
    done = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    return done.stdout
