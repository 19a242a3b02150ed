"""Transposes and latency of ONNX files: plain tf2onnx beside modelport, the same models in the same run.

Run: python benchmarks/onnx_transposes.py [--runs 200]
"""

import argparse
import random
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
import onnxruntime
import tensorflow as tf
import tf2onnx
from modelport.contract.image.pixels import InputForm, PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.convert.options.export_options import OnnxOptions
from modelport.convert.source.source import Source
from modelport.convert.to_onnx.writer import write_onnx

CLASSES = 10
PLAIN = "tf2onnx.convert.from_keras(model, [TensorSpec((None, height, width, 3))], opset=17)"


def small_cnn() -> Any:
    """Three blocks of Conv, BatchNorm, ReLU, MaxPooling, then Flatten and Dense."""
    layers = keras.layers
    image = x = keras.Input((64, 64, 3))
    for filters in (16, 32, 64):
        x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same")(x)))
        x = layers.MaxPooling2D()(x)
    return keras.Model(image, layers.Dense(CLASSES, activation="softmax")(layers.Flatten()(x)))


MODELS = {
    "MobileNetV3Large": lambda: keras.applications.MobileNetV3Large((224, 224, 3), weights=None, classes=CLASSES),
    "MobileNet": lambda: keras.applications.MobileNet((224, 224, 3), weights=None, classes=CLASSES),
    "EfficientNetB2": lambda: keras.applications.EfficientNetB2(weights=None, classes=CLASSES),
    "small CNN": small_cnn,
}


def main() -> None:
    """Print one row per model and file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="Interleaved calls of each file, batch 1.")
    runs = parser.parse_args().runs
    print(f"plain: {PLAIN}\nONNX Runtime {onnxruntime.__version__}, CPU, 2 threads, batch 1, {runs} interleaved calls")
    print("| model | file | Transpose | nodes | median ms [quartiles] | of plain |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for name, make in MODELS.items():
        keras.utils.set_random_seed(0)
        with tempfile.TemporaryDirectory() as folder:
            measure(name, make(), Path(folder), runs)


def measure(name: str, model: Any, folder: Path, runs: int) -> None:
    """Write the three files of one model, compare their answers with Keras, and time them by turns."""
    height, width, _ = model.input_shape[1:]
    paths = {kind: folder / f"{kind}.onnx" for kind in ("plain", "NHWC", "NCHW")}
    spec = [tf.TensorSpec((None, height, width, 3), tf.float32, name="image")]
    tf2onnx.convert.from_keras(model, spec, opset=OnnxOptions().opset, output_path=str(paths["plain"]))
    contract = ModelContract(
        pixels=PixelContract(height=height, width=width),
        heads=(ClassificationHead(name="label", labels=tuple(f"class {n}" for n in range(CLASSES))),),
        parameters=model.count_params(),
        provenance=Provenance(run_id="benchmark", model_sha256=""),
    )
    source = Source(model=model, contract=contract, scratch=folder)
    for layout in ("NHWC", "NCHW"):
        write_onnx(source.taking(InputForm(layout=layout)), paths[layout])
    pixels = np.random.default_rng(0).random((7, height, width, 3), dtype=np.float32)
    calls = {
        kind: _call(path, pixels if kind != "NCHW" else pixels.transpose(0, 3, 1, 2)) for kind, path in paths.items()
    }
    expected = np.asarray(model(pixels, training=False))
    for kind, call in calls.items():
        np.testing.assert_allclose(expected, call(slice(None)), atol=1e-4, err_msg=f"{name} {kind}")
    times: dict[str, list[float]] = {kind: [] for kind in calls}
    shuffled = random.Random(0)
    for _ in range(runs):
        for kind, call in shuffled.sample(sorted(calls.items()), len(calls)):
            start = time.perf_counter()
            call(slice(1))
            times[kind].append(1000 * (time.perf_counter() - start))
    plain = statistics.median(times["plain"])
    for kind, path in paths.items():
        counts = Counter(node.op_type for node in onnx.load(path).graph.node)
        low, median, high = statistics.quantiles(times[kind], n=4)
        row = (
            name,
            kind,
            counts["Transpose"],
            counts.total(),
            f"{median:.2f} [{low:.2f}, {high:.2f}]",
            f"{median / plain:.2f}",
        )
        print("| " + " | ".join(map(str, row)) + " |", flush=True)


def _call(path: Path, pixels: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.add_session_config_entry("session.force_spinning_stop", "1")  # or its threads take the next one's cores
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name, pixels = session.get_inputs()[0].name, np.ascontiguousarray(pixels)
    session.run(None, {name: pixels[:1]})
    return lambda rows: session.run(None, {name: pixels[rows]})[0]


if __name__ == "__main__":
    main()
