"""A frozen model to ONNX, through tf2onnx; needs no Keras model, so that another process can do it."""

import json
from pathlib import Path
from typing import Any

import onnx
import tensorflow as tf

from ...contract.errors import InputError
from ...runtimes.process.tasks import task
from ..graph.erfc import without_erfc
from ..graph.freeze import insert_frozen, load_frozen
from .operators import check_operators
from .tf2onnx_passes import to_onnx
from .tf2onnx_scalars import widen_scalars
from .tidy import tidy


@task
def load_converters(arguments: dict[str, Any]) -> dict[str, Any]:
    """Do nothing: this module is imported then, which takes longer than most conversions."""
    return {}


@task
def convert_to_onnx(arguments: dict[str, Any]) -> dict[str, Any]:
    """Write an ONNX file that onnx.checker accepts.

    Args:
        arguments: "graph", "input" and "outputs" as of freeze.load_frozen; "dtype", "axes" (of one image, None: any)
            and "layout" of what it takes; "heads", names; "opset"; "promise", which goes into the metadata; "model",
            the model's name for errors; "to", the file to write.

    Raises:
        InputError: an operator has no ONNX counterpart, or the file does not pass onnx.checker.
    """
    heads = {name: name for name in arguments["heads"]}
    frozen = load_frozen(arguments["graph"], arguments["input"], arguments["outputs"])
    with tf.Graph().as_default() as graph:
        pixels = tf.compat.v1.placeholder(arguments["dtype"], (None, *arguments["axes"]), name="image")
        insert_frozen(frozen, pixels, heads)
    with tf.Graph().as_default() as known:
        tf.import_graph_def(without_erfc(graph.as_graph_def()), name="")
    definition, _ = widen_scalars(known)
    try:
        model = to_onnx(definition, ["image:0"], [f"{name}:0" for name in heads], arguments["opset"])
        _rename_values(model.graph, {f"{name}:0": name for name in ("image", *heads)})
        _name_sizes(model.graph, arguments["layout"])
        tidy(model)
        onnx.helper.set_model_props(model, {"modelport_contract": json.dumps(arguments["promise"])})
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # tf2onnx raises whatever it meets; the checker its own
        check_operators(definition, arguments["opset"])
        received = "\n".join(str(error).strip().splitlines()[:4])
        raise InputError(
            "the model cannot be converted to ONNX", where=arguments["model"], received=received
        ) from error
    Path(arguments["to"]).write_bytes(model.SerializeToString(deterministic=True))
    return {}


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
