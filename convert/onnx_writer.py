"""ONNX through tf2onnx, with dynamic batch and the contract in its metadata."""

import json
from pathlib import Path
from typing import Any

import onnx
import tensorflow as tf
import tf2onnx

from ..contract.errors import InputError
from .export_options import OnnxOptions
from .freeze import insert_frozen
from .source import Source
from .tf2onnx_scalars import widen_scalars

DEFAULTS = OnnxOptions()


def write_onnx(source: Source, destination: Path, options: OnnxOptions = DEFAULTS) -> None:
    """Write an ONNX file that onnx.checker accepts.

    Input: "image" (batch, height, width, channel) float32 in the contract's range. Outputs: head names, (batch, width).

    Raises:
        InputError: an operator has no ONNX counterpart, or the file does not pass onnx.checker.
    """
    heads = {head.name: head.name for head in source.contract.heads}
    frozen = source.frozen
    with tf.Graph().as_default() as graph:
        pixels = tf.compat.v1.placeholder(source.pixels_spec.dtype, source.pixels_spec.shape, name="image")
        insert_frozen(frozen, pixels, heads)
    definition = graph.as_graph_def()
    widen_scalars(definition)
    try:
        model, _ = tf2onnx.convert.from_graph_def(
            definition,
            name="model",
            input_names=["image:0"],
            output_names=[f"{name}:0" for name in heads],
            opset=options.opset,
        )
        _rename_values(model.graph, {f"{name}:0": name for name in ("image", *heads)})
        _name_batch(model.graph)
        onnx.helper.set_model_props(model, {"modelport_contract": json.dumps(source.promise)})
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # tf2onnx raises whatever it meets; the checker its own
        received = "\n".join(str(error).strip().splitlines()[:4])
        raise InputError("the model cannot be converted to ONNX", where=source.model.name, received=received) from error
    destination.write_bytes(model.SerializeToString(deterministic=True))


def _rename_values(graph: Any, names: dict[str, str]) -> None:
    for value in (*graph.input, *graph.output):
        value.name = names.get(value.name, value.name)
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]


def _name_batch(graph: Any) -> None:
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
