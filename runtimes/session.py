"""One artifact, opened in a process of its own, so that a file that crashes its runtime harms nobody else."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..contract.errors import MissingExtraError, RuntimeFailure
from ..contract.model_contract import ModelContract
from .description import Description
from .drivers import DRIVERS
from .frames import read_frame, write_frame


@contextmanager
def open_artifact(
    path: str | Path, format: str, contract: ModelContract, *, log: str | Path, timeout_s: float = 120.0
) -> Iterator["Session"]:
    """Open one artifact in a worker process, which ends with the block.

    Args:
        path: the file or folder.
        format: "keras", or one of contract.artifacts.FORMATS.
        contract: what it should promise; says how many values each head has.
        log: file that receives what the runtime prints (appended).
        timeout_s: seconds that opening, and each call, may take.

    Raises:
        RuntimeFailure: the runtime refused the file, crashed or hung (on opening or on a later call).
        MissingExtraError: the runtime is not installed.

    Example:
        with open_artifact("run/model.onnx", "onnx", contract, log="run/logs/onnx.log") as session:
            probabilities = session.predict(pixels)["label"]
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab") as noise:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "modelport.runtimes.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=noise,
            env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "2"},
        )
    try:
        yield Session(process, Path(path), format, contract, Path(log), timeout_s)
    finally:
        process.kill()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        process.wait()


class Session:
    """An open artifact. Made by `open_artifact`.

    Attributes:
        description: what the runtime says about the artifact.
    """

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        path: Path,
        format: str,
        contract: ModelContract,
        log: Path,
        timeout_s: float,
    ) -> None:
        self._process, self._path, self._format, self._log, self._timeout_s = process, path, format, log, timeout_s
        request = {"ask": "open", "format": format, "path": str(path.absolute()), "contract": contract.to_json()}
        answer, _ = self._call(request)
        self.description = Description.from_json(answer["description"])

    def predict(self, pixels: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Return head name to (batch, width) for pixels (batch, height, width, channel), as the contract says.

        The dtype is the artifact's own, so that a judge can see it.
        """
        answer, arrays = self._call({"ask": "pixels"}, [pixels])
        return dict(zip(answer["heads"], arrays, strict=True))

    def predict_encoded(self, files: Sequence[bytes]) -> dict[str, NDArray[np.float32]]:
        """Return head name to (batch, width) for the bytes of image files, JPEG or PNG."""
        answer, arrays = self._call({"ask": "encoded"}, [np.frombuffer(file, dtype=np.uint8) for file in files])
        return dict(zip(answer["heads"], arrays, strict=True))

    def _call(
        self, request: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()
    ) -> tuple[dict[str, Any], list[NDArray[Any]]]:
        late = threading.Event()
        watch = threading.Timer(self._timeout_s, self._kill, [late])
        watch.start()
        try:
            write_frame(_pipe(self._process.stdin), request, arrays)
            answer, values = read_frame(_pipe(self._process.stdout))
        except (OSError, EOFError, ValueError) as error:
            raise self._failure(f"took longer than {self._timeout_s:g} s" if late.is_set() else self._end()) from error
        finally:
            watch.cancel()
        if "missing" in answer:
            needed = DRIVERS[self._format]
            raise MissingExtraError(needed.package, needed_for=f"running {self._path.name}", extra=needed.extra)
        if "refused" in answer:
            raise self._failure(answer["refused"])
        return answer, values

    def _kill(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _failure(self, reason: str) -> RuntimeFailure:
        return RuntimeFailure(
            f"{self._format} runtime failed",
            where=self._path,
            received=reason,
            fix=f"see {self._log} for what it printed",
        )

    def _end(self) -> str:
        code = self._process.wait()
        with suppress(ValueError):
            return f"crashed with {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"ended with code {code}"


def _pipe(stream: Any) -> BinaryIO:
    assert stream is not None
    return stream  # type: ignore[no-any-return]
