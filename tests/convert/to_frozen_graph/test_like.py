"""`--like`: an old client, which knows nothing of modelport, is handed a new graph beside its own labels file."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from modelport.contract.errors import UsageError
from modelport.contract.files.hashing import sha256_of
from modelport.contract.image.pixels import InputForm
from modelport.contract.run.lock import read_lock, write_lock
from modelport.contract.run.reference import read_reference
from modelport.validate.findings.verdict import Verdict
from modelport.validate.judge import JudgeOptions, judge_run

tf = pytest.importorskip("tensorflow", reason="a frozen graph is TensorFlow's")

from modelport.convert.convert import convert  # noqa: E402
from modelport.convert.options.export_options import ExportOptions, FrozenGraphOptions  # noqa: E402
from modelport.runtimes.predict import predict_images  # noqa: E402

CLIENT = Path(__file__).with_name("old_client.py")
#: The old file's labels; what is called "crimson" there is the model's "red".
OLD_LABELS = b"GREEN\r\nCrimson\r\nBlue\r\n"
MEANING = {"GREEN": "green", "Crimson": "red", "Blue": "blue"}


def write_old(folder: Path) -> FrozenGraphOptions:
    """Write the old client's pair of files, in the manner of retrain.py."""
    with tf.Graph().as_default() as graph:
        contents = tf.compat.v1.placeholder(tf.string, (), name="DecodeJpeg/contents")
        image = tf.cast(tf.image.decode_jpeg(contents, channels=3), tf.float32)[None]
        logits = tf.matmul(tf.reduce_mean(image, (1, 2)), np.ones((3, 3), np.float32)) + np.zeros(3, np.float32)
        tf.nn.softmax(logits, name="final_result")
    (folder / "OLD.pb").write_bytes(graph.as_graph_def().SerializeToString(deterministic=True))
    (folder / "OLD.txt").write_bytes(OLD_LABELS)
    return FrozenGraphOptions(like=folder / "OLD.pb", like_labels=folder / "OLD.txt", aliases={"crimson": "red"})


@pytest.fixture
def dropped_in(trained_run: Path, copy_of: Callable[[Path], Path], tmp_path: Path) -> Path:
    """A run whose frozen graph was made for the old client; the old files lie beside the run folder."""
    run = copy_of(trained_run)
    convert(run, ["frozen_graph"], ExportOptions(frozen_graph=write_old(tmp_path)))
    return run


def test_the_old_client_unchanged_answers_as_the_reference_does(
    dropped_in: Path, dataset: Path, tmp_path: Path
) -> None:
    reference = read_reference(dropped_in / "reference.npz")
    labels = read_contract_labels(dropped_in)
    files = [str(dataset / path) for path in reference.paths]
    command = [sys.executable, str(CLIENT), str(dropped_in / "trained_model_graph.pb"), str(tmp_path / "OLD.txt")]
    done = subprocess.run([*command, *files], check=True, capture_output=True, text=True)
    found = [MEANING[label] for label, _ in json.loads(done.stdout)["found"]]
    assert [labels[row.argmax()] for row in reference.predictions["label"]] == found
    assert len(set(found)) > 1
    assert OLD_LABELS == (tmp_path / "OLD.txt").read_bytes()


def read_contract_labels(run: Path) -> list[str]:
    return list(json.loads((run / "contract.json").read_text())["heads"][0]["labels"])


def test_the_lock_says_the_order_and_what_it_was_made_for(dropped_in: Path, tmp_path: Path) -> None:
    (artifact,) = read_lock(dropped_in / "artifacts.json").artifacts
    assert ("green", "red", "blue") == artifact.labels
    assert sha256_of(tmp_path / "OLD.pb") == artifact.options["like_sha256"]
    assert ["GREEN", "Crimson", "Blue"] == artifact.options["like_labels"]


@pytest.mark.slow
def test_the_judge_counts_in_the_runs_order_and_fails_a_graph_of_another(dropped_in: Path) -> None:
    (outcome,) = judge_run(dropped_in, JudgeOptions()).outcomes
    assert Verdict.PASS == outcome.verdict, outcome.findings
    assert {"pixels", "encoded"} == set(outcome.doors)
    lock = read_lock(dropped_in / "artifacts.json")
    for wrong in (None, ("red", "green", "blue")):
        artifacts = tuple(replace(artifact, labels=wrong) for artifact in lock.artifacts)
        write_lock(dropped_in / "artifacts.json", replace(lock, artifacts=artifacts))
        (outcome,) = judge_run(dropped_in, JudgeOptions()).outcomes
        assert Verdict.FAIL == outcome.verdict


def test_predict_names_what_it_sees(dropped_in: Path, dataset: Path) -> None:
    files = [next((dataset / "test" / label).iterdir()) for label in ("red", "green", "blue")]
    answers = predict_images(dropped_in / "trained_model_graph.pb", files)
    assert ["red", "green", "blue"] == [answer.top(1)["label"][0]["label"] for answer in answers]


def test_the_same_options_keep_it_and_others_do_not(dropped_in: Path, tmp_path: Path) -> None:
    path = dropped_in / "trained_model_graph.pb"
    options, written = write_old(tmp_path), path.stat().st_mtime_ns
    convert(dropped_in, ["frozen_graph"], ExportOptions(frozen_graph=options))
    assert written == path.stat().st_mtime_ns
    (tmp_path / "OLD.txt").write_bytes(b"Blue\nGREEN\nCrimson\n")
    (artifact,) = convert(dropped_in, ["frozen_graph"], ExportOptions(frozen_graph=options))
    assert ("blue", "green", "red") == artifact.labels


@pytest.mark.parametrize("family", ["inception", "pixels"])
def test_a_family_is_judged_at_its_own_names_and_range(tiny_run: Path, dataset: Path, family: str) -> None:
    keras = pytest.importorskip("keras", reason="the oracle is Keras")
    # named as the model's own nodes might be
    own = FrozenGraphOptions(family=family, input_name="client/input:0", output_name="model/Softmax:0")
    options = ExportOptions(form=InputForm(value_range=(-1.0, 1.0)), frozen_graph=own)
    (artifact,) = convert(tiny_run, ["frozen_graph"], options)
    with tf.Graph().as_default() as graph:
        definition = tf.compat.v1.GraphDef.FromString((tiny_run / artifact.path).read_bytes())
        tf.import_graph_def(definition, name="")
    pixels = np.random.default_rng(0).random((2, 16, 16, 3), dtype=np.float32)
    door = "client/input:0" if family == "pixels" else "input:0"
    with tf.compat.v1.Session(graph=graph) as session:
        answers = session.run("model/Softmax:0", {door: 2 * pixels - 1})
    model = keras.models.load_model(tiny_run / "model.keras", compile=False)
    np.testing.assert_allclose(model(pixels), answers, atol=1e-5)
    placeholders = {node.name for node in definition.node if node.op.startswith("Placeholder")}
    assert {"client/input"} | ({"input"} if family == "inception" else set()) == placeholders
    (outcome,) = judge_run(tiny_run, JudgeOptions()).outcomes
    assert ({"pixels", "encoded"} if family == "inception" else {"pixels"}) == set(outcome.doors)
    assert Verdict.FAIL not in {finding.verdict for finding in outcome.findings}, outcome.findings


def test_an_old_graph_of_uint8_pixels_gets_one_that_resizes_itself(tiny_run: Path, tmp_path: Path) -> None:
    """The old client feeds 20 x 30, the model takes 16 x 16: Keras after tf.image.resize is the oracle."""
    keras = pytest.importorskip("keras", reason="the oracle is Keras")
    with tf.Graph().as_default() as graph:
        image = tf.cast(tf.compat.v1.placeholder(tf.uint8, (1, 20, 30, 3), name="image_tensor"), tf.float32)
        logits = tf.matmul(tf.reduce_mean(image, (1, 2)), np.ones((3, 3), np.float32))
        tf.nn.softmax(logits, name="scores")
    (tmp_path / "OLD.pb").write_bytes(graph.as_graph_def().SerializeToString())
    (tmp_path / "OLD.txt").write_text("red\nblue\ngreen\n")
    own = FrozenGraphOptions(like=tmp_path / "OLD.pb", like_labels=tmp_path / "OLD.txt")
    options = ExportOptions(form=InputForm(preprocessing="in_graph"), frozen_graph=own)
    (artifact,) = convert(tiny_run, ["frozen_graph"], options)
    assert {"pixels": "image_tensor:0", "output": "scores:0"} == artifact.tensor_names
    with tf.Graph().as_default() as graph:
        definition = tf.compat.v1.GraphDef.FromString((tiny_run / artifact.path).read_bytes())
        tf.import_graph_def(definition, name="")
    photo = np.random.default_rng(0).integers(0, 256, (1, 20, 30, 3), dtype=np.uint8)
    with tf.compat.v1.Session(graph=graph) as session:
        found = session.run("scores:0", {"image_tensor:0": photo})
    model = keras.models.load_model(tiny_run / "model.keras", compile=False)
    blue, green, red = np.asarray(model(tf.image.resize(photo, (16, 16)) / 255))[0]
    np.testing.assert_allclose([[red, blue, green]], found, atol=1e-5)


def test_a_later_convert_does_not_tear_the_pair(dropped_in: Path, tmp_path: Path) -> None:
    """The graph in the run's order beside the old labels file would be wrong for every image, and nobody would see."""
    graph = dropped_in / "trained_model_graph.pb"
    before = graph.read_bytes()
    with pytest.raises(UsageError, match="order of an old client's labels") as refusal:
        convert(dropped_in, ["frozen_graph", "tflite"])
    assert "--like-labels" in str(refusal.value.fix)
    assert before == graph.read_bytes()
    convert(dropped_in, ["frozen_graph"], ExportOptions(frozen_graph=write_old(tmp_path)))
    assert before == graph.read_bytes()
    convert(dropped_in, ["frozen_graph"], overwrite=True)
    assert before != graph.read_bytes()
