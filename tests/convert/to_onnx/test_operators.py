"""What ONNX lacks is named with its layer. The oracle is onnx.checker on what tf2onnx makes of it."""

import pytest
from modelport.contract.errors import InputError

tf = pytest.importorskip("tensorflow", reason="converting needs the extra [tensorflow]")
onnx = pytest.importorskip("onnx", reason="checks them")
tf2onnx = pytest.importorskip("tf2onnx", reason="writes ONNX")

from modelport.convert.to_onnx.operators import check_operators  # noqa: E402


def drawn(function: object) -> object:
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (None, 5), name="image")
        tf.identity(function(tf.nn.relu(image), name="mine/inner"), name="answer")  # type: ignore[operator]
    return graph.as_graph_def()


def convert(definition: object) -> None:
    ends = {"input_names": ["image:0"], "output_names": ["answer:0"]}
    model, _ = tf2onnx.convert.from_graph_def(definition, opset=17, **ends)
    onnx.checker.check_model(model, full_check=True)


def test_what_tf2onnx_refuses_is_named() -> None:
    definition = drawn(tf.math.erfinv)
    with pytest.raises(Exception, match="Erfinv"):
        convert(definition)
    with pytest.raises(InputError, match="ONNX has no operator Erfinv") as caught:
        check_operators(definition, 17)
    assert "mine/inner/Erfinv (Erfinv)" == caught.value.where
    assert "--to saved_model" in str(caught.value.fix)


def test_what_tf2onnx_takes_is_not() -> None:
    convert(drawn(tf.math.erf))
    check_operators(drawn(tf.math.erf), 17)
