"""Runs a legacy Keras .h5 file with tf-keras, as the clients do that were never brought to Keras 3."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras
from numpy.typing import NDArray

from ...contract.errors import InputError
from ...contract.model_contract.model_contract import ModelContract
from ..facts.description import Description, TensorInfo
from ..facts.driver import by_head
from .config import read_config


class H5Driver:
    """A model of Keras 2. One that holds code is refused before it is rebuilt."""

    def __init__(self, path: str, contract: ModelContract) -> None:
        code = [item for item in read_config(Path(path)).objects if item.is_code]
        if code:
            raise InputError("the file holds Python code", where=path, received=", ".join(map(str, code[:3])))
        tf_keras.mixed_precision.set_global_policy("float32")
        self._model, self._contract = tf_keras.models.load_model(path, compile=False), contract
        # layer by layer, as a call of the model goes, 1,000 images took five times as long (TensorFlow 2.21)
        self._call = tf.function(self._model, reduce_retracing=True)
        names = [head.name for head in contract.heads]
        own = list(self._model.output_names)  # an older client finds outputs by their place, as they have no signature
        self._names = own if set(own) == set(names) or len(own) != len(names) else names
        self.description = Description(
            runtime=f"tf-keras {version('tf_keras')}",
            inputs=tuple(_info(tensor.name, tensor) for tensor in self._model.inputs),
            outputs=tuple(_info(name, out) for name, out in zip(self._names, self._model.outputs, strict=True)),
        )

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Run one batch."""
        outputs = self._call(tf.constant(pixels), training=False)
        listed = outputs if isinstance(outputs, list | tuple) else [outputs]
        return by_head(
            {name: np.asarray(value) for name, value in zip(self._names, listed, strict=True)}, self._contract
        )

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[Any]]:
        """Refuse: a Keras model takes pixels."""
        raise InputError("an .h5 file takes pixels, not file bytes")


def _info(name: str, tensor: Any) -> TensorInfo:
    return TensorInfo(name=name, dtype=tensor.dtype.name, shape=tuple(tensor.shape))
