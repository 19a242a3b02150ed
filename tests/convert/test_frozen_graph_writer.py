from pathlib import Path
from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="a frozen graph is TensorFlow's")


@pytest.fixture(scope="module")
def definition(exported_run: Path) -> Any:
    data = (exported_run / "trained_model_graph.pb").read_bytes()
    return tf.compat.v1.GraphDef.FromString(data)


@pytest.fixture(scope="module")
def session(definition: Any) -> Any:
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
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


def test_jpeg_is_decoded_accurately(definition: Any) -> None:
    (decode,) = (node for node in definition.node if node.op == "DecodeJpeg")
    assert b"INTEGER_ACCURATE" == decode.attr["dct_method"].s
