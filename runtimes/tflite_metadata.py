"""TFLite Metadata: what an image model says of itself, and the files (labels) in the ZIP behind its bytes.

There is no maintained package that reads it, so the few fields that matter here are read by their position.

Reference: tensorflow/tflite-support, tensorflow_lite_support/metadata/metadata_schema.fbs at 02e5df0f, read on
2026-11-21: the field numbers below.
"""

import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

from .flatbuffer_reader import FlatbufferTable
from .zip_kind import DAMAGED_ZIP

#: The name under which a .tflite file lists the metadata's buffer, and the identifier at its byte 4.
BUFFER_NAME, _IDENTIFIER = "TFLITE_METADATA", b"M001"

_MODEL = {"name": 0, "description": 1, "version": 2, "author": 4, "license": 5, "min_parser_version": 7}
_MODEL_SUBGRAPHS = 3
_SUBGRAPH_INPUTS, _SUBGRAPH_OUTPUTS = 2, 3
_TENSOR_NAME, _TENSOR_DESCRIPTION, _TENSOR_CONTENT, _TENSOR_UNITS, _TENSOR_FILES = 0, 1, 3, 4, 6
_UNION_TYPE, _UNION_VALUE = 0, 1
_NORMALIZATION, _IMAGE = 1, 2  # members of the unions ProcessUnitOptions and ContentProperties
_FILE_NAME, _FILE_TYPE, _LABEL_TYPES = 0, 2, (2, 3)  # TENSOR_AXIS_LABELS, TENSOR_VALUE_LABELS
_COLOR_SPACES = {1: "RGB", 2: "grayscale"}

#: A labels file of 10,000 classes takes some 300 kB.
MAX_LABELS_BYTES = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class TfliteMetadata:
    """What was found.

    Attributes:
        texts: name, description, version, author, license, and what is said of the first input: "input_name",
            "input_color_space", "input_mean", "input_std".
        labels: of the first output that has a labels file inside.
        files: names in the ZIP.
        damage: what could not be read; empty: all could.
    """

    texts: dict[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()


def read_tflite_metadata(model: bytes, buffer: bytes | None) -> TfliteMetadata:
    """Read the metadata buffer (None: the file has none) and the ZIP appended to the model's bytes."""
    damage: list[str] = []
    texts, label_files = _read_buffer(buffer, damage) if buffer else ({}, [])
    files, labels = _read_archive(model, label_files, damage)
    return TfliteMetadata(texts=texts, labels=labels, files=files, damage=tuple(damage))


def _read_buffer(buffer: bytes, damage: list[str]) -> tuple[dict[str, str], list[str]]:
    texts: dict[str, str] = {}
    label_files: list[str] = []
    try:
        if buffer[4:8] != _IDENTIFIER:
            raise ValueError(f"identifier {buffer[4:8]!r}, not {_IDENTIFIER!r}")
        model = FlatbufferTable.root(buffer)
        texts.update({key: text for key, number in _MODEL.items() if (text := model.text(number))})
        for subgraph in list(model.tables(_MODEL_SUBGRAPHS))[:1]:
            for tensor in list(subgraph.tables(_SUBGRAPH_INPUTS))[:1]:
                texts.update(_input_texts(tensor))
            for tensor in subgraph.tables(_SUBGRAPH_OUTPUTS):
                label_files += _label_files(tensor)
    except ValueError as error:
        damage.append(f"metadata: {error}")
    return texts, label_files


def _input_texts(tensor: FlatbufferTable) -> dict[str, str]:
    texts = {"input_name": tensor.text(_TENSOR_NAME) or "", "input_description": tensor.text(_TENSOR_DESCRIPTION) or ""}
    content = tensor.table(_TENSOR_CONTENT)
    if content and content.byte(_UNION_TYPE) == _IMAGE and (image := content.table(_UNION_VALUE)):
        texts["input_color_space"] = _COLOR_SPACES.get(image.byte(0), "")
    for unit in tensor.tables(_TENSOR_UNITS):
        if unit.byte(_UNION_TYPE) == _NORMALIZATION and (options := unit.table(_UNION_VALUE)):
            for name, number in (("input_mean", 0), ("input_std", 1)):
                texts[name] = ", ".join(f"{value:g}" for value in options.floats(number))
    return {key: text for key, text in texts.items() if text}


def _label_files(tensor: FlatbufferTable) -> list[str]:
    found = [(file.text(_FILE_NAME), file.byte(_FILE_TYPE)) for file in tensor.tables(_TENSOR_FILES)]
    return [name for name, kind in found if name and kind in _LABEL_TYPES]


def _read_archive(model: bytes, label_files: list[str], damage: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    labels: tuple[str, ...] = ()
    try:
        with zipfile.ZipFile(io.BytesIO(model)) as archive:
            files = tuple(archive.namelist()[:100])
            if label_files:
                labels = _read_labels(archive, label_files[0])
    except zipfile.BadZipFile:
        return (), _without_archive(label_files, damage)
    except (*DAMAGED_ZIP, KeyError) as error:
        damage.append(f"files inside: {error}")
        return (), ()
    return files, labels


def _without_archive(label_files: list[str], damage: list[str]) -> tuple[str, ...]:
    damage += [f"the metadata names {name}, and no ZIP with it is inside" for name in label_files]
    return ()


def _read_labels(archive: Any, name: str) -> tuple[str, ...]:
    with archive.open(name) as stream:
        data = stream.read(MAX_LABELS_BYTES + 1)
    if len(data) > MAX_LABELS_BYTES:
        raise ValueError(f"{name} is longer than {MAX_LABELS_BYTES:,} bytes")
    return tuple(line.strip() for line in data.decode("utf-8-sig", errors="replace").rstrip().splitlines())
