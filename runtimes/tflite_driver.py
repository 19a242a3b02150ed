"""Runs a .tflite file with ai-edge-litert, one image at a time, as apps do."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from ..contract.errors import InputError
from ..contract.model_contract import ModelContract
from .description import Description, TensorInfo
from .drivers import by_head
from .tflite_file import read_tflite


class TfliteDriver:
    """A TFLite model with one input; outputs are named by its signature where it has one."""

    def __init__(self, path: str, contract: ModelContract) -> None:
        facts = read_tflite(Path(path).read_bytes())
        self._interpreter, self._contract = Interpreter(model_path=path, num_threads=2), contract
        self._interpreter.allocate_tensors()
        (self._input,) = self._interpreter.get_input_details()
        self._outputs = _named_outputs(self._interpreter)
        self.description = Description(
            runtime=f"ai-edge-litert {version('ai-edge-litert')}",
            inputs=(_info(self._input["name"], self._input),),
            outputs=tuple(_info(name, detail) for name, detail in self._outputs.items()),
            **facts,
        )

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Run the images of a batch one by one."""
        answers = [self._predict_one(image[None]) for image in pixels]
        return {head: np.concatenate([answer[head] for answer in answers]) for head in answers[0]}

    def _predict_one(self, image: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        self._interpreter.set_tensor(self._input["index"], image)
        self._interpreter.invoke()
        outputs = {name: self._interpreter.get_tensor(detail["index"]) for name, detail in self._outputs.items()}
        return by_head(outputs, self._contract)

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[Any]]:
        """Refuse: the file takes pixels."""
        raise InputError("this TFLite file takes pixels, not file bytes")


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
