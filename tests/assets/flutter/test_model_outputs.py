"""Which output of a file is which head: the signature says it, for a plugin that only counts."""

import flatbuffers
import pytest
from ai_edge_litert import schema_py_generated as schema
from modelport.assets.flutter.dart_text import DartHead
from modelport.assets.flutter.model_outputs import find_outputs
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead, RegressionHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance

LABEL, AGE = ClassificationHead(name="label", labels=("A", "B")), RegressionHead(name="age", unit="years")


def contract(*heads: ClassificationHead | RegressionHead) -> ModelContract:
    provenance = Provenance(run_id="run", model_sha256="0" * 64)
    return ModelContract(pixels=PixelContract(), heads=heads, parameters=1, provenance=provenance)


def tflite(outputs: list[int], signature: dict[str, int]) -> bytes:
    """Return a file of four tensors, whose graph answers `outputs` and whose signature names some of them."""
    model, graph, named = schema.ModelT(), schema.SubGraphT(), schema.SignatureDefT()
    graph.tensors = [schema.TensorT() for _ in range(4)]
    for number, tensor in enumerate(graph.tensors):
        tensor.name, tensor.shape, tensor.buffer = f"StatefulPartitionedCall:{number}", [1, 2], 0
    graph.inputs, graph.outputs, graph.operators = [0], outputs, []
    named.signatureKey, named.subgraphIndex, named.inputs = "serving_default", 0, []
    named.outputs = [schema.TensorMapT() for _ in signature]
    for entry, (name, tensor_index) in zip(named.outputs, signature.items(), strict=True):
        entry.name, entry.tensorIndex = name, tensor_index
    model.version, model.subgraphs, model.buffers = 3, [graph], [schema.BufferT()]
    model.operatorCodes, model.signatureDefs = [], [named] if signature else []
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_heads_keep_the_contracts_order_and_get_the_files_numbers() -> None:
    found = find_outputs(tflite([3, 1], {"age": 3, "label": 1}), contract(LABEL, AGE), "model.tflite")
    assert found == (DartHead(name="label", output=1, labels=("A", "B")), DartHead(name="age", output=0, unit="years"))


def test_a_single_output_is_the_single_head_whatever_it_is_called() -> None:
    (head,) = find_outputs(tflite([2], {}), contract(LABEL), "model.tflite")
    assert (head.name, head.output) == ("label", 0)


@pytest.mark.parametrize(
    ("outputs", "signature"),
    [
        pytest.param([3, 1], {}, id="no-signature"),
        pytest.param([3, 1], {"age": 3, "class": 1}, id="another-name"),
        pytest.param([3, 1], {"age": 3, "label": 2}, id="a-tensor-that-is-no-output"),
        pytest.param([3], {"age": 3, "label": 1}, id="too-few"),
    ],
)
def test_outputs_that_nothing_names_are_refused_not_guessed(outputs: list[int], signature: dict[str, int]) -> None:
    with pytest.raises(InputError, match="not the heads"):
        find_outputs(tflite(outputs, signature), contract(LABEL, AGE), "model.tflite")
