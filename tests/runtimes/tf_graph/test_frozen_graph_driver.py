"""A graph that has other tensors than its contract is refused in a sentence that names those that are there."""

from pathlib import Path

import pytest
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance

tf = pytest.importorskip("tensorflow", reason="frozen graphs are made and run with the extra [tensorflow]")


def contract(**names: str) -> ModelContract:
    return ModelContract(
        pixels=PixelContract(height=2, width=2),
        heads=(ClassificationHead(name="label", labels=("a", "b", "c")),),
        parameters=1,
        tensor_names={"pixels": "x:0", "output": "Identity:0"} | names,
        provenance=Provenance(run_id="20260101T000000Z-00000000", model_sha256="0" * 64),
    )


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A graph from x:0 to Identity:0, as many exporters name them."""
    with tf.Graph().as_default() as graph:
        pixels = tf.compat.v1.placeholder(tf.float32, [None, 2, 2, 3], name="x")
        tf.identity(tf.reduce_mean(pixels, axis=[1, 2]), name="Identity")
    (tmp_path / "foreign.pb").write_bytes(graph.as_graph_def().SerializeToString())
    return tmp_path / "foreign.pb"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        pytest.param({"pixels": "input:0"}, "no tensor 'input:0', which the contract says is its pixels", id="input"),
        pytest.param({"output": "final_result:0"}, "'final_result:0', which the contract says is its label", id="head"),
        pytest.param({"encoded": "files"}, "no tensor 'files', which the contract says is its encoded", id="no-name"),
    ],
)
def test_a_tensor_that_is_not_there_is_named_with_those_that_are(
    foreign: Path, names: dict[str, str], said: str
) -> None:
    from modelport.runtimes.tf_graph.frozen_graph_driver import FrozenGraphDriver

    with pytest.raises(InputError, match=said) as caught:
        FrozenGraphDriver(str(foreign), contract(**names))
    assert "fed at x:0; ends at Identity:0" == caught.value.received


def test_the_tensors_that_are_there_are_taken(foreign: Path) -> None:
    from modelport.runtimes.tf_graph.frozen_graph_driver import FrozenGraphDriver

    assert (None, 2, 2, 3) == FrozenGraphDriver(str(foreign), contract()).description.inputs[0].shape
