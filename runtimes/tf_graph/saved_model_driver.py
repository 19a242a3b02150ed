"""Runs a SavedModel through its signatures: `serving_default` takes pixels, `serve_encoded` file bytes."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from ...contract.errors import InputError
from ...contract.model_contract.model_contract import ModelContract
from ..embedded_contract.embedded_promise import saved_model_says
from ..facts.description import Description, TensorInfo
from ..facts.driver import by_head
from .saved_model_operators import check_saved_model

#: Signature beside serving_default that takes a batch of image files as strings.
ENCODED_SIGNATURE = "serve_encoded"


class SavedModelDriver:
    """A SavedModel with the signature serving_default."""

    def __init__(self, path: str, contract: ModelContract) -> None:
        check_saved_model(Path(path))
        self._loaded, self._contract = tf.saved_model.load(path), contract  # the signatures do not keep the model alive
        self._signatures = dict(self._loaded.signatures)
        if "serving_default" not in self._signatures:
            raise InputError("no signature serving_default", where=path, received=sorted(self._signatures))
        pixels = self._signatures["serving_default"]
        encoded = ("encoded",) if ENCODED_SIGNATURE in self._signatures else ()
        self.description = Description(
            runtime=f"tensorflow {version('tensorflow')}",
            inputs=_infos(pixels.structured_input_signature[1]),
            outputs=_infos(pixels.structured_outputs),
            doors=("pixels", *encoded),
            **saved_model_says(Path(path)),
        )

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Run one batch through serving_default."""
        return self._run("serving_default", tf.constant(pixels))

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[Any]]:
        """Run one batch of files through serve_encoded."""
        return self._run(ENCODED_SIGNATURE, tf.constant(list(files)))

    def _run(self, signature: str, value: Any) -> dict[str, NDArray[Any]]:
        function = self._signatures[signature]
        (name,) = function.structured_input_signature[1]
        outputs = function(**{name: value})
        return by_head({key: output.numpy() for key, output in outputs.items()}, self._contract)


def _infos(specs: dict[str, Any]) -> tuple[TensorInfo, ...]:
    return tuple(
        TensorInfo(name=name, dtype=spec.dtype.name, shape=tuple(spec.shape.as_list())) for name, spec in specs.items()
    )
