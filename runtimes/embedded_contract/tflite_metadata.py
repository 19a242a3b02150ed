"""TFLite Metadata: what an image model says of itself, and the files (labels) in the ZIP behind its bytes.

No maintained package that reads it is light, so the few fields that matter here are read by their position.
"""

import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

from ..detect.zip_kind import DAMAGED_ZIP
from . import tflite_metadata_fields as fields
from .flatbuffer_reader import FlatbufferTable

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
        if buffer[4:8] != fields.IDENTIFIER:
            raise ValueError(f"identifier {buffer[4:8]!r}, not {fields.IDENTIFIER!r}")
        model = FlatbufferTable.root(buffer)
        texts.update({key: text for key, number in fields.MODEL.items() if (text := model.text(number))})
        for subgraph in list(model.tables(fields.MODEL_SUBGRAPHS))[:1]:
            for tensor in list(subgraph.tables(fields.SUBGRAPH_INPUTS))[:1]:
                texts.update(_input_texts(tensor))
            for tensor in subgraph.tables(fields.SUBGRAPH_OUTPUTS):
                label_files += _label_files(tensor)
    except ValueError as error:
        damage.append(f"metadata: {error}")
    return texts, label_files


def _input_texts(tensor: FlatbufferTable) -> dict[str, str]:
    texts = {
        "input_name": tensor.text(fields.TENSOR_NAME) or "",
        "input_description": tensor.text(fields.TENSOR_DESCRIPTION) or "",
    }
    content = tensor.table(fields.TENSOR_CONTENT)
    if content and content.byte(fields.UNION_TYPE) == fields.IMAGE and (image := content.table(fields.UNION_VALUE)):
        texts["input_color_space"] = fields.COLOR_SPACES.get(image.byte(fields.IMAGE_COLOR_SPACE), "")
    for unit in tensor.tables(fields.TENSOR_UNITS):
        if unit.byte(fields.UNION_TYPE) == fields.NORMALIZATION and (options := unit.table(fields.UNION_VALUE)):
            for name, number in (("input_mean", 0), ("input_std", 1)):
                texts[name] = ", ".join(f"{value:g}" for value in options.floats(number))
    return {key: text for key, text in texts.items() if text}


def _label_files(tensor: FlatbufferTable) -> list[str]:
    found = [(file.text(fields.FILE_NAME), file.byte(fields.FILE_TYPE)) for file in tensor.tables(fields.TENSOR_FILES)]
    return [name for name, kind in found if name and kind in (fields.TENSOR_AXIS_LABELS, fields.TENSOR_VALUE_LABELS)]


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
