"""Inspect a TensorFlow.js model: model.json, and whether its weight files are whole."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from ...contract.errors import InputError
from ...contract.files.hashing import size_bytes_of
from ...contract.files.inner_path import stays_inside
from ..facts.description import Operator
from ..facts.inspection import InspectedTensor, Inspection, Problem

#: A model.json holds names and shapes; that of a network of 5,000 operators takes some 5 MB.
MAX_JSON_BYTES = 1 << 27
#: What the largest file that a file system holds could store, and more.
MAX_ELEMENTS = 1 << 63

_WIDTHS = {"float32": 4, "int32": 4, "complex64": 8, "bool": 1, "uint8": 1, "uint16": 2, "float16": 2}
_DTYPES = {"DT_FLOAT": "float32", "DT_INT32": "int32", "DT_UINT8": "uint8", "DT_STRING": "bytes", "DT_HALF": "float16"}
#: Node types that carry values or names, and compute nothing.
_SILENT = ("Const", "Placeholder", "Identity", "NoOp")


def inspect_tfjs(path: Path) -> Inspection:
    """Return what model.json says; `path` is the folder or the file itself.

    Raises:
        InputError: not a TensorFlow.js model, or a damaged one.
    """
    file = path / "model.json" if path.is_dir() else path
    value = _read(file)
    try:
        return _inspect(path, file, value)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:  # a name may be too long
        raise InputError(
            "TensorFlow.js model is damaged", where=file, received=f"{type(error).__name__}: {str(error)[:200]}"
        ) from error


def _read(file: Path) -> dict[str, Any]:
    if file.stat().st_size > MAX_JSON_BYTES:
        raise InputError("model.json is too large", where=file, expected=f"at most {MAX_JSON_BYTES:,} bytes")
    try:
        value = json.loads(file.read_text(encoding="utf-8"), parse_constant=_no_json)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError("model.json is not JSON that can be read", where=file, received=str(error)[:200]) from error
    if not isinstance(value, dict) or "modelTopology" not in value or "weightsManifest" not in value:
        expected = "modelTopology and weightsManifest"
        raise InputError("not a TensorFlow.js model", where=file, expected=expected, fix="name the model's own file")
    return value


def _no_json(name: str) -> None:
    raise ValueError(f"{name} is no JSON")  # Python's reader takes NaN and Infinity, which are no sizes


def _inspect(path: Path, file: Path, value: dict[str, Any]) -> Inspection:
    entries = [entry for group in value["weightsManifest"] for entry in group["weights"]]
    weights = [entry for entry in entries if entry["dtype"] in ("float32", "float16")]
    counts = _operators(value["modelTopology"])
    signature = value.get("signature") or {}
    contract = (value.get("userDefinedMetadata") or {}).get("modelport_contract")
    return Inspection(
        path=str(path),
        format="tfjs",
        variant=f"TensorFlow.js {value.get('format') or 'layers-model'}",
        size_bytes=size_bytes_of(path),
        parameters=sum(_elements(entry["shape"]) for entry in weights),
        inputs=_tensors(signature.get("inputs") or {}),
        outputs=_tensors(signature.get("outputs") or {}),
        operators=tuple(Operator(name=name, version=0, count=n) for name, n in sorted(counts.items())),
        operator_kinds={"float": sum(n for name, n in counts.items() if name not in _SILENT)},
        weight_bytes=_weight_bytes(entries),
        metadata=_texts(value),
        contract=json.loads(contract) if isinstance(contract, str) else contract,
        problems=tuple(_problems(file, value, counts)),
    )


def _operators(topology: dict[str, Any]) -> Counter[str]:
    if "node" in topology:
        return Counter(str(node["op"]) for node in topology["node"])
    layers = topology.get("model_config", topology)["config"]
    layers = layers["layers"] if isinstance(layers, dict) else layers
    return Counter(str(layer["class_name"]) for layer in layers)


def _tensors(entries: dict[str, Any]) -> tuple[InspectedTensor, ...]:
    found = []
    for name, entry in entries.items():
        sizes = (entry.get("tensorShape") or {}).get("dim")
        shape = None if sizes is None else tuple(_size(size) for size in sizes)
        dtype = str(entry.get("dtype"))
        found.append(InspectedTensor(name=name, dtype=_DTYPES.get(dtype, dtype.lower()), shape=shape))
    return tuple(found)


def _size(entry: dict[str, Any]) -> int | None:
    size = int(entry.get("size", -1))
    return None if size < 0 else size


def _elements(shape: list[int]) -> int:
    count = 1
    for size in shape:
        count *= max(int(size), 0)
    if count > MAX_ELEMENTS:
        raise ValueError(f"a weight of more than {MAX_ELEMENTS:,} values")
    return count


def stored_dtype(entry: dict[str, Any]) -> str:
    """Return the dtype of one weight of the manifest as it lies in the file."""
    return str((entry.get("quantization") or entry)["dtype"])


def stored_size(entry: dict[str, Any]) -> tuple[str, int]:
    """Return the dtype and the bytes of one weight as it lies in the file: quantized ones are smaller."""
    dtype = stored_dtype(entry)
    return dtype, _elements(entry["shape"]) * _WIDTHS[dtype]


def _weight_bytes(entries: list[dict[str, Any]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for entry in entries:
        if entry["dtype"] in ("float32", "float16"):
            dtype, size = stored_size(entry)
            sums[dtype] += size
    return dict(sorted(sums.items()))


def _texts(value: dict[str, Any]) -> dict[str, str]:
    texts = {key: value.get(key) for key in ("generatedBy", "convertedBy")}
    texts |= {key: item for key, item in (value.get("userDefinedMetadata") or {}).items() if isinstance(item, str)}
    return {key: str(item)[:500] for key, item in texts.items() if item and key != "modelport_contract"}


def _problems(file: Path, value: dict[str, Any], counts: Counter[str]) -> list[Problem]:
    found = []
    for group in value["weightsManifest"]:
        paths = [Path(name) for name in group["paths"]]
        if not all(map(stays_inside, group["paths"])):
            raise ValueError(f"weights outside the model's folder: {', '.join(map(str, paths))[:200]}")
        gone = [name.as_posix() for name in paths if not (file.parent / name).is_file()]
        if gone:
            found.append(Problem(where=("web page", "CI"), sentence=f"weights are missing: {', '.join(gone[:5])}"))
            continue
        there = sum((file.parent / name).stat().st_size for name in paths)
        needed = sum(stored_size(entry)[1] for entry in group["weights"] if entry["dtype"] != "string")
        if there < needed:
            sentence = f"weights are cut off: {there:,} bytes, the manifest needs {needed:,}"
            found.append(Problem(where=("web page", "CI"), sentence=sentence))
    strange = sorted(name for name in counts if name.startswith(("DecodeJpeg", "DecodeImage", "DecodePng", "PyFunc")))
    if strange:
        found.append(Problem(where=("web page",), sentence=f"TensorFlow.js has no {', '.join(strange)}"))
    return found
