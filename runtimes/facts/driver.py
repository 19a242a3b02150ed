"""What every runtime's driver can do, and how it sorts its outputs."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...contract.errors import InputError
from ...contract.model_contract.model_contract import ModelContract
from .description import Description


class Driver(Protocol):
    """One open artifact, inside the worker."""

    description: Description

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        """Return head name to (batch, width) for pixels (batch, height, width, channel)."""

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[Any]]:
        """Return head name to (batch, width) for the bytes of image files."""


def by_head(outputs: Mapping[str, NDArray[Any]], contract: ModelContract) -> dict[str, NDArray[Any]]:
    """Sort a runtime's outputs by the contract's heads: by name, or the only one to the only head.

    Raises:
        InputError: outputs and heads do not match.
    """
    names = [head.name for head in contract.heads]
    if len(outputs) == len(names) == 1:
        outputs = {names[0]: next(iter(outputs.values()))}
    if set(outputs) != set(names):
        raise InputError("outputs do not match the heads", expected=sorted(names), received=sorted(outputs))
    return {name: np.asarray(outputs[name]).reshape(len(outputs[name]), -1) for name in names}
