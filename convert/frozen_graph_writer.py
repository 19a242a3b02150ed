"""trained_model_graph.pb: file bytes or pixels in, `final_result:0` out, as TensorFlow 1 backends call it."""

from pathlib import Path

import tensorflow as tf

from ..runtimes.frozen_graph_driver import frozen_output_names
from ..runtimes.graph_pixels import decode, to_pixels
from .export_options import FrozenGraphOptions
from .freeze import insert_frozen
from .source import Source

DEFAULTS = FrozenGraphOptions()


def write_frozen_graph(source: Source, destination: Path, options: FrozenGraphOptions = DEFAULTS) -> None:
    """Write a GraphDef with no variables and no library functions.

    Inputs (feed one of them):
        DecodeJpeg/contents:0: scalar string, a JPEG or PNG file.
        input:0: (batch, height, width, channel) as the contract says; uint8 images of any size if it resizes itself.

    Output:
        final_result:0: (batch, width) float32; further heads answer at their own names.
    """
    contract = source.contract
    names = {role: name.removesuffix(":0") for role, name in contract.tensor_names.items()}
    outputs = {head: name.removesuffix(":0") for head, name in frozen_output_names(contract).items()}
    frozen = source.frozen
    with tf.Graph().as_default() as graph:
        contents = tf.compat.v1.placeholder(tf.string, (), name=names["encoded"])
        image = to_pixels(decode(contents, source.taken), source.taken)[None]
        pixels = tf.compat.v1.placeholder_with_default(image, source.pixels_spec.shape, name=names["pixels"])
        insert_frozen(frozen, pixels, outputs)
    # deterministic: SerializeToString may order map fields, such as a node's attributes, differently in each process
    destination.write_bytes(graph.as_graph_def().SerializeToString(deterministic=True))
