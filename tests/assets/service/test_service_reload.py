"""The model changes under the service: what fits takes its place, what does not leaves the old one serving."""

import hashlib
import io
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.assets.backend.store.swap import roll_back, swap_file
from modelport.assets.service.model.model_files import ModelFiles, read_snapshot
from modelport.assets.service.model.served_model import ServedModel, load_model
from modelport.contract.errors import InputError
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.labels.labels_file import read_labels
from modelport.contract.model_contract.model_contract import ModelContract, Provenance, write_contract
from numpy.typing import NDArray
from PIL import Image

tf = pytest.importorskip("tensorflow", reason="a frozen graph is TensorFlow's")

ABC = ("a", "b", "c")


def graph_of(logits: tuple[float, ...], *, operator: str = "") -> bytes:
    """A frozen graph that answers every image with softmax(logits), as the retrain scripts name its tensors."""
    with tf.Graph().as_default() as graph:
        contents = tf.compat.v1.placeholder(tf.string, (), name="DecodeJpeg/contents")
        if operator == "ReadFile":
            contents = tf.io.read_file(contents)
        image = tf.cast(tf.image.decode_jpeg(contents, channels=3), tf.float32)
        nothing = 0.0 * tf.reduce_mean(image)
        tf.nn.softmax(tf.constant([logits], tf.float32) + nothing, name="final_result")
    return bytes(graph.as_graph_def().SerializeToString(deterministic=True))


def softmax(logits: tuple[float, ...]) -> NDArray[np.float64]:
    powers = np.exp(np.asarray(logits, np.float64))
    return np.asarray(powers / powers.sum())


A, B, WIDE = (3.0, 0.0, 0.0), (0.0, 0.0, 3.0), (0.0, 0.0, 0.0, 5.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with graph A and three labels."""
    put(tmp_path / "trained_model_graph.pb", graph_of(A))
    put(tmp_path / "training_set_labels.txt", "\n".join(ABC).encode())
    return tmp_path


def put(path: Path, data: bytes) -> str:
    """Put a file in place by renaming, and return its sha256."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)
    return hashlib.sha256(data).hexdigest()


def files_of(folder: Path, format: str = "auto") -> ModelFiles:
    return ModelFiles(model=folder / "trained_model_graph.pb", labels=None, contract=None, format=format)


def wait_until(is_so: Callable[..., Any]) -> None:
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)


def start(serve: Any, folder: Path, **given: Any) -> Any:
    return serve(model=folder, reload_seconds=0.05, **given)


def not_served(client: Any) -> Any:
    return client.ask("GET", "/health").json["not_served"]


def test_a_new_graph_is_served_without_a_restart(serve: Any, folder: Path, jpeg: bytes) -> None:
    client = start(serve, folder)
    first = client.raw(jpeg).json
    assert ("a", hashlib.sha256(graph_of(A)).hexdigest()) == (first["predicted_label"], first["model_sha256"])
    assert np.allclose(softmax(A)[0], first["top_prediction"]["score"], atol=1e-6)
    new = put(folder / "trained_model_graph.pb", graph_of(B))
    wait_until(lambda: client.ask("GET", "/health").json["model_sha256"] == new)
    second = client.raw(jpeg).json
    assert ("c", new) == (second["predicted_label"], second["model_sha256"])
    assert (1, None) == (client.ask("GET", "/health").json["reloads"], not_served(client))


def test_a_pair_that_came_by_half_is_not_served(serve: Any, folder: Path, jpeg: bytes) -> None:
    client = start(serve, folder)
    put(folder / "trained_model_graph.pb", graph_of(WIDE))
    wait_until(lambda: not_served(client))
    assert "model and labels differ in number" == not_served(client)
    assert "a" == client.raw(jpeg).json["predicted_label"], "the old pair goes on"
    put(folder / "training_set_labels.txt", b"a\r\nb\r\nc\r\nd\r\n")
    wait_until(lambda: client.raw(jpeg).json["predicted_label"] == "d")
    assert not_served(client) is None


def test_new_labels_alone_are_served(serve: Any, folder: Path, jpeg: bytes) -> None:
    client = start(serve, folder)
    put(folder / "training_set_labels.txt", b"eh\nbee\nsea\n")
    wait_until(lambda: client.raw(jpeg).json["predicted_label"] == "eh")


def test_a_file_that_is_written_over_is_served_when_it_is_whole(serve: Any, folder: Path, jpeg: bytes) -> None:
    client, path, data = start(serve, folder), folder / "trained_model_graph.pb", graph_of(B)
    with open(path, "wb") as stream:
        stream.write(data[: len(data) // 2])
        stream.flush()
        wait_until(lambda: not_served(client))
        assert "a" == client.raw(jpeg).json["predicted_label"]
        stream.write(data[len(data) // 2 :])
    wait_until(lambda: client.raw(jpeg).json["predicted_label"] == "c")


@pytest.mark.parametrize("change", ["remove", "garbage", "empty", "folder"])
def test_what_is_no_model_leaves_the_old_one(serve: Any, folder: Path, jpeg: bytes, change: str) -> None:
    client, path = start(serve, folder), folder / "trained_model_graph.pb"
    if change in ("remove", "folder"):
        path.unlink()
        if change == "folder":
            path.mkdir()
    else:
        put(path, b"garbage" * 100 if change == "garbage" else b"")
    wait_until(lambda: not_served(client))
    assert str(folder) not in not_served(client), "no path of the server"
    answer = client.raw(jpeg)
    assert (200, "a") == (answer.status, answer.json["predicted_label"])


def test_the_same_bytes_again_are_not_loaded_again(serve: Any, folder: Path) -> None:
    client = start(serve, folder)
    old = client.service.holder.current
    put(folder / "trained_model_graph.pb", graph_of(A))
    time.sleep(0.4)
    assert client.service.holder.current is old


def test_only_models_that_may_be_served_are(serve: Any, folder: Path, jpeg: bytes) -> None:
    allowed = hashlib.sha256(graph_of(A)).hexdigest()
    client = start(serve, folder, model_sha256=allowed)
    put(folder / "trained_model_graph.pb", graph_of(B))
    wait_until(lambda: not_served(client))
    assert allowed == client.raw(jpeg).json["model_sha256"]
    with pytest.raises(InputError, match="not one that may be served"):
        start(serve, folder, model_sha256=allowed)


@pytest.mark.skipif(os.name == "nt", reason="links take a right that not every user of Windows has")
def test_a_link_that_leads_to_both_is_one_pair(serve: Any, tmp_path: Path, jpeg: bytes) -> None:
    """Two generations with as many labels: no answer may pair the graph of one with the labels of the other."""
    for name, logits, labels in (("one", A, "first\nx\ny"), ("two", B, "x\ny\nsecond")):
        (tmp_path / name).mkdir()
        put(tmp_path / name / "trained_model_graph.pb", graph_of(logits))
        put(tmp_path / name / "training_set_labels.txt", labels.encode())
    live = tmp_path / "live"
    live.symlink_to("one")
    client, found = serve(model=live, reload_seconds=0.01), set()
    for number in range(12):
        link = tmp_path / "link"
        link.symlink_to("two" if number % 2 == 0 else "one")
        os.replace(link, live)
        end = time.monotonic() + 0.15
        while time.monotonic() < end:
            answer = client.raw(jpeg).json
            found.add((answer["predicted_label"], answer["model_sha256"]))
    expected = {("first", hashlib.sha256(graph_of(A)).hexdigest()), ("second", hashlib.sha256(graph_of(B)).hexdigest())}
    assert expected == found


def test_no_request_fails_while_modelport_swaps_and_rolls_back(serve: Any, folder: Path, jpeg: bytes) -> None:
    """The same at length, with a real model: benchmarks/service_load.py."""
    client, found, stop = start(serve, folder), list[tuple[int, str, str]](), threading.Event()
    other = folder.parent / f"{folder.name}-other.pb"
    other.write_bytes(graph_of(B))

    def ask() -> None:
        while not stop.is_set():
            answer = client.raw(jpeg)
            found.append((answer.status, answer.json.get("predicted_label"), answer.json.get("model_sha256")))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(6):
            swapped = roll_back(folder) if number % 2 else swap_file(folder, "trained_model_graph.pb", other)
            now = swapped.after["trained_model_graph.pb"]
            wait_until(lambda now=now: client.service.holder.current.model_sha256 == now)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    a, b = (hashlib.sha256(graph_of(logits)).hexdigest() for logits in (A, B))
    assert {(200, "a", a), (200, "c", b)} == set(found)
    assert 6 == client.service.holder.reloads


def test_files_that_change_while_they_are_read_are_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = iter([True])

    def read_late(path: Path) -> tuple[str, ...]:
        """Let both files be replaced after the graph was read, and before the labels are."""
        if next(changes, False):
            put(folder / "trained_model_graph.pb", graph_of(WIDE))
            put(folder / "training_set_labels.txt", b"a\nb\nc\nd")
        return read_labels(path)

    monkeypatch.setattr("modelport.assets.service.model.model_files.read_labels", read_late)
    snapshot = read_snapshot(files_of(folder))
    assert (graph_of(WIDE), 4) == (snapshot.model, len(snapshot.labels))


class Waits:
    """A runner that answers when it may."""

    runtime = "none"
    labels: tuple[str, ...] = ("old", "older")

    def __init__(self) -> None:
        self.entered, self.may_go = threading.Event(), threading.Event()

    def scores(self, image: bytes) -> NDArray[np.float32]:
        self.entered.set()
        assert self.may_go.wait(20)
        return np.array([0.9, 0.1], np.float32)


def test_a_request_in_flight_is_answered_by_the_model_that_it_began_with(mock: Any, jpeg: bytes) -> None:
    runner, answers = Waits(), list[Any]()
    facts: dict[str, Any] = {"format": "frozen_graph", "runtime": "none", "labels_sha256": None}
    old = ServedModel(runner=runner, labels=runner.labels, model_sha256="0" * 64, **facts)
    new = mock.service.holder.current
    mock.service.holder.put(old)
    thread = threading.Thread(target=lambda: answers.append(mock.raw(jpeg).json))
    thread.start()
    assert runner.entered.wait(20)
    mock.service.holder.put(new)
    assert mock.raw(jpeg).json["mock"], "others are answered by the new one meanwhile"
    runner.may_go.set()
    thread.join()
    assert ("old", "0" * 64) == (answers[0]["predicted_label"], answers[0]["model_sha256"])


@pytest.mark.parametrize(
    ("logits", "labels", "what"),
    [
        (A, "a\nb", "differ in number"),
        (A, "a\nb\nb", "a label occurs twice"),
        (A, "", "labels file is empty"),
        ((np.nan, 0.0, 0.0), "a\nb\nc", "NaN or infinity"),
    ],
)
def test_a_pair_that_does_not_fit_does_not_start(
    folder: Path, logits: tuple[float, ...], labels: str, what: str
) -> None:
    put(folder / "trained_model_graph.pb", graph_of(logits))
    put(folder / "training_set_labels.txt", labels.encode())
    with pytest.raises(InputError, match=what):
        load_model(files_of(folder))


def test_a_graph_that_reads_files_does_not_start(folder: Path) -> None:
    put(folder / "trained_model_graph.pb", graph_of(A, operator="ReadFile"))
    with pytest.raises(InputError, match="may do more than compute"):
        load_model(files_of(folder))


def test_a_graph_without_labels_does_not_start(folder: Path) -> None:
    (folder / "training_set_labels.txt").unlink()
    with pytest.raises(InputError, match="model has no labels"):
        load_model(files_of(folder))


@pytest.mark.parametrize("format", ["saved_model", "tflite", "onnx"])
def test_a_graph_is_not_served_as_another_format(folder: Path, format: str) -> None:
    with pytest.raises(InputError):
        load_model(files_of(folder, format))


def test_labels_in_another_order_than_the_contract_are_refused(folder: Path) -> None:
    """DESIGN.md, 1: a graph that is paired with the other order of labels, and nobody noticed."""
    contract = ModelContract(
        pixels=PixelContract(),
        heads=(ClassificationHead(name="label", labels=ABC),),
        parameters=1,
        provenance=Provenance(run_id="x", model_sha256=""),
    )
    write_contract(folder / "contract.json", contract)
    put(folder / "training_set_labels.txt", b"a\nc\nb\n")
    with pytest.raises(InputError, match="another order") as caught:
        load_model(files_of(folder))
    assert "line 2: 'c', which the contract has in line 3" in str(caught.value)
    put(folder / "training_set_labels.txt", b"a\nbe\nc\n")
    assert ("a", "be", "c") == load_model(files_of(folder)).labels, "an old file may have its own words"
    put(folder / "training_set_labels.txt", b"three\ntwo\none\n")
    with pytest.raises(InputError, match="other words than the model's contract says"):
        load_model(files_of(folder))


def test_the_same_graph_is_not_served_with_its_labels_in_another_order(serve: Any, folder: Path, jpeg: bytes) -> None:
    client = start(serve, folder)
    put(folder / "training_set_labels.txt", b"c\na\nb\n")
    wait_until(lambda: not_served(client))
    assert "labels are in another order than those served, and the model is the same" == not_served(client)
    assert "a" == client.raw(jpeg).json["predicted_label"], "the output keeps its class"


def test_an_image_is_fed_to_the_graph_as_it_came(folder: Path) -> None:
    """A colour's mean is a closed form: the graph sees the very bytes of the client."""
    with tf.Graph().as_default() as graph:
        contents = tf.compat.v1.placeholder(tf.string, (), name="DecodeJpeg/contents")
        image = tf.cast(tf.image.decode_jpeg(contents, channels=3), tf.float32)
        tf.nn.softmax(tf.reduce_mean(image, (0, 1))[None] / 64, name="final_result")
    put(folder / "trained_model_graph.pb", graph.as_graph_def().SerializeToString())
    stream = io.BytesIO()
    Image.new("RGB", (31, 17), (64, 128, 192)).save(stream, "PNG")
    found = load_model(files_of(folder)).scores(stream.getvalue())
    assert np.allclose(softmax((1.0, 2.0, 3.0)), found, atol=1e-6)
