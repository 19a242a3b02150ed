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
from .onnx_tidy import tidy
from .source import Source
from .tf2onnx_scalars import widen_scalars

DEFAULTS = OnnxOptions()


def write_onnx(source: Source, destination: Path, options: OnnxOptions = DEFAULTS) -> None:
    """Write an ONNX file that onnx.checker accepts.

    Input: "image", a batch in the form that the artifact takes; see Source.taken. Outputs: head names, (batch, width).

    Raises:
        InputError: an operator has no ONNX counterpart, or the file does not pass onnx.checker.
    """
    heads = {head.name: head.name for head in source.contract.heads}
    frozen = source.frozen
    with tf.Graph().as_default() as graph:
        pixels = tf.compat.v1.placeholder(source.pixels_spec.dtype, source.pixels_spec.shape, name="image")
        insert_frozen(frozen, pixels, heads)
    definition, _ = widen_scalars(graph)
    try:
        model, _ = tf2onnx.convert.from_graph_def(
            definition,
            name="model",
            input_names=["image:0"],
            output_names=[f"{name}:0" for name in heads],
            opset=options.opset,
        )
        _rename_values(model.graph, {f"{name}:0": name for name in ("image", *heads)})
        _name_sizes(model.graph, source.taken.layout)
        tidy(model)
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


def _name_sizes(graph: Any, layout: str) -> None:
    """Name the sizes that are free: the batch, and the sides of images that the graph resizes itself."""
    (image,) = graph.input
    for axis, size in zip(layout, image.type.tensor_type.shape.dim, strict=True):
        if not size.dim_value:
            size.dim_param = {"N": "batch", "H": "height", "W": "width"}[axis]
    for value in graph.output:
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
