"""Backends with the pair of files that an old client reads."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

GRAPH, LABELS = "trained_model_graph.pb", "training_set_labels.txt"
#: Its own order and spelling, as an editor on Windows saved it; "Crimson" is the model's "red".
OLD_LABELS = b"GREEN\r\nCrimson\r\nBlue\r\n"
ALIASES = {"crimson": "red"}


@pytest.fixture(scope="session")
def old_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph in the manner of retrain.py that always answers its first label."""
    tf = pytest.importorskip("tensorflow", reason="a frozen graph is TensorFlow's")
    with tf.Graph().as_default() as graph:
        contents = tf.compat.v1.placeholder(tf.string, (), name="DecodeJpeg/contents")
        image = tf.cast(tf.image.decode_jpeg(contents, channels=3), tf.float32)[None]
        logits = tf.matmul(tf.reduce_mean(image, (1, 2)), np.zeros((3, 3), np.float32)) + np.array(
            [1, 0, 0], np.float32
        )
        tf.nn.softmax(logits, name="final_result")
    path = tmp_path_factory.mktemp("old") / GRAPH
    path.write_bytes(graph.as_graph_def().SerializeToString(deterministic=True))
    return path


@pytest.fixture
def make_backend(tmp_path: Path, old_graph: Path) -> Callable[..., Path]:
    """Return a function that lays out a backend with the old graph and a labels file."""

    def make(labels: bytes = OLD_LABELS, name: str = "service") -> Path:
        root = tmp_path / name
        root.mkdir()
        shutil.copyfile(old_graph, root / GRAPH)
        (root / LABELS).write_bytes(labels)
        return root

    return make
