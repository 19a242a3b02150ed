"""An artifact that is open in a worker process: what it is, and what it answers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.errors import MissingExtraError, ModelportError, RuntimeFailure
from ...contract.model_contract.model_contract import ModelContract
from ..facts.description import Description
from ..facts.format_runtimes import RUNTIMES
from ..process.error_frames import error_from_json
from ..process.worker_process import WorkerDied
from .connection import Connection


class Session:
    """An open artifact. Made by `Workers.open`.

    Attributes:
        description: what the runtime says about the artifact.
    """

    def __init__(
        self,
        connection: Connection,
        path: Path,
        format: str,
        contract: ModelContract,
        python: Path | None,
        *,
        facts: bool,
    ) -> None:
        self._connection, self._path, self._format, self._python = connection, path, format, python
        request = {"ask": "open", "format": format, "path": str(path.absolute()), "contract": contract.to_json()}
        answer, _ = self._ask(request if facts else request | {"facts": False})
        self.describe(answer["description"])

    def describe(self, told: dict[str, Any]) -> None:
        """Set `description`; raises RuntimeFailure where what a worker told is none."""
        try:
            self.description = Description.from_json(told)
        except (KeyError, TypeError, ValueError) as error:
            raise self._failure(f"gave a description that cannot be read: {error!r}") from error

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Return head name to (batch, width) for pixels (batch, height, width, channel), as the contract says.

        The dtype is the artifact's own, so that a judge can see it.
        """
        answer, arrays = self._ask({"ask": "pixels"}, [pixels])
        return dict(zip(answer["heads"], arrays, strict=True))

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[np.float32]]:
        """Return head name to (batch, width) for the bytes of image files, JPEG or PNG."""
        answer, arrays = self._ask({"ask": "encoded"}, [np.frombuffer(file, dtype=np.uint8) for file in files])
        return dict(zip(answer["heads"], arrays, strict=True))

    def time(self, pixels: NDArray[np.float32]) -> float:
        """Return the milliseconds that one call takes inside the worker."""
        answer, _ = self._ask({"ask": "time", "door": "pixels"}, [pixels])
        return float(answer["ms"])

    def memory_use(self) -> dict[str, Any]:
        """Return what `runtimes.process.memory_use` says about the worker."""
        answer, _ = self._ask(
            {"ask": "task", "task": "modelport.runtimes.process.memory_use:memory_use", "arguments": {}}
        )
        done: dict[str, Any] = answer["done"]
        return done

    def _ask(
        self, request: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()
    ) -> tuple[dict[str, Any], list[NDArray[Any]]]:
        try:
            answer, values = self._connection.ask(request, arrays)
        except WorkerDied as died:
            raise self._failure(str(died)) from died
        if "missing" in answer:
            raise self._missing(answer["missing"])
        if "refused" in answer:
            raise self._failure(answer["refused"])
        return answer, values

    def _failure(self, reason: str) -> RuntimeFailure:
        return RuntimeFailure(
            f"{self._format} runtime failed",
            where=self._path,
            received=reason,
            fix=f"see {self._connection.log} for what it printed",
        )

    def _missing(self, told: dict[str, Any]) -> ModelportError:
        needed = RUNTIMES[self._format]
        if not needed.packages:
            return error_from_json(told)
        package, what = needed.packages[0], f"running {self._path.name}"
        if self._python is None:
            return MissingExtraError(package, needed_for=what, extra=needed.extra)
        names = [name.replace("_", "-") for name in needed.packages]
        fix = f"{self._python} -m pip install {names[0]}"
        return MissingExtraError(" or ".join(names), needed_for=f"{what} with {self._python}", fix=fix)
