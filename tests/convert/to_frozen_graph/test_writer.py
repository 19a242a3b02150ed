from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError

tf = pytest.importorskip("tensorflow", reason="a frozen graph is TensorFlow's")

from modelport.convert.to_frozen_graph.old_client_operators import check_operators, strip_default_attributes  # noqa: E402
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2  # noqa: E402


@pytest.fixture(scope="module")
def definition(exported_run: Path) -> Any:
    data = (exported_run / "trained_model_graph.pb").read_bytes()
    return tf.compat.v1.GraphDef.FromString(data)


@pytest.fixture(scope="module")
def session(definition: Any) -> Any:
    copied = tf.compat.v1.GraphDef.FromString(definition.SerializeToString())  # importing writes the defaults into it
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(copied, name="")
    return tf.compat.v1.Session(graph=graph)


def test_file_bytes_are_answered_as_keras_answers_their_pixels(session: Any, oracle: Any) -> None:
    answers = [session.run("final_result:0", {"DecodeJpeg/contents:0": file.read_bytes()}) for file in oracle.files]
    np.testing.assert_allclose(oracle.answers, np.concatenate(answers), atol=1e-4)


@pytest.mark.parametrize("batch", [1, 7])
def test_pixels_are_answered_as_keras_does(session: Any, oracle: Any, batch: int) -> None:
    answers = session.run("final_result:0", {"input:0": oracle.pixels[:batch]})
    np.testing.assert_allclose(oracle.answers[:batch], answers, atol=1e-5)


def test_nothing_is_left_that_an_old_client_cannot_load(definition: Any) -> None:
    """DESIGN.md, facts 12 and 17: no variables, no library functions, DecodeJpeg and not DecodeImage."""
    operators = {node.op for node in definition.node}
    assert "DecodeJpeg" in operators
    assert not {op for op in operators if "Variable" in op or "PartitionedCall" in op or op == "DecodeImage"}
    assert not definition.library.function


def test_constants_and_batch_normalization_are_folded(definition: Any, keras_model: Any) -> None:
    """The oracle is TensorFlow's own freezing of the same model, which leaves both in the graph."""
    function = tf.function(keras_model, input_signature=[tf.TensorSpec((None, 48, 48, 3))]).get_concrete_function()
    frozen = convert_variables_to_constants_v2(function).graph.as_graph_def()
    before, after = (Counter(node.op for node in graph.node) for graph in (frozen, definition))
    assert before["Rsqrt"] > 0 == after["Rsqrt"], "of BatchNormalization"
    assert before["Conv2D"] == after["Conv2D"]
    assert before["DepthwiseConv2dNative"] == after["DepthwiseConv2dNative"]
    assert len(definition.node) < len(frozen.node) / 2
    by_name = {node.name: node for node in definition.node}
    scaled = [
        node.name
        for node in definition.node
        if node.op == "Mul" and {"Conv2D", "DepthwiseConv2dNative"} & {by_name[name].op for name in node.input}
        if "Const" in {by_name[name].op for name in node.input}
    ]
    assert [] == scaled


def test_no_attribute_says_what_is_so_anyway(definition: Any) -> None:
    """TensorFlow 2.21 writes grad_a into each MatMul, which TensorFlow 1 does not know."""
    assert not [node.name for node in definition.node if {"grad_a", "grad_b", "_output_shapes"} & set(node.attr)]


def test_an_operator_that_old_clients_lack_is_named_with_its_layer() -> None:
    with tf.Graph().as_default() as graph:
        tf.raw_ops.DecodeWebP(contents=tf.compat.v1.placeholder(tf.string, ()), name="model/photo/decode")
    definition = graph.as_graph_def()
    strip_default_attributes(definition)
    with pytest.raises(InputError, match="lacks what the graph needs") as caught:
        check_operators(definition, "run")
    assert "DecodeWebP at model/photo/decode: newer than 2.15.1" == caught.value.received


def test_an_attribute_that_old_clients_lack_is_named_where_it_says_something() -> None:
    node = tf.compat.v1.NodeDef(name="model/dense/MatMul", op="MatMul")
    for name, says in (("grad_a", True), ("grad_b", False), ("transpose_a", False)):
        node.attr[name].b = says
    definition = tf.compat.v1.GraphDef(node=[node])
    strip_default_attributes(definition)
    assert ["grad_a"] == list(definition.node[0].attr)
    with pytest.raises(InputError) as caught:
        check_operators(definition, "run")
    assert "MatMul at model/dense/MatMul: attribute grad_a is newer than 2.15.1" == caught.value.received


@pytest.mark.parametrize("operator", ["VarHandleOp", "StatefulPartitionedCall", "SomebodysOwn"])
def test_variables_functions_and_custom_operators_are_refused(operator: str) -> None:
    definition = tf.compat.v1.GraphDef(node=[tf.compat.v1.NodeDef(name="x", op=operator)])
    with pytest.raises(InputError, match="lacks what the graph needs"):
        check_operators(definition, "run")


def test_jpeg_is_decoded_accurately(definition: Any) -> None:
    (decode,) = (node for node in definition.node if node.op == "DecodeJpeg")
    assert b"INTEGER_ACCURATE" == decode.attr["dct_method"].s
