"""Which names, which order, and which old clients a model cannot serve."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError, ModelportError, UsageError
from modelport.contract.image.pixels import InputForm, PixelContract
from modelport.contract.labels.heads import ClassificationHead, RegressionHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.convert.options.export_options import FrozenGraphOptions

tf = pytest.importorskip("tensorflow", reason="a frozen graph is TensorFlow's")

from modelport.convert.to_frozen_graph.plan import plan_frozen_graph  # noqa: E402

CONTRACT = ModelContract(
    pixels=PixelContract(height=16, width=16),
    heads=(ClassificationHead(name="label", labels=("a", "b", "delete")),),
    parameters=9,
    provenance=Provenance(run_id="run", model_sha256="0"),
)
AS_RUN, IN_GRAPH = InputForm(), InputForm(preprocessing="in_graph")


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    (tmp_path / "OLD.txt").write_bytes(b"DEL\r\nB\r\na\r\n")
    return tmp_path / "OLD.txt"


@pytest.fixture
def old(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes an old graph of three classes; without a shape it takes a file's bytes."""

    def write(shape: tuple[int | None, ...] | None = None, dtype: Any = tf.float32, name: str = "image") -> Path:
        with tf.Graph().as_default() as graph:
            if shape is None:
                contents = tf.compat.v1.placeholder(tf.string, (), name=name)
                image = tf.image.decode_jpeg(contents, channels=3)[None]
            else:
                image = tf.compat.v1.placeholder(dtype, shape, name=name)
            mean = tf.reduce_mean(tf.cast(image, tf.float32), (1, 2))
            weights = np.ones((mean.shape[-1], 3), np.float32)
            tf.nn.softmax(tf.matmul(mean, weights), name="old/answer")
        (tmp_path / "OLD.pb").write_bytes(graph.as_graph_def().SerializeToString())
        return tmp_path / "OLD.pb"

    return write


Old = Callable[..., Path]


def like(path: Path, labels: Path, **more: Any) -> FrozenGraphOptions:
    return FrozenGraphOptions(like=path, like_labels=labels, aliases={"del": "delete"}, **more)


def test_a_graph_of_files_has_the_old_names_and_order(old: Old, labels: Path) -> None:
    plan = plan_frozen_graph(CONTRACT, AS_RUN, like(old(), labels))
    assert ("delete", "b", "a") == plan.labels
    assert {"encoded": "image:0", "pixels": "input:0", "output": "old/answer:0"} == plan.tensor_names


def test_pixels_get_another_name_where_the_old_client_feeds_files_at_theirs(old: Old, labels: Path) -> None:
    plan = plan_frozen_graph(CONTRACT, AS_RUN, like(old(name="input"), labels))
    assert plan.tensor_names is not None
    assert "input:0" == plan.tensor_names["encoded"] != plan.tensor_names["pixels"]


@pytest.mark.parametrize(
    ("shape", "dtype", "form"),
    [
        ((None, 16, 16, 3), "float32", InputForm(value_range=(-1, 1))),
        ((1, 16, 16, 3), "float32", InputForm(value_range=(0, 1))),
        ((1, 16, 16, 3), "uint8", IN_GRAPH),
        ((None, None, None, 3), "uint8", IN_GRAPH),
        ((1, 300, 300, 3), "uint8", IN_GRAPH),
    ],
)
def test_a_graph_of_pixels_takes_no_files(
    old: Old, labels: Path, shape: tuple[int | None, ...], dtype: str, form: InputForm
) -> None:
    plan = plan_frozen_graph(CONTRACT, form, like(old(shape, dtype), labels))
    assert {"pixels": "image:0", "output": "old/answer:0"} == plan.tensor_names


@pytest.mark.parametrize(
    ("shape", "dtype", "form", "what", "way_out"),
    [
        pytest.param((1, 16, 16, 3), "float32", AS_RUN, "in which range", "127.5", id="range"),
        pytest.param((1, None, 16, 3), "float32", InputForm(value_range=(0, 1)), "any size", "--family", id="dynamic"),
        pytest.param(
            (1, 224, 200, 3),
            "float32",
            InputForm(value_range=(0, 1)),
            "another size",
            "--image-size 224 200",
            id="size",
        ),
        pytest.param((1, 16, 16, 3), "uint8", AS_RUN, "takes uint8", "--preprocessing in-graph", id="uint8"),
        pytest.param((1, 16, 16, 3), "float32", IN_GRAPH, "takes float32", "drop --preprocessing", id="float"),
        pytest.param((1, 16, 16, 1), "float32", AS_RUN, "1 channels", "channels", id="grey"),
    ],
)
def test_pixels_that_the_model_does_not_take_are_refused_with_a_way_out(
    old: Old, labels: Path, shape: Any, dtype: str, form: InputForm, what: str, way_out: str
) -> None:
    with pytest.raises(InputError, match=what) as caught:
        plan_frozen_graph(CONTRACT, form, like(old(shape, dtype), labels))
    assert way_out in str(caught.value.fix)


def test_the_labels_file_of_another_graph_is_refused(old: Old, labels: Path) -> None:
    labels.write_text("del\na\n")
    with pytest.raises(InputError, match="not the old graph's") as caught:
        plan_frozen_graph(CONTRACT, AS_RUN, like(old(), labels))
    assert str(caught.value.expected).startswith("3 labels")
    assert str(caught.value.received).startswith("2: del, a")


def test_classes_that_differ_are_refused(old: Old, labels: Path) -> None:
    labels.write_text("del\na\nz\n")
    with pytest.raises(InputError, match="classes are not the old ones") as caught:
        plan_frozen_graph(CONTRACT, AS_RUN, like(old(), labels))
    assert "z                    the model has none" in str(caught.value.received)


def test_the_order_can_be_had_without_an_old_graph(labels: Path) -> None:
    options = FrozenGraphOptions(like_labels=labels, aliases={"del": "delete"}, output_name="logits")
    plan = plan_frozen_graph(CONTRACT, AS_RUN, options)
    assert ("delete", "b", "a") == plan.labels
    assert CONTRACT.tensor_names | {"output": "logits:0"} == plan.tensor_names


def test_a_regression_before_the_labelled_head_is_refused(labels: Path) -> None:
    two = replace(CONTRACT, heads=(RegressionHead(name="age", unit="years"), *CONTRACT.heads))
    with pytest.raises(InputError, match="first head is no classification"):
        plan_frozen_graph(two, AS_RUN, FrozenGraphOptions(like_labels=labels))


def test_families() -> None:
    large = replace(CONTRACT, pixels=PixelContract(height=224, width=224))
    inception = plan_frozen_graph(CONTRACT, AS_RUN, FrozenGraphOptions(family="inception", input_name="file"))
    mobilenet = FrozenGraphOptions(family="mobilenet")
    pixels = FrozenGraphOptions(family="pixels", input_name="x:0", output_name="Identity:0")
    assert {"encoded": "file:0", "pixels": "input:0", "output": "final_result:0"} == inception.tensor_names
    assert {"pixels": "input:0", "output": "final_result:0"} == plan_frozen_graph(large, AS_RUN, mobilenet).tensor_names
    assert {"pixels": "x:0", "output": "Identity:0"} == plan_frozen_graph(CONTRACT, AS_RUN, pixels).tensor_names
    assert plan_frozen_graph(CONTRACT, AS_RUN, FrozenGraphOptions()).tensor_names is None
    assert InputForm(value_range=(-1.0, 1.0)) == mobilenet.form_of(InputForm())
    assert InputForm(value_range=(0.0, 1.0)) == mobilenet.form_of(InputForm(value_range=(0.0, 1.0))), "what was asked"
    assert IN_GRAPH == mobilenet.form_of(IN_GRAPH)


def test_mobilenet_pixels_of_another_size_are_refused() -> None:
    with pytest.raises(InputError, match="another size") as caught:
        plan_frozen_graph(CONTRACT, AS_RUN, FrozenGraphOptions(family="mobilenet"))
    assert "--image-size 224 224" in str(caught.value.fix)


@pytest.mark.parametrize(
    "options",
    [
        {"like": Path("OLD.pb")},
        {"like": Path("OLD.pb"), "like_labels": Path("OLD.txt"), "family": "inception"},
        {"aliases": {"del": "delete"}},
        {"input_name": "x"},
        {"input_name": ""},
        {"family": "resnet"},
    ],
    ids=str,
)
def test_options_that_do_not_fit_each_other_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        FrozenGraphOptions(**options)
    assert caught.value.fix or caught.value.expected


@pytest.mark.parametrize("name", ["", ":0", "x:1", "a b", "_x", "é", "x/", "x/:0"])
def test_names_that_tensorflow_cannot_give_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="--output-name"):
        plan_frozen_graph(CONTRACT, AS_RUN, FrozenGraphOptions(output_name=name))


def test_what_is_recorded_is_the_content_of_the_old_files_not_their_place(old: Old, labels: Path) -> None:
    path = old()
    recorded = like(path, labels, input_name="image").recorded()
    assert {"like_sha256", "like_labels", "aliases", "input_name"} == set(recorded)
    assert ["DEL", "B", "a"] == recorded["like_labels"]
    assert str(path.parent) not in str(recorded)
    assert {} == FrozenGraphOptions().recorded()


@pytest.mark.parametrize("missing", ["OLD.pb", "OLD.txt"])
def test_an_old_file_that_is_not_there_is_named(old: Old, labels: Path, missing: str) -> None:
    options = like(old(), labels)
    labels.with_name(missing).unlink()
    with pytest.raises(ModelportError) as caught:
        options.recorded()
    assert missing in str(caught.value)


def test_a_folder_is_not_said_to_be_missing(labels: Path) -> None:
    with pytest.raises(InputError, match="old graph is no file"):
        like(labels.parent, labels).recorded()
