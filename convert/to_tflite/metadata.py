"""TFLite Metadata for a .tflite: labels, normalization, description, author, licence; and the contract beside it.

Readers such as MediaPipe Tasks and Android's ML Model Binding find what the published schema names; `modelport inspect`
finds the contract in a metadata buffer of its own. No library is left that writes it: tflite-support ended with 0.4.4
(2023, Python 3.11), and the writer in mediapipe 1.2.2 imports a module that its wheels do not have. Both read it back.

Reference: mediapipe/tasks/metadata/metadata_schema.fbs of mediapipe 1.2.2 (schema 1.5.0), read on 2026-11-21, whose
tables are those of tensorflow/tflite-support at 02e5df0f.
"""

import io
import json
import zipfile
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from ...contract.image.pixels import PixelContract
from ...contract.labels.heads import ClassificationHead, Head
from ...contract.model_contract.model_contract import ModelContract
from ...runtimes.embedded_contract import tflite_metadata_fields as fields
from ...runtimes.tflite.tables import IDENTIFIER
from ..options.export_options import TfliteOptions
from .flatbuffer_writer import Fields, write_flatbuffer

#: The oldest reader of the metadata that understands all of it: schema 1.0.0 has everything that is written here.
_MIN_PARSER_VERSION = "1.0.0"

#: What ZIP calls the time of a file that has none.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def add_metadata(data: bytes, contract: ModelContract, options: TfliteOptions) -> bytes:
    """Return the model's bytes with the metadata in its buffers and the labels in a ZIP behind it.

    Nothing of it depends on when, where and by which version it is written: the same model gives the same bytes.

    Args:
        data: a .tflite without metadata, with one input and one output for each head.
        contract: what the file promises; its pixels are those that the file takes.
        options: what its author says of it.
    """
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    files = label_files(contract)
    tables = describe_model(contract, _heads_in_order(model, contract), options)
    _add_buffer(model, fields.BUFFER_NAME, write_flatbuffer(tables, fields.IDENTIFIER))
    _add_buffer(model, fields.CONTRACT_BUFFER_NAME, json.dumps(contract.promise()).encode())
    builder = flatbuffers.Builder(len(data) + (1 << 16))
    builder.Finish(model.Pack(builder), file_identifier=IDENTIFIER)
    return _with_files(bytes(builder.Output()), {name: _lines(head) for name, head in files.items()})


def label_files(contract: ModelContract) -> dict[str, ClassificationHead]:
    """Return the name of each labels file, and the head it is of; the first is labels.txt."""
    heads = [head for head in contract.heads if isinstance(head, ClassificationHead)]
    return {f"labels{number}.txt" if number > 1 else "labels.txt": head for number, head in enumerate(heads, 1)}


def describe_model(contract: ModelContract, heads: list[Head], options: TfliteOptions) -> Fields:
    """Return the table ModelMetadata.

    Args:
        contract: what the file promises.
        heads: in the order of the file's outputs.
        options: what its author says of it.
    """
    subgraph = {
        fields.SUBGRAPH_INPUTS: [_describe_input(contract.pixels)],
        fields.SUBGRAPH_OUTPUTS: [_describe_output(head, contract) for head in heads],
    }
    return {
        fields.MODEL["name"]: "image classifier" if label_files(contract) else "image model",
        fields.MODEL["description"]: options.description or _describe_task(contract),
        fields.MODEL_SUBGRAPHS: [subgraph],
        fields.MODEL["author"]: options.author or "",
        fields.MODEL["license"]: options.license or "",
        fields.MODEL["min_parser_version"]: _MIN_PARSER_VERSION,
    }


def normalization(value_range: tuple[float, float]) -> tuple[float, float]:
    """Return the mean and the standard deviation that bring 0..255 to a value range: (x - mean) / std.

    Example:
        >>> normalization((0.0, 1.0)), normalization((-1.0, 1.0))
        ((0.0, 255.0), (127.5, 127.5))
    """
    low, high = value_range
    std = 255 / (high - low)
    return 0.0 - low * std, std


def _describe_task(contract: ModelContract) -> str:
    answers = [
        f"{head.name}: one of {len(head.labels)} classes"
        if isinstance(head, ClassificationHead)
        else f"{head.name}: {head.unit}"
        for head in contract.heads
    ]
    return f"Takes an image and answers {', and '.join(answers)}."


def _describe_input(pixels: PixelContract) -> Fields:
    low, high = pixels.value_range
    mean, std = normalization(pixels.value_range)
    color, of_any_size = ("RGB" if pixels.channels == 3 else "grey"), pixels.preprocessing == "in_graph"
    size = "of any size, which the model resizes and scales" if of_any_size else _describe_size(pixels)
    image: dict[int, Any] = {fields.IMAGE_COLOR_SPACE: np.uint8(1 if pixels.channels == 3 else 2)}
    image[fields.IMAGE_SIZE] = {0: np.uint32(pixels.width), 1: np.uint32(pixels.height)}
    return {
        fields.TENSOR_NAME: "image",
        fields.TENSOR_DESCRIPTION: f"{color} image {size}, {pixels.dtype}, black is {low:g} and white is {high:g}.",
        fields.TENSOR_CONTENT: {
            fields.UNION_TYPE: np.uint8(fields.IMAGE),
            fields.UNION_VALUE: image,
        },
        fields.TENSOR_UNITS: [
            {
                fields.UNION_TYPE: np.uint8(fields.NORMALIZATION),
                fields.UNION_VALUE: {0: _floats(mean), 1: _floats(std)},
            }
        ],
        fields.TENSOR_STATS: {0: _floats(high), 1: _floats(low)},
    }


def _describe_size(pixels: PixelContract) -> str:
    resized = f"{pixels.resize}, {pixels.pixel_centres}-pixel centres, {'' if pixels.antialias else 'no '}antialias"
    return f"of {pixels.width} x {pixels.height} pixels (width x height; {resized})"


def _describe_output(head: Head, contract: ModelContract) -> Fields:
    content = {fields.UNION_TYPE: np.uint8(fields.FEATURE), fields.UNION_VALUE: dict[int, Any]()}
    tensor: dict[int, Any] = {fields.TENSOR_NAME: head.name, fields.TENSOR_CONTENT: content}
    if not isinstance(head, ClassificationHead):
        return tensor | {fields.TENSOR_DESCRIPTION: f"One number: {head.unit}."}
    (name,) = (name for name, other in label_files(contract).items() if other is head)
    return tensor | {
        fields.TENSOR_DESCRIPTION: f"Probability of each of {len(head.labels)} classes, in the order of {name}.",
        fields.TENSOR_STATS: {0: _floats(1.0), 1: _floats(0.0)},
        fields.TENSOR_FILES: [
            {
                fields.FILE_NAME: name,
                fields.FILE_DESCRIPTION: "A label a line, in the order of the output.",
                fields.FILE_TYPE: np.uint8(fields.TENSOR_AXIS_LABELS),
            }
        ],
    }


def _heads_in_order(model: Any, contract: ModelContract) -> list[Head]:
    """Return the heads in the order of the file's outputs, which its signature names."""
    heads = {head.name: head for head in contract.heads}
    (signature,) = model.signatureDefs
    named = {entry.tensorIndex: heads[_text(entry.name)] for entry in signature.outputs}
    return [named[int(index)] for index in model.subgraphs[0].outputs]


def _add_buffer(model: Any, name: str, data: bytes) -> None:
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = np.frombuffer(data, dtype=np.uint8)
    entry.name, entry.buffer = name, len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]


def _with_files(model: bytes, files: dict[str, str]) -> bytes:
    """Append a ZIP of the files, stored and undated, so that they are the same bytes wherever they are written."""
    stream = io.BytesIO()
    stream.write(model)
    if files:
        with zipfile.ZipFile(stream, "w") as archive:  # its offsets count from the model's first byte
            for name, text in files.items():
                entry = zipfile.ZipInfo(name, _NO_DATE)
                entry.create_system = 3  # else Windows writes another byte
                archive.writestr(entry, text.encode())
    return stream.getvalue()


def _lines(head: ClassificationHead) -> str:
    return "".join(f"{label}\n" for label in head.labels)


def _floats(value: float) -> NDArray[np.float32]:
    return np.array([value], dtype=np.float32)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
