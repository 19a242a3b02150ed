"""Keras 3's twins are tested where they are used, in test_rewrite_as_keras.py; these are tf-keras'."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="twins need the extra [tensorflow]")
pytest.importorskip("tf_keras", reason="legacy models need tf-keras")

import tensorflow as tf
import tf_keras
from modelport.training.adopt.rewrite.float32_twin import float32_twin_of_tf_keras


def _model(policy: str) -> Any:
    """Ops on tensors are layers of their own, whose policy is in the configuration as well."""
    tf_keras.mixed_precision.set_global_policy(policy)
    try:
        image = tf_keras.Input((8, 8, 3))
        features = tf.nn.relu(tf_keras.layers.Conv2D(6, 3)(image) + 1.0)
        pooled = tf_keras.layers.GlobalAveragePooling2D()(features)
        return tf_keras.Model(image, tf_keras.layers.Dense(4, activation="softmax", dtype="float32")(pooled))
    finally:
        tf_keras.mixed_precision.set_global_policy("float32")


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_becomes_float32_in_every_node(policy: str) -> None:
    model = _model(policy)
    twin, notes = float32_twin_of_tf_keras(model)
    graph = tf.function(twin).get_concrete_function(tf.TensorSpec((None, 8, 8, 3))).graph
    kinds = {tensor.dtype for operation in graph.get_operations() for tensor in operation.outputs}
    assert set() == kinds & {tf.float16, tf.bfloat16}
    assert policy in notes[0]
    pixels = np.random.default_rng(0).random((5, 8, 8, 3), dtype=np.float32)
    np.testing.assert_allclose(model(pixels), twin(pixels), atol=1e-2)
    assert all((a == b).all() for a, b in zip(model.get_weights(), twin.get_weights(), strict=True))


def test_a_model_of_float32_is_left_as_it_is() -> None:
    model = _model("float32")
    assert (model, ()) == float32_twin_of_tf_keras(model)
