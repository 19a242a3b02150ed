"""Everything in an ONNX model, inner graphs and functions included: what hides in a branch runs all the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from ...contract.errors import InputError

#: How deep graphs are followed into graphs; files with deeper ones are made by nobody but attackers.
MAX_DEPTH = 20


def load_onnx(path: Path) -> Any:
    """Return the model of a file; weights in files beside it are not read.

    Raises:
        InputError: not an ONNX model, or a damaged one.
    """
    try:
        model = onnx.load_model_from_string(path.read_bytes())
        _check_texts(model)
    except (DecodeError, ValueError, RuntimeError) as error:
        raise InputError(
            "ONNX model is damaged",
            where=path,
            received=f"{path.stat().st_size:,} bytes; {str(error)[:200]}",
            fix="copy or download it again, and compare its size with the source",
        ) from error
    if not model.HasField("graph"):
        raise InputError("ONNX model has no graph", where=path, fix="export it again")
    return model


def _check_texts(message: Any) -> None:
    """Raise ValueError where a text is not UTF-8: protobuf hands it out as bytes, and nothing expects those."""
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in (value,) if hasattr(value, "ListFields") else value:
                _check_texts(inner)
        elif field.type == field.TYPE_STRING:
            for text in (value,) if isinstance(value, str | bytes) else value:
                if isinstance(text, bytes):
                    raise ValueError(f"{message.DESCRIPTOR.name}.{field.name} is not UTF-8: {text[:40]!r}")


def graphs_of(model: Any) -> Iterator[Any]:
    """Yield the graph, the functions, and the graphs inside If, Loop and Scan nodes of both."""
    for graph in (model.graph, *model.functions):
        yield from _inner(graph, 0)


def nodes_of(model: Any) -> Iterator[Any]:
    """Yield every node."""
    for graph in graphs_of(model):
        yield from graph.node


def tensors_of(model: Any) -> Iterator[Any]:
    """Yield every tensor that the file holds: initializers, and the values of attributes such as Constant's."""
    for graph in graphs_of(model):
        yield from getattr(graph, "initializer", ())  # a function has none
        for node in graph.node:
            for attribute in node.attribute:
                yield from (*attribute.tensors, *([attribute.t] if attribute.HasField("t") else []))


def files_beside(model: Any) -> tuple[str, ...]:
    """Return the names of the files in which tensors lie that the model's own file does not hold."""
    external = [tensor for tensor in tensors_of(model) if tensor.data_location == onnx.TensorProto.EXTERNAL]
    return tuple(sorted({e.value for tensor in external for e in tensor.external_data if e.key == "location"}))


def dtype_name(number: int) -> str:
    """Return NumPy's name of a data type where it has one."""
    names = onnx.TensorProto.DataType.items()
    found: str = next((name for name, value in names if value == number), f"type {number}").lower()
    return {"float": "float32", "double": "float64", "string": "bytes"}.get(found, found)


def _inner(graph: Any, depth: int) -> Iterator[Any]:
    yield graph
    if depth < MAX_DEPTH:
        for node in graph.node:
            for attribute in node.attribute:
                for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                    yield from _inner(inner, depth + 1)
