"""The contract and the labels that a file holds of itself, whatever its format."""

import json
from pathlib import Path
from typing import Any

from .contract_from_facts import MAX_CONTRACT_BYTES
from .tflite_metadata_fields import BUFFER_NAME, CONTRACT_BUFFER_NAME

Facts = dict[str, Any]

#: Key of the contract in ONNX's metadata, and in what a TensorFlow.js model says of itself.
CONTRACT_KEY = "modelport_contract"
_LABEL_KEYS = ("labels", "classes", "class_names", "names")


def parse_promise(data: bytes | str | None) -> dict[str, Any] | None:
    """Return a contract's JSON as a dictionary; None for what is none."""
    try:
        value = None if data is None or len(data) > MAX_CONTRACT_BYTES else json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def tflite_says(data: bytes, model: Any) -> Facts:
    """Return `labels` and `promise` of a .tflite file: its bytes, and the schema's ModelT made of them."""
    from .tflite_metadata import read_tflite_metadata

    promise = parse_promise(tflite_buffer(model, CONTRACT_BUFFER_NAME))
    labels = read_tflite_metadata(data, tflite_buffer(model, BUFFER_NAME)).labels
    return {"labels": labels or labels_in(promise), "promise": promise}


def onnx_says(model: Any) -> Facts:
    """Return `labels` and `promise` of an ONNX ModelProto."""
    texts = {entry.key: entry.value for entry in model.metadata_props}
    promise = parse_promise(texts.get(CONTRACT_KEY))
    return {"labels": onnx_labels(model) or labels_in(promise), "promise": promise}


def tfjs_says(value: dict[str, Any]) -> Facts:
    """Return `labels` and `promise` of model.json."""
    own = value.get("userDefinedMetadata")
    promise = own.get(CONTRACT_KEY) if isinstance(own, dict) else None
    promise = promise if isinstance(promise, dict) else None
    return {"labels": labels_in(promise), "promise": promise}


def saved_model_says(folder: Path) -> Facts:
    """Return `labels` and `promise` of a SavedModel."""
    file = folder / "assets.extra" / "contract.json"
    try:
        data = file.read_bytes() if file.is_file() and file.stat().st_size <= MAX_CONTRACT_BYTES else None
    except OSError:
        data = None
    promise = parse_promise(data)
    return {"labels": labels_in(promise), "promise": promise}


def labels_in(promise: dict[str, Any] | None) -> tuple[str, ...]:
    """Return the labels of the first classification head of a contract that may be anything."""
    heads = (promise or {}).get("heads")
    for head in heads if isinstance(heads, list) else ():
        labels = head.get("labels") if isinstance(head, dict) else None
        if isinstance(labels, list) and all(isinstance(label, str) for label in labels):
            return tuple(labels)
    return ()


def tflite_buffer(model: Any, name: str) -> bytes | None:
    """Return the bytes of a metadata entry of a schema ModelT; None where there is none."""
    for entry in model.metadata:
        own = entry.name.decode(errors="replace") if isinstance(entry.name, bytes) else str(entry.name)
        if own == name and model.buffers[entry.buffer].data is not None:
            return bytes(model.buffers[entry.buffer].data)
    return None


def onnx_labels(model: Any) -> tuple[str, ...]:
    """Return the labels that an entry such as "labels" or "classes" lists, as JSON or one a line."""
    for entry in model.metadata_props:
        if entry.key.lower() in _LABEL_KEYS:
            try:
                value = json.loads(entry.value)
            except (ValueError, RecursionError):
                value = entry.value.splitlines()
            if isinstance(value, list) and all(isinstance(label, str) for label in value):
                return tuple(value)
    return ()
