from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="graphs need the extra [tensorflow]")

import tensorflow as tf
from modelport.runtimes.tf_graph.plain_graph import plain_graph


def _run(definition: Any, feed: dict[str, Any], answer: str) -> Any:
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
    with tf.compat.v1.Session(graph=graph) as session:
        return session.run(answer, feed)


def test_control_inputs_and_identities_go_and_the_answer_stays() -> None:
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (2,), name="image")
        with tf.control_dependencies([tf.no_op()]):
            passed = tf.identity(tf.identity(image))
        tf.identity(passed * 3.0, name="answer")
    plain = plain_graph(graph.as_graph_def(), "answer")
    assert [] == [node.name for node in plain.node if any(name.startswith("^") for name in node.input)]
    assert ["Const", "Identity", "Mul", "Placeholder"] == sorted(node.op for node in plain.node)
    np.testing.assert_array_equal([3.0, 6.0], _run(plain, {"image:0": [1.0, 2.0]}, "answer:0"))


def test_a_graph_with_branches_is_left_alone() -> None:
    """Its constants wait for the branch that they belong to; without that, both branches would answer."""
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (), name="image")
        no, yes = tf.raw_ops.Switch(data=image, pred=image > 0)
        with tf.control_dependencies([no]):
            other = tf.constant(-1.0)
        tf.identity(tf.raw_ops.Merge(inputs=[yes, other])[0], name="answer")
    definition = graph.as_graph_def()
    assert definition == plain_graph(definition, "answer")
