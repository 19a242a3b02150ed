"""What a SavedModel, TFLite or ONNX file takes and answers: the contract inside it, else the one beside it."""

from pathlib import Path
from typing import Any

from ....contract.errors import InputError
from ....contract.model_contract.model_contract import ModelContract
from ....runtimes.embedded_contract.embedded_promise import onnx_says, saved_model_says, tflite_says
from .model_files import Snapshot

#: A promise inside a file holds no run; nothing here asks for one.
_NO_RUN = {"run_id": "", "model_sha256": ""}


def promise_of(snapshot: Snapshot) -> ModelContract:
    """Return the contract that the model carries, which was written with it; else the one that lies beside it.

    Raises:
        InputError: there is neither, or it cannot be understood.
    """
    promise = _inside(snapshot)
    if promise is not None:
        return ModelContract.from_json(promise | {"provenance": _NO_RUN}, where="the contract inside the model")
    if snapshot.contract is None:
        raise InputError(
            "model does not say which pixels it takes",
            expected="a contract inside the file, as modelport writes it, or contract.json beside it",
            fix="set MODELPORT_CONTRACT to the contract.json of its run; or adopt the model first: modelport adopt",
        )
    return snapshot.contract


def _inside(snapshot: Snapshot) -> dict[str, Any] | None:
    if isinstance(snapshot.model, Path):
        promise: dict[str, Any] | None = saved_model_says(snapshot.model)["promise"]
        return promise
    if snapshot.format == "tflite":
        return _in_tflite(snapshot.model)
    return _in_onnx(snapshot.model)


def _in_tflite(data: bytes) -> dict[str, Any] | None:
    try:
        from ....runtimes.tflite.tables import load_tflite
    except ImportError:  # an old runtime, which brings no reader of the file's tables
        return None
    promise: dict[str, Any] | None = tflite_says(data, load_tflite(data))["promise"]
    return promise


def _in_onnx(data: bytes) -> dict[str, Any] | None:
    try:
        import onnx
    except ImportError:
        return None
    promise: dict[str, Any] | None = onnx_says(onnx.load_model_from_string(data))["promise"]
    return promise
