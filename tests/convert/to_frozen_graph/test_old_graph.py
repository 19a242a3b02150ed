"""Old graphs as other people's tools write them; what is read is compared with what they were built of."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError, ModelportError, UsageError

tf = pytest.importorskip("tensorflow", reason="a frozen graph is TensorFlow's")

from modelport.convert.to_frozen_graph.old_graph import read_old_graph  # noqa: E402
from modelport.runtimes.tf_graph import read_graph_def  # noqa: E402

v1 = tf.compat.v1


def of_file(name: str = "DecodeJpeg/contents", shape: tuple[int | None, ...] = ()) -> Any:
    contents = v1.placeholder(tf.string, shape, name=name)
    scalar = tf.reshape(contents, ()) if shape else contents
    return tf.image.resize(tf.cast(tf.image.decode_jpeg(scalar, channels=3), tf.float32)[None], (8, 8))


def probabilities(image: Any, classes: int = 3, name: str = "final_result") -> Any:
    weights = tf.constant(np.ones((3, classes), np.float32))
    logits = tf.nn.bias_add(
        tf.matmul(tf.reduce_mean(image, (1, 2)), weights), np.zeros(classes, np.float32), name="logits"
    )
    return tf.nn.softmax(logits, name=name)


def retrained() -> None:
    """TensorFlow 1's retrain.py: the bytes are a Const that clients feed; the bottleneck is a placeholder, too."""
    contents = tf.constant(b"", name="DecodeJpeg/contents")
    image = tf.image.resize(tf.cast(tf.image.decode_jpeg(contents, channels=3), tf.float32)[None], (8, 8))
    bottleneck = tf.reduce_mean(image, (1, 2))
    given = v1.placeholder_with_default(bottleneck, (None, 3), name="input/BottleneckInputPlaceholder")
    logits = tf.matmul(given, tf.constant(np.ones((3, 5), np.float32))) + tf.zeros(5)
    tf.nn.softmax(logits, name="final_result")


def mobilenet() -> None:
    image = v1.placeholder(tf.float32, (1, 224, 224, 3), name="input")
    logits = tf.nn.conv2d(image[:, :1, :1], tf.constant(np.ones((1, 1, 3, 7), np.float32)), 1, "SAME")
    answer = tf.nn.softmax(tf.squeeze(logits, (1, 2)))
    tf.reshape(answer, (-1, 7), name="MobilenetV1/Predictions/Reshape_1")


def both_doors() -> None:
    probabilities(v1.placeholder_with_default(of_file(), (None, 8, 8, 3), name="input"))


def uint8_pixels() -> None:
    image = v1.placeholder(tf.uint8, (None, None, None, 3), name="image")
    probabilities(tf.cast(image, tf.float32))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Callable[[], Any]], Path]:
    def write_graph(build: Callable[[], Any]) -> Path:
        with tf.Graph().as_default() as graph:
            build()
        (tmp_path / "old.pb").write_bytes(graph.as_graph_def().SerializeToString())
        return tmp_path / "old.pb"

    return write_graph


Write = Callable[[Callable[[], Any]], Path]


@pytest.mark.parametrize(
    ("build", "encoded", "pixels", "output", "classes"),
    [
        (lambda: probabilities(of_file()), "DecodeJpeg/contents:0", None, "final_result:0", 3),
        (retrained, "DecodeJpeg/contents:0", None, "final_result:0", 5),
        (mobilenet, None, ("input:0", "float32", (1, 224, 224, 3)), "MobilenetV1/Predictions/Reshape_1:0", 7),
        (both_doors, "DecodeJpeg/contents:0", ("input:0", "float32", (None, 8, 8, 3)), "final_result:0", 3),
        (uint8_pixels, None, ("image:0", "uint8", (None, None, None, 3)), "final_result:0", 3),
    ],
    ids=["file", "retrain.py", "mobilenet", "both", "uint8"],
)
def test_inputs_output_and_classes_are_read(
    write: Write, build: Callable[[], Any], encoded: str | None, pixels: Any, output: str, classes: int
) -> None:
    old = read_old_graph(write(build))
    found = None if old.pixels is None else (old.pixels.name, old.pixels.dtype, old.pixels.shape)
    assert (encoded, pixels, output, classes) == (old.encoded, found, old.output, old.classes)


def logits_only() -> None:
    tf.nn.bias_add(tf.reduce_mean(of_file(), (1, 2)), tf.zeros(3), name="scores")


def sigmoids() -> None:
    tf.sigmoid(tf.reduce_mean(of_file(), (1, 2)), name="final_result")


def two_outputs() -> None:
    answer = probabilities(of_file())
    tf.argmax(answer.op.inputs[0], axis=1, name="other")


def two_images() -> None:
    first, second = (v1.placeholder(tf.float32, (None, 8, 8, 3), name=name) for name in ("left", "right"))
    probabilities(first + second)


def vectors() -> None:
    tf.nn.softmax(v1.placeholder(tf.float32, (None, 30), name="features"), name="final_result")


def base64() -> None:
    contents = tf.io.decode_base64(v1.placeholder(tf.string, (), name="b64"))
    probabilities(tf.cast(tf.image.decode_jpeg(contents, channels=3), tf.float32)[None])


def with_dropout() -> None:
    probabilities(of_file() * v1.placeholder(tf.float32, (), name="keep_prob"))


def list_of_files() -> None:
    probabilities(of_file(shape=(1,)))


def channels_first() -> None:
    image = v1.placeholder(tf.float32, (None, 3, 8, 8), name="input")
    probabilities(tf.transpose(image, (0, 2, 3, 1)))


@pytest.mark.parametrize(
    ("build", "what", "received"),
    [
        (logits_only, "does not answer a softmax's probabilities", "BiasAdd"),
        (sigmoids, "does not answer a softmax's probabilities", "Sigmoid"),
        (two_outputs, "old graph has 2 outputs", "final_result:0\nother:0"),
        (two_images, "several inputs for images", "left:0\nright:0"),
        (vectors, "neither a file's bytes nor pixels", "features:0 float32 (any, 30)"),
        (base64, "neither a file's bytes nor pixels", "b64:0 bytes scalar"),
        (list_of_files, "neither a file's bytes nor pixels", "DecodeJpeg/contents:0 bytes (1)"),
        (channels_first, "neither a file's bytes nor pixels", "input:0 float32 (any, 3, 8, 8)"),
        (with_dropout, "takes more than an image", "keep_prob:0 float32 scalar"),
    ],
)
def test_a_graph_whose_place_none_can_take_is_refused_with_a_way_out(
    write: Write, build: Callable[[], Any], what: str, received: str
) -> None:
    with pytest.raises(InputError, match=what) as caught:
        read_old_graph(write(build))
    assert sorted(received.splitlines())[0] in str(caught.value.received)
    assert caught.value.fix
    assert "--" in caught.value.fix


def test_what_is_meant_of_several_can_be_said(write: Write) -> None:
    assert "final_result:0" == read_old_graph(write(two_outputs), output_name="final_result").output
    both = write(both_doors)
    assert read_old_graph(both, input_name="DecodeJpeg/contents:0").pixels is None
    assert read_old_graph(both, input_name="input:0").encoded is None


@pytest.mark.parametrize("names", [{"input_name": "x:0"}, {"output_name": "x"}, {"output_name": "final_result:1"}])
def test_names_that_the_graph_lacks_are_refused(write: Write, names: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"no such (in|out)put|no name of a tensor"):
        read_old_graph(write(both_doors), **names)


def test_an_encrypted_file_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "old.pb"
    path.write_bytes(b"\xb7" + np.random.default_rng(0).bytes(5000))  # wire type 7 does not exist
    with pytest.raises(InputError, match="old graph cannot be read") as caught:
        read_old_graph(path)
    assert "encrypted or compressed" in str(caught.value.received)
    assert "decrypt" in str(caught.value.fix)
    assert "--family" in str(caught.value.fix)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_truncated_file_is_refused(write: Write, share: float) -> None:
    path = write(retrained)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(ModelportError) as caught:
        read_old_graph(path)
    assert caught.value.fix
    assert 2 == caught.value.exit_code


def test_a_file_cut_between_two_nodes_is_refused(write: Write) -> None:
    path = write(retrained)
    graph = v1.GraphDef.FromString(path.read_bytes())
    del graph.node[0]
    path.write_bytes(graph.SerializeToString())
    with pytest.raises(InputError, match="cut off") as caught:
        read_old_graph(path)
    assert "DecodeJpeg/contents" in str(caught.value.received)


def test_another_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "old.pb").write_bytes(b"\x1c\0\0\0TFL3" + bytes(100))
    with pytest.raises(InputError, match="no frozen graph") as caught:
        read_old_graph(tmp_path / "old.pb")
    assert "tflite" == caught.value.received


def test_a_graph_that_runs_in_a_circle_ends(write: Write) -> None:
    path = write(lambda: probabilities(of_file()))
    graph = v1.GraphDef.FromString(path.read_bytes())
    for name, reads in (("a", "b"), ("b", "a"), ("end", "a")):
        graph.node.add(name=name, op="Identity", input=[reads]).attr["T"].type = 1
    path.write_bytes(graph.SerializeToString())
    with pytest.raises(InputError, match="old graph has 2 outputs"):
        read_old_graph(path)
    with pytest.raises(InputError, match="does not answer a softmax"):
        read_old_graph(path, output_name="end")


@pytest.mark.parametrize("name", ["r\u00e9sultat", "_out", "two words", "\x1b[2Jfinal_result", ""])
@pytest.mark.parametrize("renamed", ["final_result", "DecodeJpeg/contents"])
def test_names_that_tensorflow_does_not_take_are_refused(write: Write, renamed: str, name: str) -> None:
    path = write(retrained)
    graph = v1.GraphDef.FromString(path.read_bytes())
    for node in graph.node:
        node.name = name if node.name == renamed else node.name
        node.input[:] = [name if text == renamed else text for text in node.input]
    path.write_bytes(graph.SerializeToString())
    with pytest.raises(ValueError, match=r"invalid characters|name"):  # no old client loads it either
        tf.import_graph_def(graph, name="")
    with pytest.raises(ModelportError) as caught:
        read_old_graph(path)
    assert "\x1b" not in str(caught.value)


def test_probabilities_behind_a_choice_of_the_largest_are_pointed_to(write: Write) -> None:
    with pytest.raises(InputError, match="does not answer a softmax") as caught:
        read_old_graph(write(lambda: tf.argmax(probabilities(of_file()), axis=1, name="class")))
    assert str(caught.value.fix).startswith("--output-name final_result:0")


@pytest.mark.parametrize(
    ("data", "way_out"),
    [
        pytest.param(b'node {\n  name: "input"\n', "as_text=False", id="text"),
        pytest.param(b"", "download", id="empty"),
        pytest.param(b"<!DOCTYPE html><html>", "download", id="page"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "git lfs pull", id="lfs"),
        pytest.param(b"\x08\x01\x12\x02\x0a\x00", "SavedModel|saved_model", id="saved_model"),
    ],
)
def test_what_is_no_noise_is_not_said_to_be_encrypted(tmp_path: Path, data: bytes, way_out: str) -> None:
    (tmp_path / "old.pb").write_bytes(data)
    with pytest.raises(InputError, match="old graph cannot be read") as caught:
        read_old_graph(tmp_path / "old.pb")
    assert re.search(way_out, str(caught.value.fix))
    assert "decrypt" not in str(caught.value.fix)
    assert "--family" in str(caught.value.fix)


def test_a_file_that_no_graph_can_fill_is_refused_unread(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(retrained)
    monkeypatch.setattr(read_graph_def, "MAX_BYTES", path.stat().st_size - 1)
    with pytest.raises(InputError, match="larger than a frozen graph can be"):
        read_old_graph(path)


@pytest.mark.timeout(60)
def test_many_decoders_are_read_in_a_time_that_grows_with_their_number(write: Write) -> None:
    """20,000 decoders in a file of 1 MB: looking each up in a table of all took minutes."""
    path = write(lambda: probabilities(of_file()))
    graph = v1.GraphDef.FromString(path.read_bytes())
    end = graph.node.add(name="end", op="Softmax", input=["final_result"])
    for index in range(20_000):
        graph.node.add(name=f"decode{index}", op="DecodeJpeg", input=["DecodeJpeg/contents"])
        end.input.append(f"decode{index}")
    path.write_bytes(graph.SerializeToString())
    assert "DecodeJpeg/contents:0" == read_old_graph(path).encoded
