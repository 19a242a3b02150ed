"""The same file as plain tf2onnx, with less memory; and as safe as it where a pass fails."""

from collections.abc import Callable
from typing import Any

import pytest

keras = pytest.importorskip("keras", reason="makes the model")
tf = pytest.importorskip("tensorflow", reason="makes the graph")
tf2onnx = pytest.importorskip("tf2onnx", reason="what is worked around")

from modelport.convert.graph.freeze import freeze, insert_frozen  # noqa: E402
from modelport.convert.to_onnx.tf2onnx_passes import to_onnx  # noqa: E402
from modelport.convert.to_onnx.tf2onnx_scalars import widen_scalars  # noqa: E402
from modelport.convert.to_onnx.tidy import tidy  # noqa: E402
from tf2onnx.graph import Node  # noqa: E402
from tf2onnx.optimizer.const_fold_optimizer import ConstFoldOptimizer  # noqa: E402

ENDS = ["image:0"], ["label:0"]


@pytest.fixture(scope="module")
def definition() -> Any:
    keras.utils.set_random_seed(0)
    model = keras.applications.MobileNetV3Small((48, 48, 3), weights=None, include_preprocessing=False, classes=3)
    spec = tf.TensorSpec((None, 48, 48, 3), tf.float32, name="image")
    frozen = freeze(lambda image: {"label": model(image, training=False)}, spec)
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (None, 48, 48, 3), name="image")
        insert_frozen(frozen, image, {"label": "label"})
    return widen_scalars(graph)[0]


def plain(definition: Any) -> Any:
    model, _ = tf2onnx.convert.from_graph_def(
        definition, name="model", input_names=ENDS[0], output_names=ENDS[1], opset=17
    )
    return model


def tidied(model: Any) -> bytes:
    """Return the bytes without tf2onnx's numbers."""
    tidy(model)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    return bytes(model.SerializeToString(deterministic=True))


def writes(monkeypatch: pytest.MonkeyPatch, convert: Callable[[], Any]) -> int:
    """Return how many times `convert` has tf2onnx write a constant into a protocol buffer."""
    count, update = 0, Node.update_proto

    def counted(self: Any, *arguments: Any, **named: Any) -> None:
        nonlocal count
        count += self.is_const()
        update(self, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Node, "update_proto", counted)
        convert()
    return count


def test_the_file_is_that_of_plain_tf2onnx(definition: Any) -> None:
    assert tidied(plain(definition)) == tidied(to_onnx(definition, *ENDS, 17))


def test_plain_tf2onnx_still_writes_each_weight_many_times(definition: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When this fails, tf2onnx was mended: delete convert/to_onnx/tf2onnx_passes.py and this file."""
    once = writes(monkeypatch, lambda: to_onnx(definition, *ENDS, 17))
    assert 10 * once < writes(monkeypatch, lambda: plain(definition))


@pytest.mark.slow
def test_a_pass_that_fails_is_done_without(definition: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("max() arg is an empty sequence")

    monkeypatch.setattr(ConstFoldOptimizer, "_optimize", fail)
    assert tidied(plain(definition)) == tidied(to_onnx(definition, *ENDS, 17))
