"""Runs model.keras under the float32 policy."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ...contract.errors import InputError
from ...contract.model_contract.model_contract import ModelContract
from ..facts.description import Description, TensorInfo
from ..facts.driver import by_head
from ..tf_graph.graph_layer import OWN_LAYERS


class KerasDriver:
    """A Keras model, deserialized in safe mode: a Lambda layer is refused."""

    def __init__(self, path: str, contract: ModelContract) -> None:
        keras.config.set_dtype_policy("float32")
        self._contract = contract
        self._model = keras.models.load_model(path, custom_objects=OWN_LAYERS, compile=False, safe_mode=True)
        self.description = Description(
            runtime=f"keras {version('keras')}",
            inputs=tuple(_info(tensor.name, tensor) for tensor in self._model.inputs),
            outputs=tuple(
                _info(name, out) for name, out in zip(self._model.output_names, self._model.outputs, strict=True)
            ),
        )

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Run one batch."""
        outputs = self._model(pixels, training=False)
        if not isinstance(outputs, dict):
            listed = outputs if isinstance(outputs, list | tuple) else [outputs]
            outputs = dict(zip(self._model.output_names, listed, strict=True))
        return by_head({name: np.asarray(value) for name, value in outputs.items()}, self._contract)

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[Any]]:
        """Refuse: a Keras model takes pixels."""
        raise InputError("a Keras model takes pixels, not file bytes")


def _info(name: str, tensor: Any) -> TensorInfo:
    return TensorInfo(name=name, dtype=str(tensor.dtype), shape=tuple(tensor.shape))
