"""A TensorFlow.js graph model: model.json, and weights in files of at most 4 MiB."""

import json
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.json_format import MessageToDict

from ...runtimes.tf_graph.plain_graph import plain_graph
from ..graph.erfc import without_erfc
from ..graph.fold_graph import fold_constants, fold_scales, value_of
from ..graph.freeze import insert_frozen
from ..graph.split_groups import split_groups
from ..options.export_options import TfjsOptions
from ..source.source import Source
from .operators import check_operators
from .weights import shards, stored_weight

DEFAULTS = TfjsOptions()


def write_tfjs(source: Source, destination: Path, options: TfjsOptions = DEFAULTS) -> None:
    """Write a folder that `tf.loadGraphModel` takes, on the cpu, wasm and webgl backends.

    Input: "image" (batch, height, width, channel) float32 as the contract says; int32 where the artifact resizes
    itself, because TensorFlow.js has no uint8: what `tf.browser.fromPixels` returns. Outputs: head names,
    (batch, width) float32. The contract is in userDefinedMetadata.

    Raises:
        InputError: an operator or a weight that TensorFlow.js lacks.
    """
    heads = [head.name for head in source.contract.heads]
    graph, shapes = _graph(source, heads)
    if options.quantize_weights != "uint8":  # with one scale for all channels, uint8 needs them of like size
        graph = fold_scales(graph, heads)
    graph = without_erfc(split_groups(graph))
    check_operators(graph)
    stored = [
        stored_weight(node.name, value_of(node), options.quantize_weights) for node in graph.node if node.op == "Const"
    ]
    files = shards(b"".join(data for _, data in stored))
    model = {
        "format": "graph-model",
        "generatedBy": "modelport",
        "signature": {"inputs": {"image": shapes.pop("image")}, "outputs": shapes},
        "userDefinedMetadata": _metadata(source, heads),
        "modelTopology": {"node": [_node(node) for node in graph.node], "versions": {"producer": 0, "minConsumer": 0}},
        "weightsManifest": [{"paths": list(files), "weights": [entry for entry, _ in stored]}],
    }
    destination.mkdir()
    text = json.dumps(model, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    (destination / "model.json").write_text(text, encoding="utf-8", newline="\n")
    for name, data in files.items():
        (destination / name).write_bytes(data)


def _graph(source: Source, heads: list[str]) -> tuple[Any, dict[str, Any]]:
    """Return the GraphDef from "image" to the heads, and the signature's entry of each of them."""
    frozen = source.frozen  # made before the graph is opened, because variables are read eagerly
    with tf.Graph().as_default() as graph:
        spec = source.pixels_spec
        image = tf.compat.v1.placeholder(spec.dtype, spec.shape, name="image")
        insert_frozen(frozen, image, {name: name for name in heads})
    entries = {name: _entry(graph.get_tensor_by_name(f"{name}:0")) for name in ("image", *heads)}
    return fold_constants(plain_graph(graph.as_graph_def(), *heads), heads), entries


def _entry(tensor: Any) -> dict[str, Any]:
    sizes = [{"size": str(-1 if size is None else size)} for size in tensor.shape.as_list()]
    return {"name": tensor.name, "dtype": f"DT_{_DT[tensor.dtype.name]}", "tensorShape": {"dim": sizes}}


_DT = {"float32": "FLOAT", "uint8": "UINT8"}


def _metadata(source: Source, heads: list[str]) -> dict[str, Any]:
    """Return the contract; and of several heads the names, so that `predict` answers each by its own."""
    names = {"structuredOutputKeys": sorted(heads, key=_place_in_javascript)} if len(heads) > 1 else {}
    return {"modelport_contract": source.promise, **names}


def _place_in_javascript(name: str) -> tuple[bool, int]:
    """Return the key that brings names into the order in which JavaScript lists them: numbers first, by size."""
    is_number = name.isdecimal() and str(int(name)) == name
    return not is_number, int(name) if is_number else 0


def _node(node: Any) -> dict[str, Any]:
    """Return a node as the JSON of protocol buffers, without what TensorFlow.js does not read."""
    value: dict[str, Any] = MessageToDict(node)
    kept = {key: item for key, item in value.get("attr", {}).items() if key[0] != "_"}
    if node.op == "Const":
        del kept["value"]
    return {"name": node.name, "op": node.op, "input": list(node.input), "attr": dict(sorted(kept.items()))}
