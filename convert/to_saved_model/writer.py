"""SavedModel: serving_default takes pixels, serve_encoded the bytes of image files."""

import json
from pathlib import Path
from typing import Any

import tensorflow as tf

from ...runtimes.tf_graph.graph_pixels import decode, to_pixels
from ...runtimes.tf_graph.saved_model_digest import digest_saved_model
from ...runtimes.tf_graph.saved_model_driver import ENCODED_SIGNATURE
from ..options.export_options import FormatOptions
from ..source.export_signatures import export_signatures
from ..source.source import Source
from ..source.written import Written

DEFAULTS = FormatOptions()


def write_saved_model(source: Source, destination: Path, options: FormatOptions = DEFAULTS) -> Written:
    """Write a SavedModel folder, with the contract in assets.extra/contract.json.

    Signatures:
        serving_default: "image" (batch, height, width, channel) float32 in the contract's range.
        serve_encoded: "encoded" (batch,) strings, each a JPEG or PNG file.
        Both answer head name to (batch, width) float32.
    """
    pixels = source.contract.pixels  # files are decoded into what the model was trained on

    def serve_encoded(encoded: Any) -> dict[str, Any]:
        images = tf.map_fn(
            lambda file: to_pixels(decode(file, pixels), pixels),
            encoded,
            fn_output_signature=tf.TensorSpec(pixels.shape, tf.float32),
        )
        return source.answer_trained(images)

    signatures = {
        "serving_default": (source.answer, source.pixels_spec),
        ENCODED_SIGNATURE: (serve_encoded, tf.TensorSpec((None,), tf.string, name="encoded")),
    }
    export_signatures(destination, signatures)
    extra = destination / "assets.extra"
    extra.mkdir(exist_ok=True)
    (extra / "contract.json").write_text(json.dumps(source.promise, indent=2), encoding="utf-8")
    return Written(content_sha256=digest_saved_model(destination))
