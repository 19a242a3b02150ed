"""A .tflite file as the schema's objects, after a look at its vectors: a hostile length must not cost hours."""

import struct
from collections.abc import Callable, Iterator
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from ...contract.errors import InputError

IDENTIFIER = b"TFL3"

#: Tables (operators, tensors, buffers, ...) read from one file. A network of 3,000 operators has some 12,000.
MAX_TABLES = 1_000_000

#: What flatbuffers and the schema's code raise on bytes that lead nowhere.
_DAMAGED = (ValueError, TypeError, IndexError, KeyError, AttributeError, struct.error, OverflowError, RecursionError)


def load_tflite(data: bytes, where: object = None) -> Any:
    """Return the file as a schema ModelT: operatorCodes, subgraphs, buffers and metadata are lists, never None.

    Args:
        data: the bytes of the file.
        where: its name, for errors.

    Raises:
        InputError: the bytes are not a TFLite model, or a damaged one.
    """
    if data[4:8] != IDENTIFIER:
        raise InputError(
            "not a TFLite model",
            where=where,
            expected=f"{IDENTIFIER.decode()!r} at byte 4",
            received=f"{len(data):,} bytes, {data[:8]!r}",
        )
    try:
        _count_tables(schema.Model.GetRootAs(data, 0), len(data))
        model = schema.ModelT.InitFromPackedBuf(data, 0)
        for name in ("operatorCodes", "subgraphs", "buffers", "metadata", "signatureDefs"):
            setattr(model, name, getattr(model, name) or [])
        model.buffers = model.buffers or [
            schema.BufferT()
        ]  # number 0 stands for "no values", also where none is listed
        _check_indices(model)
    except _DAMAGED as error:
        raise InputError(
            "TFLite model is damaged",
            where=where,
            expected="offsets that stay inside the file",
            received=f"{len(data):,} bytes; {type(error).__name__}: {str(error)[:200]}",
            fix="copy or download it again, and compare its size with the source",
        ) from error
    return model


def _count_tables(model: Any, size_bytes: int) -> None:
    """Raise ValueError if the vectors of tables hold more than fits into the file, or more than MAX_TABLES."""
    budget = min(MAX_TABLES, size_bytes)
    for length, _ in _vectors(model):
        budget -= length
        if budget < 0:
            raise ValueError(f"a vector of {length:,} tables")


def _vectors(model: Any) -> Iterator[tuple[int, Callable[[int], Any]]]:
    yield model.OperatorCodesLength(), model.OperatorCodes
    yield model.BuffersLength(), model.Buffers
    yield model.MetadataLength(), model.Metadata
    yield model.SignatureDefsLength(), model.SignatureDefs
    yield model.SubgraphsLength(), model.Subgraphs
    for number in range(model.SubgraphsLength()):
        subgraph = model.Subgraphs(number)
        yield subgraph.TensorsLength(), subgraph.Tensors
        yield subgraph.OperatorsLength(), subgraph.Operators
    for number in range(model.SignatureDefsLength()):
        signature = model.SignatureDefs(number)
        yield signature.InputsLength(), signature.Inputs
        yield signature.OutputsLength(), signature.Outputs


def _check_indices(model: Any) -> None:
    """Raise IndexError where an operator, tensor or signature names something that is not there."""
    for code in model.operatorCodes:
        _ = code.version
    for graph in model.subgraphs:
        graph.tensors, graph.operators = graph.tensors or [], graph.operators or []
        for tensor in graph.tensors:
            _within(tensor.buffer, model.buffers, "buffer")
        for operator in graph.operators:
            _within(operator.opcodeIndex, model.operatorCodes, "operator code")
        for numbers in (graph.inputs, graph.outputs):
            for index in _numbers(numbers):
                _within(index, graph.tensors, "tensor")
        for operator in graph.operators:
            for index in (*_numbers(operator.inputs), *_numbers(operator.outputs)):
                _within(index, graph.tensors, "tensor", lowest=-1)  # -1: an optional input that is not given
    for entry in model.metadata:
        _within(entry.buffer, model.buffers, "buffer")
    for signature in model.signatureDefs:  # LiteRT 2.3 crashes when it is asked for one of a graph that is not there
        _within(signature.subgraphIndex, model.subgraphs, "subgraph")
        tensors = model.subgraphs[signature.subgraphIndex].tensors
        for entry in (*(signature.inputs or []), *(signature.outputs or [])):
            _within(entry.tensorIndex, tensors, "tensor")


def _within(index: int, values: list[Any], what: str, lowest: int = 0) -> None:
    if not lowest <= index < len(values):
        raise IndexError(f"{what} {index} of {len(values)}")


def _numbers(vector: Any) -> list[int]:
    return [] if vector is None else [int(number) for number in vector]
