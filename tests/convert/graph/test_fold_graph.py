"""Scales are put into convolutions; what TensorFlow answers, with its own optimizer off, is the oracle."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="a frozen graph is TensorFlow's")

from modelport.convert.graph.fold_graph import fold_constants, fold_scales  # noqa: E402

v1 = tf.compat.v1
PIXELS = np.random.default_rng(0).normal(size=(2, 6, 6, 4)).astype(np.float32)


def weights(*shape: int, dtype: str = "float32") -> Any:
    return tf.constant(np.random.default_rng(len(shape)).normal(size=shape).astype(dtype))


def convolved(image: Any, channels: int = 8, dtype: str = "float32") -> Any:
    return tf.nn.conv2d(image, weights(3, 3, 4, channels, dtype=dtype), 1, "SAME", name="conv")


def graph_of(build: Callable[[Any], Any], dtype: str = "float32") -> Any:
    with tf.Graph().as_default() as graph:
        tf.identity(build(v1.placeholder(dtype, (None, 6, 6, 4), name="image")), name="end")
    return graph.as_graph_def()


def answer(definition: Any, name: str = "end") -> Any:
    config = v1.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
    pixels = PIXELS.astype(graph.get_tensor_by_name("image:0").dtype.as_numpy_dtype)
    with v1.Session(graph=graph, config=config) as session:
        return session.run(f"{name}:0", {"image:0": pixels})


def folded(definition: Any, *outputs: str) -> Any:
    names = list(outputs or ("end",))
    return fold_scales(fold_constants(definition, names), names)


def gated(image: Any) -> Any:
    """A gated linear unit: a product whose factor is the second output of a Split."""
    left, right = tf.split(convolved(image), 2, axis=3)
    return tf.sigmoid(left) * right


def twice(image: Any) -> Any:
    one = convolved(image)
    return one * weights(8) + one * weights(1, 8)


def shared(image: Any) -> Any:
    kernel = weights(3, 3, 4, 4)
    once = tf.nn.conv2d(image, kernel, 1, "SAME") * weights(4)
    return tf.nn.conv2d(once, kernel, 1, "SAME") + once


def named_alike(image: Any) -> Any:
    product = tf.multiply(convolved(image), weights(8), name="scaled")
    return product + tf.reduce_mean(image, name="scaled/weights")


def depthwise(image: Any) -> Any:
    return tf.nn.depthwise_conv2d(image, weights(3, 3, 4, 3), (1, 1, 1, 1), "SAME") * weights(1, 1, 1, 12)


@pytest.mark.parametrize(
    ("build", "products"),
    [
        pytest.param(lambda image: convolved(image) * weights(8), 0, id="per-channel"),
        pytest.param(lambda image: tf.constant([0.0, -1, 1e30, 1e-30]) * convolved(image, 4), 0, id="zero-to-huge"),
        pytest.param(depthwise, 0, id="depthwise-with-three-for-each"),
        pytest.param(named_alike, 0, id="somebody-has-the-constants-name"),
        pytest.param(shared, 0, id="shared-weights"),
        pytest.param(lambda image: convolved(image, 6) * weights(6, 1), 1, id="per-column"),
        pytest.param(lambda image: convolved(image, 1) * weights(5), 1, id="one-channel-to-five"),
        pytest.param(twice, 2, id="read-twice"),
        pytest.param(gated, 1, id="second-output"),
    ],
)
def test_scales_of_channels_go_into_the_convolution_and_nothing_else_does(
    build: Callable[[Any], Any], products: int
) -> None:
    definition = graph_of(build)
    after = folded(definition)
    np.testing.assert_allclose(answer(definition), answer(after), rtol=1e-4, atol=1e-4)
    assert products == Counter(node.op for node in after.node)["Mul"]


def test_a_convolution_that_is_itself_an_answer_keeps_it() -> None:
    definition = graph_of(lambda image: convolved(image) * weights(8))
    after = folded(definition, "end", "conv")
    np.testing.assert_allclose(answer(definition, "conv"), answer(after, "conv"), atol=1e-5)
    np.testing.assert_allclose(answer(definition), answer(after), atol=1e-5)


def test_half_precision_is_left_alone() -> None:
    """The product of two weights of 1e-4 is 1e-8, which float16 does not hold."""
    definition = graph_of(
        lambda image: tf.nn.conv2d(image, tf.fill((1, 1, 4, 2), np.float16(1e-4)), 1, "SAME") * np.full(2, 1e-4, "f2"),
        "float16",
    )
    assert ["Mul"] == [node.op for node in folded(definition).node if node.op == "Mul"]


def test_a_product_that_no_float_holds_is_not_written() -> None:
    """1e20 * 1e20 is infinite in float32, and 1e-20 * 1e20 * 1e20 is not."""
    kernel, scale = np.full((1, 1, 4, 2), 1e20, np.float32), np.full(2, 1e20, np.float32)
    definition = graph_of(lambda image: tf.nn.conv2d(image * 1e-20, kernel, 1, "SAME") * scale)
    assert np.isfinite(answer(definition)).all()
    np.testing.assert_array_equal(answer(definition), answer(folded(definition)))
