"""A classifier of three colours that exists as a frozen graph alone: adopted, exported, quantized, judged.

It was frozen for a batch of one, and answers by the channel means m in [-1, 1]: softmax of 20 * min(max(m, 0), 0.6).
"""

from pathlib import Path

import numpy as np
import pytest
from modelport.contract.model_contract.model_contract import read_contract
from modelport.validate.judge import judge_run
from PIL import Image

pytest.importorskip("tensorflow", reason="adoption needs the extra [tensorflow]")

import tensorflow as tf
from modelport.convert.convert import convert
from modelport.quantize.quantize import quantize
from modelport.runtimes.predict import predict_images
from modelport.training.adopt.adopt import adopt
from modelport.training.adopt.options import AdoptOptions

#: Not sorted, as models' own orders need not be.
LABELS = ("red", "green", "blue")


@pytest.fixture
def colour_graph(tmp_path: Path) -> Path:
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (1, 16, 16, 3), name="x")
        kernel = tf.constant(np.eye(3, dtype=np.float32).reshape(1, 1, 3, 3))
        mean = tf.reduce_mean(tf.nn.conv2d(image, kernel, 1, "VALID"), (1, 2), keepdims=True)
        flat = tf.reshape(mean, tf.constant([1, 3]))
        above = tf.minimum(tf.nn.relu(flat), 0.6)
        tf.nn.softmax(tf.matmul(above, tf.constant(20 * np.eye(3, dtype=np.float32))), name="output")
        tf.constant(0.0, name="left_over") + 1.0
    path = tmp_path / "colours.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


@pytest.mark.slow
def test_every_later_stage_takes_it(colour_graph: Path, dataset: Path, tmp_path: Path) -> None:
    labels, run = tmp_path / "labels.txt", tmp_path / "run"
    labels.write_text("\n".join(LABELS))
    options = AdoptOptions(source_range=(-1.0, 1.0), input_name="x:0", output_name="output:0")
    report = adopt(colour_graph, run, labels, dataset, options)
    assert 1.0 == report["test_accuracy"]
    assert "frozen for a batch of 1" in report["adopted"]["notes"][0]
    contract = read_contract(run / "contract.json")
    assert ((-1.0, 1.0), LABELS, 9 + 9) == (
        contract.pixels.value_range,
        contract.first_classification.labels,
        contract.parameters,
    )
    convert(run, ("tflite", "frozen_graph", "onnx"))
    quantize(run, ("full_int8",), representative_images=9)
    Image.new("RGB", (16, 16), (0, 204, 153)).save(tmp_path / "flat.png")
    powers = np.exp(20 * np.clip(np.array([-1, 0.6, 0.2]), 0, 0.6))
    for name in ("model.keras", "model.float32.tflite", "trained_model_graph.pb", "model.onnx"):
        (answer,) = predict_images(run / name, [tmp_path / "flat.png"])
        np.testing.assert_allclose(powers / powers.sum(), answer.outputs[0][1], atol=1e-5, err_msg=name)
    verdicts = {row["path"]: row["verdict"] for row in judge_run(run).to_json()["artifacts"]}
    floats = ("model.float32.tflite", "trained_model_graph.pb", "model.onnx")
    assert dict.fromkeys(floats, "pass") == {name: verdicts[name] for name in floats}
