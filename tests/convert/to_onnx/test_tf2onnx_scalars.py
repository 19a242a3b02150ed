"""The workaround must be needed, and must change nothing but the Transposes."""

from collections import Counter
from typing import Any

import numpy as np
import onnxruntime
import pytest

keras = pytest.importorskip("keras", reason="makes the model")
tf = pytest.importorskip("tensorflow", reason="makes the graph")
tf2onnx = pytest.importorskip("tf2onnx", reason="what is worked around")

from modelport.convert.options.export_options import OnnxOptions  # noqa: E402
from modelport.convert.to_onnx.tf2onnx_scalars import widen_scalars  # noqa: E402
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2  # noqa: E402


def mobilenet_graph() -> Any:
    """MobileNetV3Small without weights of its own: hard-swish and squeeze-excite bring the rank-0 constants."""
    keras.utils.set_random_seed(0)
    model = keras.applications.MobileNetV3Small((48, 48, 3), weights=None, include_preprocessing=False, classes=3)
    spec = tf.TensorSpec((None, 48, 48, 3), tf.float32, name="image")
    frozen = convert_variables_to_constants_v2(tf.function(model, input_signature=[spec]).get_concrete_function())
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (None, 48, 48, 3), name="image")
        (answer,) = tf.import_graph_def(
            frozen.graph.as_graph_def(), {frozen.inputs[0].name: image}, [frozen.outputs[0].name]
        )
        tf.identity(answer, name="label")
    return graph


def to_onnx(definition: Any) -> Any:
    model, _ = tf2onnx.convert.from_graph_def(
        definition, input_names=["image:0"], output_names=["label:0"], opset=OnnxOptions().opset
    )
    return model


def transposes(model: Any) -> int:
    return Counter(node.op_type for node in model.graph.node)["Transpose"]


@pytest.mark.slow
def test_plain_tf2onnx_still_needs_it_and_it_changes_no_answer() -> None:
    """When the first assertion fails, tf2onnx was mended: delete convert/to_onnx/tf2onnx_scalars.py and this file."""
    graph = mobilenet_graph()
    plain = to_onnx(graph.as_graph_def())
    assert transposes(plain) > 20
    definition, count = widen_scalars(graph)
    assert count > 0
    mended = to_onnx(definition)
    assert transposes(mended) <= 1
    pixels = np.random.default_rng(1).random((2, 48, 48, 3), dtype=np.float32)
    (expected,), (received,) = (
        onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"image:0": pixels})
        for model in (plain, mended)
    )
    np.testing.assert_allclose(expected, received, atol=1e-6)


def test_only_an_operand_that_meets_a_tensor_is_widened() -> None:
    """A number that is an axis as well keeps its rank there; numbers among themselves, sizes say, stay numbers."""
    with tf.Graph().as_default() as graph:
        one = tf.constant(1, name="one")
        x = tf.compat.v1.placeholder(tf.int32, (2, 3))
        tf.expand_dims(x + one, one, name="axis")
        tf.stack([tf.shape(x)[0] * one, one], name="sizes")
    definition, count = widen_scalars(graph)
    assert 1 == count
    with tf.Graph().as_default() as again:
        tf.import_graph_def(definition, name="")
    shapes = {name: again.get_tensor_by_name(f"{name}:0").shape.as_list() for name in ("add", "axis", "sizes")}
    assert {"add": [2, 3], "axis": [2, 1, 3], "sizes": [2]} == shapes
