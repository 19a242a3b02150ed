"""SavedModels that do something while they are loaded: what tf.saved_model.load would have done is looked at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.errors import InputError

pytest.importorskip("tensorflow", reason="SavedModels need the extra [tensorflow]")

import tensorflow as tf
from modelport.runtimes.inspect.inspect_file import inspect_here
from modelport.runtimes.tf_graph.saved_model_operators import unlisted_in_saved_model
from modelport.training.adopt.rewrite.foreign_saved_model import open_saved_model
from tensorflow.core.protobuf import saved_model_pb2

SPEC = tf.TensorSpec((None, 8, 8, 3), tf.float32, name="image")
STRANGERS = "not among the operators that modelport runs for strangers"


class _Resource(tf.saved_model.experimental.TrackableResource):  # type: ignore[misc]  # tensorflow ships no types
    """A table whose initializer TensorFlow runs when the model is saved and whenever it is loaded."""

    def __init__(self, initialize: Callable[[], Any]) -> None:
        super().__init__()
        self._run = initialize

    def _create_resource(self) -> Any:
        return tf.raw_ops.MutableHashTableV2(key_dtype=tf.int64, value_dtype=tf.int64)

    def _initialize(self) -> None:
        self._run()


class _Classifier(tf.Module):  # type: ignore[misc]  # tensorflow ships no types
    def __init__(self, initialize: Callable[[], Any] | None = None, inside: Callable[[Any], Any] | None = None) -> None:
        super().__init__()
        self.weight = tf.Variable(tf.ones((192, 3)))
        self.resource = _Resource(initialize) if initialize else None
        self.inside = inside or (lambda x: x)

    @tf.function(input_signature=[SPEC])  # type: ignore[untyped-decorator]
    def run(self, image: Any) -> Any:
        return {"p": tf.nn.softmax(tf.reshape(self.inside(image), (-1, 192)) @ self.weight)}


def _save(folder: Path, model: Any) -> Path:
    tf.saved_model.save(model, str(folder), signatures=model.run)
    return folder


def _read(folder: Path) -> Any:
    return saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())


def _change(folder: Path, change: Callable[[Any], None]) -> Path:
    definition = _read(folder)
    change(definition.meta_graphs[0])
    (folder / "saved_model.pb").write_bytes(definition.SerializeToString())
    return folder


def _refused(folder: Path, operator: str) -> None:
    """Both commands say the same sentence; nothing was loaded."""
    with pytest.raises(InputError, match=rf"{operator} is {STRANGERS}"):
        open_saved_model(folder)
    sentences = [problem.sentence for problem in inspect_here(folder).problems]
    assert any(f"{operator} is {STRANGERS}" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("write", "operator"),
    [
        pytest.param(
            lambda path: tf.raw_ops.Save(filename=path, tensor_names=["x"], data=[tf.constant(b"owned")]),
            "Save",
            id="save",
        ),
        pytest.param(
            lambda path: tf.raw_ops.SaveV2(prefix=path, tensor_names=["x"], shape_and_slices=[""], tensors=[1.0]),
            "SaveV2",
            id="save-v2",
        ),
        pytest.param(lambda path: tf.io.write_file(path, "owned"), "WriteFile", id="write-file"),
    ],
)
def test_an_initializer_that_writes_files_is_refused_before_it_runs(tmp_path: Path, write: Any, operator: str) -> None:
    written = tmp_path / "written"
    folder = _save(tmp_path / "m", _Classifier(initialize=lambda: write(str(written))))
    for file in tmp_path.glob("written*"):  # saving it ran it, which shows that loading would
        file.unlink()
    _refused(folder, operator)
    assert [] == list(tmp_path.glob("written*"))


@pytest.mark.parametrize(
    ("inside", "operator"),
    [
        pytest.param(
            lambda x: tf.raw_ops.DebugIdentityV3(input=x, debug_urls=["file:///tmp/nowhere"], tensor_name="t:0"),
            "DebugIdentityV3",
            id="debug-writes-tensors",
        ),
        pytest.param(
            lambda x: (
                x
                + tf.raw_ops.RestoreV2(
                    prefix="/other/variables", tensor_names=["w"], shape_and_slices=[""], dtypes=[tf.float32]
                )[0]
            ),
            "RestoreV2",
            id="another-models-weights",
        ),
    ],
)
def test_a_signature_that_reaches_files_is_refused(tmp_path: Path, inside: Any, operator: str) -> None:
    _refused(_save(tmp_path / "m", _Classifier(inside=inside)), operator)


def test_tensorflows_own_saver_is_let_pass_and_the_model_runs(tmp_path: Path) -> None:
    folder = _save(tmp_path / "m", _Classifier())
    operators = {
        node.op for function in _read(folder).meta_graphs[0].graph_def.library.function for node in function.node_def
    }
    assert {"SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename"} <= operators
    answer = open_saved_model(folder).run(tf.ones((2, 8, 8, 3)))
    assert [[1 / 3] * 3] * 2 == pytest.approx(answer.numpy()), "by hand: three equal scores"


def _savers_function(meta: Any, operator: str) -> Any:
    (found,) = [f for f in meta.graph_def.library.function if any(node.op == operator for node in f.node_def)]
    return found


def test_the_savers_name_is_not_believed(tmp_path: Path) -> None:
    """A function called as TensorFlow calls its saver's, that nothing calls."""

    def change(meta: Any) -> None:
        meta.graph_def.library.function.add().CopyFrom(_savers_function(meta, "SaveV2"))
        meta.graph_def.library.function[-1].signature.name = "__inference__traced_save_999999"

    folder = _change(_save(tmp_path / "n", _Classifier()), change)
    assert ("MergeV2Checkpoints", "SaveV2", "ShardedFilename") == unlisted_in_saved_model(_read(folder).meta_graphs[0])


def test_the_savers_function_as_a_resources_initializer_is_refused(tmp_path: Path) -> None:
    """The object graph of the file is edited: loading would run what writes variables."""

    def change(meta: Any) -> None:
        name = _savers_function(meta, "SaveV2").signature.name
        meta.object_graph_def.concrete_functions[name].CopyFrom(
            next(iter(meta.object_graph_def.concrete_functions.values()))
        )

    folder = _change(_save(tmp_path / "m", _Classifier(initialize=lambda: None)), change)
    with pytest.raises(InputError, match=f"SaveV2[\\s\\S]*{STRANGERS}"):
        open_saved_model(folder)


def test_a_function_that_the_saver_and_the_model_call_is_refused(tmp_path: Path) -> None:
    def change(meta: Any) -> None:
        name = _savers_function(meta, "RestoreV2").signature.name
        model = next(f for f in meta.graph_def.library.function if any(node.op == "Softmax" for node in f.node_def))
        node = model.node_def.add(name="evil", op="StatefulPartitionedCall")
        node.attr["f"].func.name = name

    folder = _change(_save(tmp_path / "m", _Classifier()), change)
    with pytest.raises(InputError, match=f"RestoreV2 is {STRANGERS}"):
        open_saved_model(folder)


def test_a_function_that_nobody_calls_counts_as_somebody(tmp_path: Path) -> None:
    """What calls the saver's function need not be called itself."""

    def change(meta: Any) -> None:
        name = _savers_function(meta, "RestoreV2").signature.name
        orphan = meta.graph_def.library.function.add()
        orphan.signature.name = "orphan"
        orphan.node_def.add(name="evil", op="StatefulPartitionedCall").attr["f"].func.name = name

    folder = _change(_save(tmp_path / "m", _Classifier()), change)
    assert ("RestoreV2",) == unlisted_in_saved_model(_read(folder).meta_graphs[0])


def test_other_operators_beside_the_savers_are_refused(tmp_path: Path) -> None:
    def change(meta: Any) -> None:
        _savers_function(meta, "SaveV2").node_def.add(name="evil", op="ReadFile")

    _refused(_change(_save(tmp_path / "m", _Classifier()), change), "ReadFile")


def _tensorflow_1(folder: Path, initialize: Callable[[], Any] | None = None) -> Path:
    one = tf.compat.v1
    with tf.Graph().as_default(), one.Session() as session:
        image = one.placeholder(tf.float32, (None, 8, 8, 3), name="image")
        weight = one.get_variable("w", initializer=tf.ones((192, 3)), use_resource=True)
        answer = tf.nn.softmax(tf.reshape(image, (-1, 192)) @ weight)
        session.run(one.global_variables_initializer())
        signature = one.saved_model.build_signature_def(
            {"image": one.saved_model.build_tensor_info(image)}, {"p": one.saved_model.build_tensor_info(answer)}
        )
        builder = one.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(
            session, ["serve"], {"serving_default": signature}, main_op=initialize() if initialize else None
        )
        builder.save()
    return folder


@pytest.mark.filterwarnings("ignore")  # TensorFlow calls its own first version deprecated
def test_a_model_of_tensorflow_1_is_taken(tmp_path: Path) -> None:
    model = open_saved_model(_tensorflow_1(tmp_path / "m"))
    assert [[1 / 3] * 3] == pytest.approx(model.run(tf.ones((1, 8, 8, 3))).numpy())


@pytest.mark.filterwarnings("ignore")
def test_a_model_of_tensorflow_1_whose_initializer_is_the_saver_is_refused(tmp_path: Path) -> None:
    """Loading runs the initializer that the file names."""
    folder = _tensorflow_1(tmp_path / "m", initialize=lambda: tf.no_op("init"))

    def change(meta: Any) -> None:
        (name,) = [node.name for node in meta.graph_def.node if node.op == "SaveV2"]
        for key in ("saved_model_main_op", "legacy_init_op"):
            meta.collection_def[key].node_list.value[:] = [name]
        for entry in meta.signature_def["__saved_model_init_op"].outputs.values():
            entry.name = name

    with pytest.raises(InputError, match=f"SaveV2[\\s\\S]*{STRANGERS}"):
        open_saved_model(_change(folder, change))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", ["reads-another-file", "writes"])
def test_a_model_of_tensorflow_1_that_restores_anything_else_is_refused(tmp_path: Path, how: str) -> None:
    def change(meta: Any) -> None:
        nodes = meta.graph_def.node
        if how == "writes":
            (save,) = [node.name for node in nodes if node.op == "SaveV2"]
            meta.saver_def.restore_op_name = save
            return
        other = nodes.add(name="other", op="Const")
        other.attr["dtype"].type = tf.string.as_datatype_enum
        other.attr["value"].tensor.CopyFrom(tf.make_tensor_proto("/another/models/variables"))
        for node in nodes:
            if node.op == "RestoreV2":
                node.input[0] = "other"

    operator = "SaveV2" if how == "writes" else "RestoreV2"
    with pytest.raises(InputError, match=f"{operator}[\\s\\S]*{STRANGERS}"):
        open_saved_model(_change(_tensorflow_1(tmp_path / "m"), change))
