"""Which message a protocol buffer is: a TensorFlow GraphDef or SavedModel, an ONNX model or tensor."""

from collections.abc import Sequence
from contextlib import suppress

from .protobuf_fields import Field, protobuf_fields

_VARINT, _BYTES = 0, 2

#: Field numbers and wire types. ONNX: onnx/onnx.proto (ModelProto: ir_version 1, producer_name 2, graph 7,
#: opset_import 8; TensorProto: dims 1, data_type 2, float_data 4, raw_data 9). TensorFlow: graph.proto (node 1,
#: library 2, version 3, versions 4) and saved_model.proto (saved_model_schema_version 1, meta_graphs 2).
#: Read on 2026-11-21.
_ONNX_GRAPH, _ONNX_TENSOR_DATA = (7, _BYTES), {(number, _BYTES) for number in (4, 5, 6, 7, 9, 10, 11)}


def protobuf_kind(data: bytes) -> str | None:
    """Return "onnx", "onnx_tensor", "saved_model" or "frozen_graph"; None where it is none of them.

    A file that is cut off is told by what is left of it; its reader will say that it is damaged.
    """
    fields = _until_damage(data)
    found = {(field.number, field.wire_type) for field in fields}
    if (1, _VARINT) in found:
        return _kind_with_number_first(fields, found)
    if fields and (1, _BYTES) in found and all(field.number in (1, 2, 3, 4) for field in fields):
        node = next(field for field in fields if field.number == 1)
        return "frozen_graph" if _is_node(data, node) else None
    return None


def _kind_with_number_first(fields: Sequence[Field], found: set[tuple[int, int]]) -> str | None:
    if (2, _VARINT) in found and found & _ONNX_TENSOR_DATA:
        return "onnx_tensor"
    if _ONNX_GRAPH in found and (2, _VARINT) not in found:
        return "onnx"
    if found == {(1, _VARINT), (2, _BYTES)} and fields[0].value == 1:
        return "saved_model"
    return None


def _until_damage(data: bytes) -> list[Field]:
    fields: list[Field] = []
    with suppress(ValueError):
        for field in protobuf_fields(data):
            fields.append(field)
    return fields


def _is_node(data: bytes, node: Field) -> bool:
    """Say whether a GraphDef's NodeDef lies here: name 1 and op 2, both texts."""
    try:
        inner = [(field.number, field.wire_type) for field in protobuf_fields(data, node.start, node.end)]
    except ValueError:
        return False
    return inner[:2] == [(1, _BYTES), (2, _BYTES)]
