"""Convolutions in groups; the oracle is TensorFlow's own, and a sum written out."""

from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="converting needs the extra [tensorflow]")

from modelport.convert.graph.split_groups import split_groups  # noqa: E402


def drawn(weights: Any, **options: Any) -> Any:
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (None, 5, 6, 6), name="image")
        tf.identity(tf.nn.conv2d(image, tf.constant(weights), padding="SAME", **options) + 1.0, name="answer")
    return graph.as_graph_def()


def answer(definition: Any, pixels: Any) -> Any:
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
    with tf.compat.v1.Session(graph=graph) as session:
        return session.run("answer:0", {"image:0": pixels})


@pytest.mark.parametrize("groups", [2, 3, 6])
def test_the_answers_stay(groups: int) -> None:
    random = np.random.default_rng(0)
    weights = random.random((3, 3, 6 // groups, 12), dtype=np.float32)
    pixels = random.random((2, 5, 6, 6), dtype=np.float32)
    definition = drawn(weights, strides=(1, 2, 1, 1), dilations=(1, 1, 1, 1))
    split = split_groups(definition)
    np.testing.assert_allclose(answer(definition, pixels), answer(split, pixels), rtol=1e-5)
    kernels = [node for node in split.node if node.name.endswith(tuple(f"weights_{n}" for n in range(groups)))]
    assert groups == len(kernels) == sum(node.op == "Conv2D" for node in split.node)


def test_each_group_sees_its_own_channels() -> None:
    """1 x 1, one channel in and one out of each group: a factor for each channel."""
    factors = np.array([1, 2, 3, 4, 5, 6], np.float32)
    pixels = np.random.default_rng(0).random((1, 5, 6, 6), dtype=np.float32)
    split = split_groups(drawn(factors.reshape(1, 1, 1, 6), strides=1))
    np.testing.assert_allclose(pixels * factors + 1, answer(split, pixels), rtol=1e-6)


def test_others_are_left_as_they_are() -> None:
    definition = drawn(np.ones((3, 3, 6, 4), np.float32), strides=1)
    assert definition.node == split_groups(definition).node
