from typing import Any

import pytest
from modelport.contract.errors import InputError
from modelport.runtimes.graph_operators import FORBIDDEN, check_operators

tf = pytest.importorskip("tensorflow", reason="the oracle is TensorFlow's registry of operators")


def test_every_forbidden_name_is_an_operator_of_tensorflow() -> None:
    """A name that is misspelled forbids nothing."""
    from tensorflow.python.framework import op_def_registry

    assert [] == [name for name in sorted(FORBIDDEN) if op_def_registry.get(name) is None]


@pytest.mark.parametrize(
    ("run", "operator"),
    [
        pytest.param(lambda x: tf.numpy_function(lambda y: y, [x], tf.float32), "PyFunc", id="python"),
        pytest.param(lambda x: tf.py_function(lambda y: y, [x], tf.float32), "EagerPyFunc", id="eager-python"),
        pytest.param(lambda x: (tf.io.write_file("out", tf.strings.as_string(x)), x)[1], "WriteFile", id="file"),
    ],
)
def test_a_function_inside_is_searched_too(run: Any, operator: str) -> None:
    inner = tf.function(run, autograph=False)
    outer = tf.function(lambda x: inner(x), autograph=False)
    graph = outer.get_concrete_function(tf.TensorSpec((), tf.float32)).graph.as_graph_def()
    assert operator not in {node.op for node in graph.node}, "it is in the library, not at the top"
    with pytest.raises(InputError, match=operator):
        check_operators(graph, "here")


def test_what_saves_variables_is_let_pass_in_a_saved_model_only() -> None:
    with tf.Graph().as_default() as graph:
        tf.raw_ops.SaveV2(prefix="p", tensor_names=["a"], shape_and_slices=[""], tensors=[tf.constant(1.0)])
    check_operators(graph.as_graph_def(), "here", with_saver=True)
    with pytest.raises(InputError, match="SaveV2"):
        check_operators(graph.as_graph_def(), "here")
