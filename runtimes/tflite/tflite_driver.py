"""Runs a .tflite file, one image at a time, as apps do: with ai-edge-litert, or what another environment has."""

import importlib
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.errors import InputError
from ...contract.model_contract.model_contract import ModelContract
from ..facts.description import Description, TensorInfo
from ..facts.driver import by_head
from ..facts.format_runtimes import RUNTIMES
from ..process.threads import threads_here

#: Package to the module that has its interpreter, and where in it. TensorFlow's `lite` is an attribute, made when
#: `tensorflow` is imported: the folder of that name, which `import tensorflow.lite` finds, is another module.
_INTERPRETERS = {
    "ai_edge_litert": ("ai_edge_litert.interpreter", "Interpreter"),
    "tflite_runtime": ("tflite_runtime.interpreter", "Interpreter"),
    "tensorflow": ("tensorflow", "lite.Interpreter"),
}


class TfliteDriver:
    """A TFLite model with one input; outputs are named by its signature where it has one."""

    def __init__(self, path: str | bytes, contract: ModelContract, *, facts: bool = True) -> None:
        told = _facts(path) if facts and isinstance(path, str) else {}
        package, interpreter = load_runtime()
        source = {"model_path": path} if isinstance(path, str) else {"model_content": path}
        self._interpreter, self._contract = interpreter(**source, num_threads=threads_here() or 2), contract
        self._interpreter.allocate_tensors()
        (self._input,) = self._interpreter.get_input_details()
        self._shape = tuple(map(int, self._input["shape"]))
        self._outputs = _named_outputs(self._interpreter)
        self.description = Description(
            runtime=f"{package.replace('_', '-')} {version(package)}",
            inputs=(_info(self._input["name"], self._input),),
            outputs=tuple(_info(name, detail) for name, detail in self._outputs.items()),
            delegate_partitions=_delegate_partitions(self._interpreter),
            **told,
        )

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Run the images of a batch one by one."""
        answers = [self._predict_one(image[None]) for image in pixels]
        return {head: np.concatenate([answer[head] for answer in answers]) for head in answers[0]}

    def _predict_one(self, image: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        if tuple(image.shape) != self._shape:  # an artifact that resizes takes images of any size
            self._interpreter.resize_tensor_input(self._input["index"], image.shape)
            self._interpreter.allocate_tensors()
            self._shape = tuple(image.shape)
        self._interpreter.set_tensor(self._input["index"], image)
        self._interpreter.invoke()
        outputs = {name: self._interpreter.get_tensor(detail["index"]) for name, detail in self._outputs.items()}
        return by_head(outputs, self._contract)

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[Any]]:
        """Refuse: the file takes pixels."""
        raise InputError("this TFLite file takes pixels, not file bytes")


def load_runtime() -> tuple[str, Any]:
    """Import the first package that is there, and return its name and its class of interpreters."""
    package = next(name for name in RUNTIMES["tflite"].packages if find_spec(name))
    module, name = _INTERPRETERS[package]
    return package, attrgetter(name)(importlib.import_module(module))


def _delegate_partitions(interpreter: Any) -> int | None:
    """Return how many nodes of delegates, XNNPACK's and others', stand in for operators once it is allocated.

    The only way to ask is private (ai-edge-litert 2.3.0); where it is gone, or tells less, nothing is known.
    """
    try:
        return [details["op_name"] for details in interpreter._get_ops_details()].count("DELEGATE")
    except (AttributeError, KeyError, TypeError):
        return None


def _facts(path: str) -> dict[str, Any]:
    """Return what the file's bytes say, and refuse what may crash the runtime.

    Nothing where what reads them is not installed: not beside old runtimes, LiteRT 1 too.
    """
    if find_spec("ai_edge_litert") is None or find_spec("ai_edge_litert.schema_py_generated") is None:
        return {}
    from .open_tflite import read_tflite
    from .zero_points import check_zero_points

    data = Path(path).read_bytes()
    told = read_tflite(data)
    check_zero_points(data, path)
    return told


def _named_outputs(interpreter: Any) -> dict[str, Any]:
    """Return output name to its details: the names of the only signature, else the names of the tensors."""
    details = {detail["index"]: detail for detail in interpreter.get_output_details()}
    signatures = interpreter.get_signature_list()
    if len(signatures) == 1:
        runner = interpreter.get_signature_runner(next(iter(signatures)))
        return {name: details[detail["index"]] for name, detail in runner.get_output_details().items()}
    return {detail["name"]: detail for detail in details.values()}


def _info(name: str, detail: Any) -> TensorInfo:
    shape = tuple(None if size < 0 else int(size) for size in detail["shape_signature"])
    return TensorInfo(name=name, dtype=np.dtype(detail["dtype"]).name, shape=shape)
