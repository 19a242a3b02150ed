"""A zero point that its tensor's type cannot hold is named before the file runs: LiteRT 2.3 died of one."""

from pathlib import Path

import pytest

pytest.importorskip("ai_edge_litert.schema_py_generated", reason="files are made with the schema of ai-edge-litert")
import flatbuffers  # comes with ai-edge-litert
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.runtimes.tflite.tflite_driver import TfliteDriver
from modelport.runtimes.tflite.zero_points import check_zero_points


def file_with(zero_point: int, kind: int) -> bytes:
    """Return a .tflite file of one tensor."""
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = b"image", [1, 4], kind, 0
    tensor.quantization = schema.QuantizationParametersT()
    tensor.quantization.scale, tensor.quantization.zeroPoint = [0.5], np.array([zero_point], dtype=np.int64)
    graph, model = schema.SubGraphT(), schema.ModelT()
    graph.tensors, graph.inputs, graph.outputs, graph.operators = [tensor], [0], [0], []
    model.version, model.subgraphs, model.buffers, model.operatorCodes = 3, [graph], [schema.BufferT()], []
    builder = flatbuffers.Builder(256)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


KINDS = schema.TensorType


@pytest.mark.parametrize(
    ("zero_point", "kind"), [(-136, KINDS.INT8), (128, KINDS.INT8), (-1, KINDS.UINT8), (256, KINDS.UINT8)]
)
def test_one_that_does_not_fit_is_refused(zero_point: int, kind: int) -> None:
    with pytest.raises(InputError, match=f"zero point of tensor 'image' is {zero_point}, which its type cannot hold"):
        check_zero_points(file_with(zero_point, kind), "model.tflite")


@pytest.mark.parametrize(
    ("zero_point", "kind"), [(-128, KINDS.INT8), (127, KINDS.INT8), (0, KINDS.UINT8), (255, KINDS.UINT8)]
)
def test_the_ends_of_a_type_fit(zero_point: int, kind: int) -> None:
    check_zero_points(file_with(zero_point, kind), "model.tflite")


def test_such_a_file_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(file_with(-136, KINDS.INT8))
    contract = ModelContract(
        pixels=PixelContract(height=1, width=4),
        heads=(ClassificationHead(name="label", labels=("a", "b")),),
        parameters=1,
        provenance=Provenance(run_id="20260101T000000Z-00000000", model_sha256="0" * 64),
    )
    with pytest.raises(InputError, match="zero point of tensor 'image' is -136"):
        TfliteDriver(str(tmp_path / "model.tflite"), contract)
