"""The formats by name. No heavy import, so that `--help` can list them."""

#: Format to the name of its float32 artifact in the run folder, in the order in which they are written.
PATHS = {
    "saved_model": "saved_model",
    "frozen_graph": "trained_model_graph.pb",
    "tflite": "model.float32.tflite",
    "onnx": "model.onnx",
}
