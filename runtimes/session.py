"""One artifact, opened in a process of its own, so that a file that crashes its runtime harms nobody else."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.model_contract import ModelContract
from .description import Description


class Session:
    """An open artifact. Made by `open_artifact`."""

    description: Description

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Return head name to (batch, width) float32 for pixels (batch, height, width, channel), as the contract says."""
        raise NotImplementedError

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[np.float32]]:
        """Return head name to (batch, width) float32 for the bytes of image files, as JPEG or PNG."""
        raise NotImplementedError


@contextmanager
def open_artifact(
    path: str | Path, format: str, contract: ModelContract, *, log: str | Path, timeout_s: float = 120.0
) -> Iterator[Session]:
    """Open one artifact in a worker process, which ends with the block.

    Args:
        path: the file or folder.
        format: "keras", or one of contract.artifacts.FORMATS.
        contract: what it should promise; says how many values each head has.
        log: file that receives what the runtime prints.
        timeout_s: seconds that opening, and each call, may take.

    Raises:
        RuntimeFailure: the runtime refused the file, crashed or hung (on opening or on a later call).
        MissingExtraError: the runtime is not installed.
    """
    raise NotImplementedError
    yield Session()


__all__ = ["Any", "Session", "open_artifact"]
