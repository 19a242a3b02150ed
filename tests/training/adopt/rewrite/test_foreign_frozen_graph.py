"""Frozen graphs as others write them; the oracle is a tf.compat.v1.Session on the same bytes."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError, UsageError
from numpy.typing import NDArray

pytest.importorskip("tensorflow", reason="rewriting models needs the extra [tensorflow]")

import keras
import tensorflow as tf
from modelport.runtimes.tf_graph.graph_layer import OWN_LAYERS
from modelport.training.adopt.rewrite.rewrite_as_keras import rewrite_as_keras

v1 = tf.compat.v1
SIZE = (8, 8, 3)
LABELS = 4


@pytest.fixture
def pixels() -> Any:
    return np.random.default_rng(0).random((5, *SIZE), dtype=np.float32)


def _write(path: Path, build: Callable[[], Any]) -> Path:
    """Write the GraphDef of what `build` adds to a graph."""
    with tf.Graph().as_default() as graph:
        build()
    path.write_bytes(graph.as_graph_def(add_shapes=True).SerializeToString())
    return path


def _ask(path: Path, output: str, **feed: Any) -> NDArray[np.float32]:
    """Run the file as an old client does; keywords are names of tensors, with __ for / and without :0."""
    definition = v1.GraphDef.FromString(path.read_bytes())
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
        with v1.Session(graph=graph) as session:
            fed = {f"{name.replace('__', '/')}:0": value for name, value in feed.items()}
            return np.asarray(session.run(output, fed))


def _rewrite(path: Path, **options: Any) -> tuple[dict[str, Any], Any]:
    defaults = {"image_size": None, "softmax": False, "allow_lambda": False, "input_name": None, "output_name": None}
    destination = path.parent / "model.keras"
    told = rewrite_as_keras(defaults | options | {"path": str(path), "destination": str(destination)})
    return told, keras.models.load_model(destination, custom_objects=OWN_LAYERS, compile=False, safe_mode=True)


def _weights(*shape: int) -> Any:
    return tf.constant(np.random.default_rng(sum(shape)).normal(0, 0.5, shape).astype(np.float32))


def _head(image: Any, name: str = "final_result") -> Any:
    """A convolution and a softmax, as retrain scripts freeze them: nothing in it knows the size of the batch."""
    features = tf.nn.relu(tf.nn.conv2d(image, _weights(3, 3, int(image.shape[-1]), 6), 2, "SAME"))
    return tf.nn.softmax(tf.reduce_mean(features, (1, 2)) @ _weights(6, LABELS) * 5.0, name=name)


def _image(*shape: int | None, dtype: Any = tf.float32, name: str = "input") -> Any:
    return v1.placeholder(dtype, shape or (None, *SIZE), name=name)


def test_one_placeholder_and_one_end_need_no_flag(tmp_path: Path, pixels: Any) -> None:
    path = _write(tmp_path / "m.pb", lambda: _head(_image()))
    told, rewritten = _rewrite(path)
    np.testing.assert_allclose(_ask(path, "final_result:0", input=pixels), rewritten(pixels), atol=1e-6)
    assert ([8, 8, 3], LABELS, 3 * 3 * 3 * 6 + 6 * LABELS) == (told["shape"], told["width"], told["parameters"])
    assert told["loader"].endswith("input:0 -> final_result:0")
    assert [] == told["notes"]


def test_a_file_without_a_suffix_is_known_by_its_content(tmp_path: Path, pixels: Any) -> None:
    path = _write(tmp_path / "graph", lambda: _head(_image()))
    _, rewritten = _rewrite(path)
    np.testing.assert_allclose(_ask(path, "final_result:0", input=pixels), rewritten(pixels), atol=1e-6)


def test_a_batch_of_one_is_opened_reshapes_included(tmp_path: Path, pixels: Any) -> None:
    """MobileNet of slim: [1, 1001] stands in the graph, because tf.shape of a fixed shape is a constant."""

    def build() -> None:
        image = _image(1, *SIZE)
        flat = tf.reshape(tf.nn.conv2d(image, _weights(8, 8, 3, LABELS), 1, "VALID"), tf.constant([1, -1]))
        logits = tf.nn.softmax(tf.reshape(flat, (-1, LABELS)))
        tf.reshape(logits, tf.constant([1, LABELS]), name="Predictions")

    path = _write(tmp_path / "m.pb", build)
    expected = np.concatenate([_ask(path, "Predictions:0", input=pixels[index : index + 1]) for index in range(5)])
    told, rewritten = _rewrite(path)
    np.testing.assert_allclose(expected, rewritten(pixels), atol=1e-6)
    assert "frozen for a batch of 1" in told["notes"][0]
    assert (None, *SIZE) == rewritten.inputs[0].shape


def test_a_batch_that_is_normalized_over_its_images_is_refused(tmp_path: Path) -> None:
    """BatchNorm that was frozen in training mode: each answer depends on the images beside it."""

    def build() -> None:
        image = _image()
        _head((image - tf.reduce_mean(image, (0, 1, 2))) / tf.math.reduce_std(image, (0, 1, 2)))

    with pytest.raises(InputError, match=r"each image of a batch for itself[\s\S]*than its images alone, by"):
        _rewrite(_write(tmp_path / "m.pb", build))


def test_a_batch_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """A constant of one row is joined to the features."""

    def build() -> None:
        mean = tf.reduce_mean(_image(1, *SIZE), (1, 2))
        tf.nn.softmax(tf.concat([mean, tf.zeros((1, 1))], 1) @ _weights(4, LABELS))

    with pytest.raises(InputError, match=r"for itself[\s\S]*it fails: .*ConcatOp[\s\S]*\(None, 8, 8, 3\)"):
        _rewrite(_write(tmp_path / "m.pb", build))


@pytest.mark.parametrize("scales", [True, False])
def test_the_batch_norm_of_2015_is_renewed(tmp_path: Path, pixels: Any, scales: bool) -> None:
    """Inception's classify_image_graph_def.pb: TensorFlow runs it in a graph of version 8, and in no newer one."""
    path = _write(tmp_path / "m.pb", lambda: _head(tf.identity(_image(), name="norm")))
    definition = v1.GraphDef.FromString(path.read_bytes())
    definition.versions.producer, definition.versions.min_consumer = 8, 0
    node = next(node for node in definition.node if node.name == "norm")
    node.op = "BatchNormWithGlobalNormalization"
    node.attr["variance_epsilon"].f, node.attr["scale_after_normalization"].b = 0.01, scales
    values = {"mean": (0.1, 0.5, 0.2), "variance": (0.3, 0.4, 0.9), "beta": (-0.1, 0.2, 0.0), "gamma": (2.0, 0.7, 1.5)}
    for name, value in values.items():
        constant = definition.node.add(name=name, op="Const")
        constant.attr["dtype"].type = tf.float32.as_datatype_enum
        constant.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(np.array(value, np.float32)))
        node.input.append(name)
    path.write_bytes(definition.SerializeToString())
    _, rewritten = _rewrite(path)
    np.testing.assert_allclose(_ask(path, "final_result:0", input=pixels), rewritten(pixels), atol=1e-6)


def test_branches_of_tensorflow_1_keep_their_default(tmp_path: Path, pixels: Any) -> None:
    """Old Keras: a Switch and a Merge that keras_learning_phase decides."""

    def build() -> None:
        image = _image()
        phase = v1.placeholder_with_default(tf.constant(False), (), "keras_learning_phase")
        trained, inferred = tf.raw_ops.Switch(data=image, pred=phase)[::-1]
        _head(tf.ensure_shape(tf.raw_ops.Merge(inputs=[trained * 2.0, inferred * 0.5]).output, (None, *SIZE)))

    path = _write(tmp_path / "m.pb", build)
    _, rewritten = _rewrite(path)
    np.testing.assert_allclose(_ask(path, "final_result:0", input=pixels), rewritten(pixels), atol=1e-6)


def _inception(method: str = "bilinear", **options: Any) -> Callable[[], Any]:
    def build() -> None:
        contents = v1.placeholder(tf.string, (), name="DecodeJpeg/contents")
        image = tf.cast(tf.io.decode_jpeg(contents, channels=3, name="DecodeJpeg"), tf.float32)
        resized = v1.image.resize(tf.expand_dims(image, 0), (8, 8), method, name="Resize", **options)
        _head((resized - 128.0) / 128.0)

    return build


def test_a_graph_of_files_is_taken_behind_its_resizing(tmp_path: Path, pixels: Any) -> None:
    path = _write(tmp_path / "m.pb", _inception())
    told, rewritten = _rewrite(path)
    levels = pixels * 255
    tensor = told["loader"].split(", ")[1].split(" -> ")[0]
    name = tensor.removesuffix(":0").replace("/", "__")
    expected = np.concatenate([_ask(path, "final_result:0", **{name: levels[index : index + 1]}) for index in range(5)])
    assert "Resize" in tensor
    np.testing.assert_allclose(expected, rewritten(levels), atol=1e-6)
    assert "modelport decodes and resizes (bilinear) itself" in told["notes"][0]
    assert "places pixels a little differently" in told["notes"][0]


def test_a_graph_of_files_that_crops_asks_which_tensor_holds_the_pixels(tmp_path: Path, pixels: Any) -> None:
    def build() -> None:
        contents = v1.placeholder(tf.string, (), name="DecodeJpeg/contents")
        image = tf.cast(tf.io.decode_jpeg(contents, channels=3), tf.float32)
        boxed = tf.image.crop_to_bounding_box(tf.expand_dims(image, 0), 0, 0, 8, 8)
        _head(tf.ensure_shape(boxed, (1, *SIZE), name="pixels"))

    path = _write(tmp_path / "m.pb", build)
    message = r"takes the pixels[\s\S]*DecodeJpeg/contents:0 bytes[\s\S]*--input-name NAME:0[\s\S]*behind the decoder"
    with pytest.raises(InputError, match=message):
        _rewrite(path)
    _, rewritten = _rewrite(path, input_name="pixels")
    expected = np.concatenate([_ask(path, "final_result:0", pixels=pixels[index : index + 1]) for index in range(5)])
    np.testing.assert_allclose(expected, rewritten(pixels), atol=1e-6)


def test_two_ends_are_listed_with_the_flag_that_chooses(tmp_path: Path, pixels: Any) -> None:
    def build() -> None:
        image = _image()
        _head(image)
        tf.reduce_max(image, (1, 2), name="brightest")

    path = _write(tmp_path / "m.pb", build)
    message = r"2 ends[\s\S]*input   input:0 float32[\s\S]*output  brightest:0[\s\S]*--output-name final_result:0"
    with pytest.raises(InputError, match=message):
        _rewrite(path)
    told, rewritten = _rewrite(path, output_name="brightest:0")
    assert 3 == told["width"]
    np.testing.assert_array_equal(pixels.max((1, 2)), rewritten(pixels))


def test_two_images_are_listed_with_the_flag_that_chooses(tmp_path: Path) -> None:
    path = _write(tmp_path / "m.pb", lambda: _head(_image(name="left") + _image(name="right")))
    with pytest.raises(InputError, match=r"2 inputs[\s\S]*left:0[\s\S]*right:0[\s\S]*pass --input-name left:0"):
        _rewrite(path)
    with pytest.raises(InputError, match=r"more than an image[\s\S]*input   right:0 float32 \(any, 8, 8, 3\)"):
        _rewrite(path, input_name="left:0")


def test_switches_of_the_training_keep_their_default_or_are_named(tmp_path: Path, pixels: Any) -> None:
    kept = _write(
        tmp_path / "kept.pb", lambda: _head(_image() * v1.placeholder_with_default(tf.constant(0.5), (), "keep"))
    )
    _, rewritten = _rewrite(kept)
    np.testing.assert_allclose(_ask(kept, "final_result:0", input=pixels), rewritten(pixels), atol=1e-6)
    asked = _write(tmp_path / "asked.pb", lambda: _head(_image() * v1.placeholder(tf.float32, (), "keep_prob")))
    with pytest.raises(InputError, match=r"more than an image[\s\S]*keep_prob:0[\s\S]*keep_prob 1"):
        _rewrite(asked)


def test_names_that_are_not_in_the_graph_are_refused_with_those_that_are(tmp_path: Path) -> None:
    path = _write(tmp_path / "m.pb", lambda: _head(_image()))
    with pytest.raises(UsageError, match=r"no such input: --input-name[\s\S]*input:0 float32[\s\S]*x:0"):
        _rewrite(path, input_name="x:0")
    with pytest.raises(UsageError, match=r"no such output: --output-name[\s\S]*final_result[\s\S]*softmax"):
        _rewrite(path, output_name="softmax")
    with pytest.raises(UsageError, match="no such tensor: --output-name"):
        _rewrite(path, output_name="final_result:7")


def test_pixels_of_uint8_are_taken_behind_their_cast(tmp_path: Path, pixels: Any) -> None:
    path = _write(tmp_path / "m.pb", lambda: _head(tf.cast(_image(dtype=tf.uint8), tf.float32, name="ToFloat") / 255.0))
    with pytest.raises(InputError, match=r"input is uint8[\s\S]*--input-name ToFloat:0"):
        _rewrite(path)
    levels = (pixels * 255).astype(np.uint8)
    _, rewritten = _rewrite(path, input_name="ToFloat:0")
    np.testing.assert_allclose(
        _ask(path, "final_result:0", input=levels), rewritten(levels.astype(np.float32)), atol=1e-6
    )


def test_a_graph_of_any_size_needs_one(tmp_path: Path, pixels: Any) -> None:
    path = _write(tmp_path / "m.pb", lambda: _head(_image(None, None, None, 3)))
    with pytest.raises(InputError, match=r"any size[\s\S]*--image-size"):
        _rewrite(path)
    _, rewritten = _rewrite(path, image_size=[8, 8])
    np.testing.assert_allclose(_ask(path, "final_result:0", input=pixels), rewritten(pixels), atol=1e-6)


@pytest.mark.parametrize("stated", [None, (None, None, None, None)])
def test_a_shape_that_is_not_stated_is_told_by_size_and_found_by_channels(
    tmp_path: Path, pixels: Any, stated: Any
) -> None:
    """The kernel of its convolution has three channels: no grey image fits."""

    def build() -> None:
        features = tf.nn.conv2d(v1.placeholder(tf.float32, stated, "input"), _weights(3, 3, 3, 5), 2, "SAME")
        tf.nn.softmax(tf.reshape(features, (-1, 80)) @ _weights(80, LABELS), name="final_result")

    path = _write(tmp_path / "m.pb", build)
    with pytest.raises(InputError, match=r"does not state its shape: .*m\.pb, input 'input:0'[\s\S]*pass --image-size"):
        _rewrite(path)
    told, rewritten = _rewrite(path, image_size=[8, 8])
    assert [8, 8, 3] == told["shape"]
    np.testing.assert_allclose(_ask(path, "final_result:0", input=pixels), rewritten(pixels), atol=1e-6)


def test_a_shape_that_nothing_tells_is_refused(tmp_path: Path) -> None:
    def build() -> None:
        mean = tf.reduce_mean(v1.placeholder(tf.float32, None, "input"), (1, 2, 3))
        tf.nn.softmax(tf.stack([mean, -mean], 1))

    with pytest.raises(InputError, match="grey and RGB images fit it alike"):
        _rewrite(_write(tmp_path / "m.pb", build), image_size=[8, 8])


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        pytest.param((None, 12), r"input is no image[\s\S]*\(any, 12\)", id="vector"),
        pytest.param((None, 3, 8, 8), "NCHW: the channels come first", id="nchw"),
    ],
)
def test_what_takes_no_images_is_refused(tmp_path: Path, shape: tuple[int | None, ...], message: str) -> None:
    path = _write(tmp_path / "m.pb", lambda: tf.nn.softmax(tf.reshape(_image(*shape), (-1, 12)) @ _weights(12, 4)))
    with pytest.raises(InputError, match=message):
        _rewrite(path)


def test_a_graph_with_variables_is_not_frozen(tmp_path: Path) -> None:
    def build() -> None:
        _head(_image() * v1.get_variable("scale", (), initializer=v1.ones_initializer(), use_resource=False))

    with pytest.raises(InputError, match=r"not frozen: it reads 1 variables[\s\S]*scale[\s\S]*convert_variables_to"):
        _rewrite(_write(tmp_path / "m.pb", build))


def test_operators_that_reach_files_are_refused_before_anything_runs(tmp_path: Path) -> None:
    """The file would be written while the answer is computed; it is not, and nothing is imported."""
    written = tmp_path / "written.txt"

    def build() -> None:
        image = _image()
        with tf.control_dependencies([v1.write_file(str(written), "boo")]):
            _head(tf.identity(image))

    path = _write(tmp_path / "m.pb", build)
    with pytest.raises(InputError, match=r"more than compute[\s\S]*WriteFile is not among"):
        _rewrite(path)
    assert not written.exists()
    _ask(path, "final_result:0", input=np.zeros((1, *SIZE)))
    assert b"boo" == written.read_bytes(), "the graph does what it is refused for"


def test_files_that_are_no_frozen_graph_are_named(tmp_path: Path) -> None:
    path = _write(tmp_path / "m.pb", lambda: _head(_image()))
    whole = path.read_bytes()
    empty, cut, torn, text = (tmp_path / name for name in ("empty.pb", "cut.pb", "torn.pb", "text.pb"))
    empty.write_bytes(b"")
    cut.write_bytes(whole[: len(whole) // 2])
    definition = v1.GraphDef.FromString(whole)
    del definition.node[0]
    torn.write_bytes(definition.SerializeToString())
    text.write_text(str(v1.GraphDef.FromString(whole)))
    with pytest.raises(InputError, match="cannot be read: the file is empty"):
        _rewrite(empty)
    with pytest.raises(InputError, match=r"damaged[\s\S]*compare its size"):
        _rewrite(cut)
    with pytest.raises(InputError, match=r"cut off[\s\S]*input"):
        _rewrite(torn)
    with pytest.raises(InputError, match=r"GraphDef as text[\s\S]*as_text=False"):
        _rewrite(text)


def test_names_are_for_frozen_graphs_alone(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input(SIZE), keras.layers.GlobalAveragePooling2D()])
    model.save(tmp_path / "m.keras")
    with pytest.raises(UsageError, match=r"--input-name is for frozen graphs[\s\S]*drop --input-name"):
        _rewrite(tmp_path / "m.keras", input_name="input:0")


@pytest.mark.slow
def test_modelports_own_graph_comes_back(exported_run: Path, tmp_path: Path) -> None:
    """It takes files and pixels; the pixels are taken."""
    path = Path(shutil.copy(exported_run / "trained_model_graph.pb", tmp_path))
    pixels = np.random.default_rng(1).random((3, 48, 48, 3), dtype=np.float32)
    told, rewritten = _rewrite(path)
    np.testing.assert_allclose(_ask(path, "final_result:0", input=pixels), rewritten(pixels), atol=1e-5)
    assert ([48, 48, 3], 3) == (told["shape"], told["width"])


def test_a_strangers_graph_of_vectors_is_refused() -> None:
    """tf2onnx's test data: fully connected layers."""
    path = Path(__file__).resolve().parents[4].parent / "shared" / "data" / "tf2onnx" / "fc-layers_frozen.pb"
    if not path.is_file():
        pytest.skip(f"no shared data at {path}")
    with pytest.raises(InputError, match="input is no image"):
        _rewrite_without_writing(path)


def _rewrite_without_writing(path: Path) -> None:
    options = {"image_size": None, "softmax": False, "allow_lambda": False, "input_name": None, "output_name": None}
    rewrite_as_keras({**options, "path": str(path), "destination": "never.keras"})


@pytest.mark.parametrize("device", ["/device:GPU:0", "/job:ps/replica:0/task:1/device:GPU:3"])
def test_where_somebody_else_computed_it_does_not_matter(tmp_path: Path, pixels: Any, device: str) -> None:
    """Frozen without clear_devices: other machines lack that device, and the variables that nodes lay beside."""
    path = _write(tmp_path / "m.pb", lambda: _head(_image()))
    expected = _ask(path, "final_result:0", input=pixels)
    definition = v1.GraphDef.FromString(path.read_bytes())
    for node in definition.node:
        node.device = device
        node.attr["_class"].list.s.append(b"loc:@weights/that/were/variables")
    path.write_bytes(definition.SerializeToString())
    _, rewritten = _rewrite(path)
    np.testing.assert_allclose(expected, rewritten(pixels), atol=1e-6)
    graph = v1.GraphDef.FromString(next(layer for layer in rewritten.layers if hasattr(layer, "graph")).graph)
    assert {""} == {node.device for node in graph.node}


def _loop(image: Any) -> Any:
    halved = tf.while_loop(lambda step, _: step < 3, lambda step, x: (step + 1, x * 0.5), [tf.constant(0), image])[1]
    return tf.ensure_shape(halved, image.shape)


@pytest.mark.parametrize(
    "through",
    [
        pytest.param(_loop, id="loop"),
        pytest.param(lambda image: tf.cond(tf.constant(True), lambda: image * 2.0, lambda: image), id="branch"),
        pytest.param(lambda image: tf.function(lambda x: x * 3.0)(image), id="call"),
    ],
)
def test_a_graph_that_calls_functions_is_refused(tmp_path: Path, through: Callable[[Any], Any]) -> None:
    """Imported into another graph, TensorFlow does not find them: "Op type not registered"."""
    path = _write(tmp_path / "m.pb", lambda: _head(through(_image())))
    assert v1.GraphDef.FromString(path.read_bytes()).library.function
    with pytest.raises(InputError, match=r"calls functions[\s\S]*(while|cond|inference)[\s\S]*in their place"):
        _rewrite(path, output_name="final_result")


def test_a_function_that_calls_itself_is_refused(tmp_path: Path) -> None:
    """TensorFlow inlines until the stack is full, and the process is gone."""
    path = _write(tmp_path / "m.pb", lambda: _head(tf.function(lambda x: x * 3.0)(_image())))
    definition = v1.GraphDef.FromString(path.read_bytes())
    (function,) = definition.library.function
    call = next(node for node in definition.node if node.op == "PartitionedCall")
    function.node_def.add(name="again", op=call.op, input=[function.signature.input_arg[0].name]).attr.MergeFrom(
        call.attr
    )
    path.write_bytes(definition.SerializeToString())
    with pytest.raises(InputError, match=r"calls itself[\s\S]*(\S+) -> \1"):
        _rewrite(path)
