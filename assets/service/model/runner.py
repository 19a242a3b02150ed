"""One model in this process, whatever its format: the bytes of an image file in, one score for each output out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ....contract.errors import InputError, MissingExtraError, ModelportError
from ....contract.image.decode import decode_image, to_pixels
from ....contract.model_contract.model_contract import ModelContract
from ....runtimes.facts.driver import Driver
from ....runtimes.workers.driver_registry import load_runtime, open_driver
from .check_image import check_whole
from .model_files import Snapshot
from .model_promise import promise_of
from .refusal import refusal_of


class Runner(Protocol):
    """An open model. Several threads may call it at once."""

    runtime: str
    labels: tuple[str, ...]

    def scores(self, image: bytes) -> NDArray[np.float32]:
        """Return (outputs,) float32 for a JPEG or PNG file; raises Refusal for one that cannot be decoded."""


def import_runtime(format: str) -> None:
    """Import what opens a format, so that it is there before the first model.

    Raises:
        MissingExtraError: it is not installed.
    """
    with _explained(format):
        if format == "frozen_graph":
            from . import frozen_graph_runner as _  # noqa: F401
        else:
            load_runtime({"format": format})


def open_runner(snapshot: Snapshot) -> Runner:
    """Open the model of a snapshot, from the bytes that were read: what is written to its path later changes nothing.

    Raises:
        InputError: it is damaged, is not what its format says, or does not say what it takes.
        MissingExtraError: its runtime is not installed.
    """
    with _explained(snapshot.format):
        if snapshot.format == "frozen_graph":
            from .frozen_graph_runner import FrozenGraphRunner

            return FrozenGraphRunner(snapshot)
        return DriverRunner(snapshot)


@contextmanager
def _explained(format: str) -> Iterator[None]:
    try:
        yield
    except ModelportError:
        raise
    except ImportError as error:
        extra = "tensorflow" if format in ("frozen_graph", "saved_model") else None
        needed_for = f"serving a {format}"
        raise MissingExtraError(error.name or "its runtime", needed_for=needed_for, extra=extra) from error
    except Exception as error:  # runtimes raise whatever they like
        received = f"{type(error).__name__}: {str(error).strip()[:500]}"
        raise InputError("model cannot be opened", received=received) from error


class DriverRunner:
    """A SavedModel, TFLite or ONNX file, run by modelport's own drivers.

    A SavedModel with the signature serve_encoded gets the file; all others get the pixels that their contract wants.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._contract = promise_of(snapshot)
        self._driver = _open(snapshot, self._contract)
        self._head = self._contract.first_classification
        self.labels, self.runtime = self._head.labels, self._driver.description.runtime
        self._takes_files = "encoded" in self._driver.description.doors
        self._lock = threading.Lock() if snapshot.format == "tflite" else None  # an interpreter has one set of tensors

    def scores(self, image: bytes) -> NDArray[np.float32]:
        """Answer one image."""
        if self._takes_files:
            check_whole(image)
            found = self._driver.predict_encoded([image])
        else:
            found = self._predict(self._pixels(image))
        return np.asarray(found[self._head.name][0], np.float32)

    def _pixels(self, image: bytes) -> NDArray[Any]:
        try:
            return to_pixels(decode_image(image, self._contract.pixels, where=None), self._contract.pixels)[None]
        except InputError as error:
            raise refusal_of(error) from error

    def _predict(self, pixels: NDArray[Any]) -> dict[str, NDArray[Any]]:
        if self._lock is None:
            return self._driver.predict(pixels)
        with self._lock:
            return self._driver.predict(pixels)


def _open(snapshot: Snapshot, contract: ModelContract) -> Driver:
    source = str(snapshot.model) if isinstance(snapshot.model, Path) else snapshot.model
    return open_driver(snapshot.format, source, contract, facts=False)
