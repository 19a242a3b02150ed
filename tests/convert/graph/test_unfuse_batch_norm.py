from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="a frozen graph is TensorFlow's")

from modelport.convert.graph.fold_graph import fold_scales  # noqa: E402
from modelport.convert.graph.unfuse_batch_norm import unfuse_batch_norm  # noqa: E402

RANDOM = np.random.default_rng(0)
PIXELS = RANDOM.random((2, 6, 6, 3), dtype=np.float32)


def graph_of(version: str, **attributes: Any) -> Any:
    weights, (scale, offset, mean) = RANDOM.normal(size=(3, 3, 3, 4)), RANDOM.normal(size=(3, 4))
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (None, 6, 6, 3), name="image")
        convolved = tf.nn.conv2d(image, weights.astype(np.float32), 1, "SAME")
        values = [tf.constant(value, tf.float32) for value in (scale, offset, mean, RANDOM.random(4) + 0.1)]
        normal = getattr(tf.raw_ops, version)(
            x=convolved,
            scale=values[0],
            offset=values[1],
            mean=values[2],
            variance=values[3],
            **{"is_training": False, "epsilon": 0.002} | attributes,
        )
        tf.nn.relu(normal[0], name="end")
    return graph.as_graph_def()


def answer(definition: Any) -> Any:
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
    with tf.compat.v1.Session(graph=graph) as session:
        return session.run("end:0", {"image:0": PIXELS})


@pytest.mark.parametrize("version", ["FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"])
def test_inference_is_written_out_and_then_folded_into_the_convolution(version: str) -> None:
    """Older TensorFlow models hold this operator; TensorFlow itself is the oracle for what it answers."""
    definition = graph_of(version)
    folded = fold_scales(unfuse_batch_norm(definition), ["end"])
    np.testing.assert_allclose(answer(definition), answer(folded), atol=1e-5)
    assert {"Placeholder", "Const", "Conv2D", "AddV2", "Relu"} == {node.op for node in folded.node}


def test_training_is_left_alone() -> None:
    definition = graph_of("FusedBatchNormV3", is_training=True)
    assert definition == unfuse_batch_norm(definition)


def test_half_precision_with_statistics_of_full_precision_is_left_alone() -> None:
    """The operator computes in float32 then, which a product and a sum in float16 would not."""
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float16, (None, 6, 6, 4), name="image")
        ones = tf.ones(4)
        tf.raw_ops.FusedBatchNormV3(x=image, scale=ones, offset=ones, mean=ones, variance=ones, is_training=False)
    definition = graph.as_graph_def()
    assert definition == unfuse_batch_norm(definition)


def test_training_that_is_only_the_default_is_left_alone() -> None:
    """op_def: is_training is true where nothing is said."""
    definition = graph_of("FusedBatchNormV3")
    for node in definition.node:
        node.attr.pop("is_training", None)
    assert definition == unfuse_batch_norm(definition)


def test_nodes_of_the_same_names_are_not_covered() -> None:
    definition = graph_of("FusedBatchNormV3")
    (normal,) = (node for node in definition.node if node.op == "FusedBatchNormV3")
    expected = answer(definition)
    taken = definition.node.add(name=f"{normal.name}/product", op="Relu", input=["end"])
    taken.attr["T"].CopyFrom(normal.attr["T"])
    written = unfuse_batch_norm(definition)
    assert len(written.node) == len({node.name for node in written.node})
    np.testing.assert_allclose(expected, answer(written), atol=1e-5)
