"""A stand-in for ONNX Runtime, so that a test decides what a runtime does inside the worker process."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead, RegressionHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.runtimes.process import worker_process
from modelport.runtimes.process.worker_process import clean_environment

STAND_IN = """
import os, signal, sys, time
import numpy as np

print("a line that Python printed")
os.write(1, b"a line that native code printed\\n")
assert os.read(0, 1) == b"", "the runtime reads the session's frames"


class Value:
    name, type, shape = "value", "tensor(float)", ["n", 1]


class InferenceSession:
    def __init__(self, path, providers):
        pass

    def get_inputs(self):
        return [Value]

    get_outputs = get_inputs

    def run(self, names, feed):
        pixels = feed["value"]
        {behaviour}
        return [pixels.reshape(len(pixels), -1)[:, :1]]
"""


@pytest.fixture
def small_contract() -> ModelContract:
    """Pixels 2 x 2, and one head of one value."""
    return ModelContract(
        pixels=PixelContract(height=2, width=2),
        heads=(RegressionHead(name="first", unit="of the first pixel"),),
        parameters=1,
        provenance=Provenance(run_id="20260101T000000Z-00000000", model_sha256="0" * 64),
    )


@pytest.fixture
def two_heads(small_contract: ModelContract) -> ModelContract:
    """A classification, then a regression; by name they would be the other way round."""
    heads = (ClassificationHead(name="label", labels=("no", "yes")), RegressionHead(name="age", unit="years"))
    return replace(small_contract, heads=heads)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Return a function that takes what the runtime does when it runs, and returns a file that it opens."""

    def make(behaviour: str = "pass") -> Path:
        folder = tmp_path / "stand-in"
        folder.mkdir()
        (folder / "onnxruntime.py").write_text(STAND_IN.replace("{behaviour}", behaviour))
        environment = clean_environment()
        environment["PYTHONPATH"] = os.pathsep.join([str(folder), environment["PYTHONPATH"]])
        monkeypatch.setattr(worker_process, "clean_environment", lambda: environment)
        value = onnx.helper.make_tensor_value_info("value", onnx.TensorProto.FLOAT, ["n", 1])
        graph = onnx.helper.make_graph([], "nothing", [value], [value])
        onnx.save(onnx.helper.make_model(graph, ir_version=8), tmp_path / "model.onnx")
        return tmp_path / "model.onnx"

    return make
