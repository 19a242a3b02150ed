"""A client of TensorFlow 1 days, run in TensorFlow 2.15.1 and here, on sign digits, with its own order of labels."""

import json
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.image.decode import load_pixels
from modelport.contract.model_contract.model_contract import read_contract
from modelport.contract.run.reference import read_reference
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run

tf = pytest.importorskip("tensorflow", reason="a frozen graph is TensorFlow's")

from modelport.convert.convert import convert  # noqa: E402
from modelport.convert.options.export_options import ExportOptions, FrozenGraphOptions  # noqa: E402
from modelport.convert.to_frozen_graph import old_client_operators  # noqa: E402
from modelport.training.fit.train import train  # noqa: E402
from modelport.training.prepare.options import PrepareOptions  # noqa: E402
from modelport.training.prepare.prepare import prepare  # noqa: E402
from modelport.training.train_options import TrainOptions  # noqa: E402

DATA = Path(__file__).parents[4] / "shared" / "data"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

CLIENT = Path(__file__).with_name("old_client.py")
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
#: The old file's lines: another order, another case, Windows line ends; "zero" is the model's "0".
OLD_LABELS = "".join(f"{WORDS[digit].title()}\r\n" for digit in (7, 2, 9, 0, 4, 1, 8, 3, 6, 5)).encode()

REGISTRY = """
import json, tensorflow as tf
from tensorflow.python.framework import op_def_registry
known = [op_def_registry.get(name) for name in dir(tf.raw_ops) if not name.startswith("_")]
print(json.dumps({found.name: [attr.name for attr in found.attr] for found in known if found is not None}))
"""


@dataclass(frozen=True)
class DroppedIn:
    """A run on sign digits whose frozen graph was made for the old client, and that client's labels file."""

    run: Path
    dataset: Path
    labels: Path


@pytest.fixture(scope="module")
def old_tensorflow(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of an environment with TensorFlow 2.15.1, and the NumPy that it was built for."""
    if sys.version_info[:2] not in ((3, 9), (3, 10), (3, 11)):
        pytest.skip("TensorFlow 2.15.1 has no wheel for this Python")
    folder = tmp_path_factory.mktemp("old") / "environment"
    venv.create(folder, with_pip=True)
    python = str(folder / ("Scripts" if sys.platform == "win32" else "bin") / "python")
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "tensorflow==2.15.1", "numpy<2"]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"TensorFlow 2.15.1 cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
    return python


@pytest.fixture(scope="module")
def dropped_in(tmp_path_factory: pytest.TempPathFactory) -> DroppedIn:
    source, root = DATA / "sign_digits", tmp_path_factory.mktemp("signs")
    if not source.is_dir():
        pytest.skip("shared/data/sign_digits is not beside the project")
    prepare(source, root / "set", PrepareOptions(groups=source / "signers.csv"))
    weights = DATA / "weights" / "mobilenet_v3_large_notop.weights.h5"
    train(root / "set", root / "run", TrainOptions(weights=str(weights), epochs=12, patience=10, image_size=(64, 64)))
    with tf.Graph().as_default() as graph:
        contents = tf.compat.v1.placeholder(tf.string, (), name="DecodeJpeg/contents")
        image = tf.cast(tf.image.decode_jpeg(contents, channels=3), tf.float32)[None]
        logits = tf.matmul(tf.reduce_mean(image, (1, 2)), np.ones((3, 10), np.float32)) + np.zeros(10, np.float32)
        tf.nn.softmax(logits, name="final_result")
    (root / "OLD.pb").write_bytes(graph.as_graph_def().SerializeToString())
    (root / "OLD.txt").write_bytes(OLD_LABELS)
    aliases = {word: str(digit) for digit, word in enumerate(WORDS)}
    options = FrozenGraphOptions(like=root / "OLD.pb", like_labels=root / "OLD.txt", aliases=aliases)
    convert(root / "run", ["frozen_graph"], ExportOptions(frozen_graph=options))
    return DroppedIn(root / "run", root / "set", root / "OLD.txt")


def answers(python: str, made: DroppedIn, files: list[Path]) -> tuple[str, list[int]]:
    """Return the client's TensorFlow release, and the digit that it names for each file."""
    command = [python, str(CLIENT), str(made.run / "trained_model_graph.pb"), str(made.labels), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr[-2000:]
    said = json.loads(done.stdout)
    return said["tensorflow"], [WORDS.index(label.lower()) for label, _ in said["found"]]


def test_the_old_client_is_right_as_often_as_the_reference(dropped_in: DroppedIn, old_tensorflow: str) -> None:
    reference = read_reference(dropped_in.run / "reference.npz")
    labels = read_contract(dropped_in.run / "contract.json").first_classification.labels
    expected = [int(labels[row.argmax()]) for row in reference.predictions["label"]]
    truth = [int(labels[index]) for index in reference.truths["label"]]
    files = [dropped_in.dataset / path for path in reference.paths]
    releases = {}
    for python in (sys.executable, old_tensorflow):
        release, found = answers(python, dropped_in, files)
        assert expected == found, "the same label for every image"
        releases[release] = float(np.mean(np.equal(found, truth)))
    assert "2.15.1" in releases
    assert OLD_LABELS == dropped_in.labels.read_bytes()
    top1 = np.mean(np.equal(expected, truth))
    assert top1 > 0.7, "a model at chance agrees with any other"
    print(f"\nreference top-1 {top1:.4f}, client {releases}, n = {len(files)}")


def test_the_old_client_answers_every_image_as_keras_does(dropped_in: DroppedIn, old_tensorflow: str) -> None:
    """All splits, so that n is larger than the test split's; Keras loads model.keras here, by itself."""
    keras = pytest.importorskip("keras", reason="the oracle is Keras")
    contract = read_contract(dropped_in.run / "contract.json")
    files = [image.path for split in open_dataset(dropped_in.dataset).splits.values() for image in split]
    model = keras.models.load_model(dropped_in.run / "model.keras", compile=False)
    rows = model.predict(np.stack([load_pixels(file, contract.pixels) for file in files]), verbose=0)
    expected = [int(contract.first_classification.labels[row.argmax()]) for row in rows]
    for python in (sys.executable, old_tensorflow):
        release, found = answers(python, dropped_in, files)
        print(f"\nTensorFlow {release}: {np.sum(np.equal(expected, found))} of {len(files)} as Keras")
        assert expected == found


def test_the_judge_agrees(dropped_in: DroppedIn) -> None:
    (outcome,) = judge_run(dropped_in.run, JudgeOptions()).outcomes
    assert outcome.verdict in (Verdict.PASS, Verdict.UNDECIDED), outcome.findings


def test_every_operator_and_attribute_is_in_the_old_registry(dropped_in: DroppedIn, old_tensorflow: str) -> None:
    old = registry(old_tensorflow)
    definition = tf.compat.v1.GraphDef.FromString((dropped_in.run / "trained_model_graph.pb").read_bytes())
    lacking = {node.op for node in definition.node} - set(old)
    assert not lacking
    assert not {name for node in definition.node for name in node.attr if name not in old[node.op]}


def test_what_is_newer_is_what_the_registries_say(old_tensorflow: str) -> None:
    here, old = registry(sys.executable), registry(old_tensorflow)
    newer = {name for name in here if name not in old}
    prefixed = {name for name in here if name.startswith(old_client_operators.NEWER_PREFIX)}
    assert newer == old_client_operators.NEWER_OPERATORS | prefixed
    known = {name for names in old.values() for name in names}
    attributes = {name for op in here if op in old for name in here[op] if name not in old[op]}
    assert attributes - known == old_client_operators.NEWER_ATTRIBUTES


def registry(python: str) -> dict[str, list[str]]:
    done = subprocess.run([python, "-c", REGISTRY], capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found
