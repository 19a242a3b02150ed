"""The operators of a graph, held against the list; the oracle is TensorFlow's registry."""

import re
from typing import Any

import pytest
from modelport.contract.errors import InputError
from modelport.runtimes.tf_graph.graph_operators import check_operators
from modelport.runtimes.tf_graph.operator_names import (
    COMPUTING,
    LOADED,
    NOT_RUN,
    OF_SAVED_MODELS,
    OF_THE_SAVER,
    STATEFUL,
)

tf = pytest.importorskip("tensorflow", reason="the oracle is TensorFlow's registry of operators")

#: What a review found missing in a list of forbidden operators, and what that list had.
BEYOND_COMPUTING = """
    PyFunc PyFuncStateless EagerPyFunc ReadFile WriteFile MatchingFiles ImmutableConst PrintV2 Print Save SaveV2
    SaveSlices Restore RestoreV2 RestoreSlice MergeV2Checkpoints ShardedFilename WholeFileReaderV2 TextLineReaderV2
    LMDBReader TFRecordReaderV2 TextLineDataset TFRecordDatasetV2 CSVDataset LMDBDataset SqlDataset GeneratorDataset
    SaveDatasetV2 LoadDataset SnapshotDatasetV2 CacheDatasetV2 InitializeTableFromTextFileV2 WriteSummary
    CreateSummaryFileWriter ImportEvent DebugIdentity DebugIdentityV2 DebugIdentityV3 DebugNumericSummary
    GenerateVocabRemapping LoadAndRemapMatrix DumpTensor CalibrationStatisticsSaver RpcClient RpcCall RpcServer
    RemoteCall DataServiceDatasetV4 DistributedSave FileSystemSetConfiguration DecodeProtoV2 Send Recv Abort
    SymbolicGradient XlaLaunch IteratorGetNext TemporaryVariable SleepOp CollectiveReduceV2 ConfigureDistributedTPU
""".split()  # noqa: SIM905


def _registered(name: str) -> Any:
    from tensorflow.python.framework import op_def_registry

    return op_def_registry.get(name)


def test_every_name_in_the_list_is_an_operator_of_tensorflow() -> None:
    names = sorted(LOADED | OF_THE_SAVER)
    assert [] == [name for name in names if _registered(name) is None]


def test_what_keeps_state_is_in_the_list_with_a_reason_only() -> None:
    assert [] == [name for name in sorted(COMPUTING) if _registered(name).is_stateful and name not in STATEFUL]
    assert {"CudnnRNNV3", "CudnnRNNBackpropV3"} == {name for name in NOT_RUN if _registered(name).is_stateful}, (
        "it draws for a dropout"
    )
    assert [] == [name for name in sorted(LOADED - COMPUTING - set(NOT_RUN)) if name not in OF_SAVED_MODELS]
    assert set(STATEFUL) <= {name for name in STATEFUL if _registered(name).is_stateful}, "a reason without need"


def test_no_name_in_the_list_sounds_of_files_python_or_the_network() -> None:
    told = r"File|Save|Restore|Debug|Dataset|Rpc|Py[A-Z]|Reader|Write|Load|Dump|Send|Recv|Remote|Summary|Print|Proto"
    assert [] == [name for name in sorted(LOADED) if re.search(told, name)]


def test_no_operator_in_the_list_takes_the_name_of_a_file() -> None:
    """TensorFlow names such inputs and attributes like this in its registry."""
    told = re.compile(r"file_?name|path|url|address|directory|dir$|host$|hostname|port$|checkpoint|cache")
    found = {}
    for name in sorted(LOADED):
        definition = _registered(name)
        words = [item.name for item in (*definition.input_arg, *definition.attr)]
        if hits := [word for word in words if told.search(word)]:
            found[name] = hits
    assert {} == found


@pytest.mark.parametrize("name", BEYOND_COMPUTING)
def test_what_reaches_beyond_the_model_is_refused_by_name(name: str) -> None:
    """No call is made: a node of that kind is enough."""
    assert _registered(name) is not None, "a name that is misspelled proves nothing"
    graph = tf.compat.v1.GraphDef()
    graph.node.add(name="evil", op=name)
    with pytest.raises(InputError, match=rf"{name} is not among the operators that modelport runs for strangers"):
        check_operators(graph, "here")


def test_an_operator_that_nobody_knows_yet_is_refused() -> None:
    """The reason for a list of what may run: the next release's operators are not in it."""
    graph = tf.compat.v1.GraphDef()
    graph.node.add(name="new", op="FetchWeightsFromNetworkV9")
    with pytest.raises(InputError, match="FetchWeightsFromNetworkV9 is not among"):
        check_operators(graph, "here")


@pytest.mark.parametrize(
    ("run", "operator"),
    [
        pytest.param(lambda x: tf.numpy_function(lambda y: y, [x], tf.float32), "PyFunc", id="python"),
        pytest.param(lambda x: tf.py_function(lambda y: y, [x], tf.float32), "EagerPyFunc", id="eager-python"),
        pytest.param(lambda x: (tf.io.write_file("out", tf.strings.as_string(x)), x)[1], "WriteFile", id="file"),
    ],
)
def test_a_function_inside_is_searched_too(run: Any, operator: str) -> None:
    inner = tf.function(run, autograph=False)
    outer = tf.function(lambda x: inner(x), autograph=False)
    graph = outer.get_concrete_function(tf.TensorSpec((), tf.float32)).graph.as_graph_def()
    assert operator not in {node.op for node in graph.node}, "it is in the library, not at the top"
    with pytest.raises(InputError, match=operator):
        check_operators(graph, "here")


def test_a_function_that_has_an_operators_name_does_not_hide_it() -> None:
    """TensorFlow lets a node call a function of the graph by naming it as its operator."""
    graph = tf.compat.v1.GraphDef()
    graph.node.add(name="call", op="my_own_function")
    graph.library.function.add().signature.name = "my_own_function"
    check_operators(graph, "here")
    graph.node.add(name="evil", op="WriteFile")
    graph.library.function.add().signature.name = "WriteFile"
    with pytest.raises(InputError, match="WriteFile is not among"):
        check_operators(graph, "here")


def test_what_an_image_classifier_computes_is_let_pass() -> None:
    """Layers, a resize, a decoder, a branch and a loop, as TensorFlow's own Python writes them."""

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])  # type: ignore[untyped-decorator]
    def run(files: Any) -> Any:
        pixels = tf.map_fn(
            lambda one: tf.io.decode_image(one, 3, expand_animations=False), files, fn_output_signature="uint8"
        )
        pixels = tf.image.resize(tf.cast(pixels, tf.float32) / 255.0, (8, 8), antialias=True)
        pixels = tf.nn.conv2d(pixels, tf.ones((3, 3, 3, 4)), 1, "SAME")
        pixels = tf.cond(tf.reduce_max(pixels) > 1.0, lambda: pixels / 2.0, lambda: tf.nn.gelu(pixels))
        return tf.nn.softmax(tf.einsum("bhwc,cd->bd", pixels, tf.ones((4, 5))))

    check_operators(run.get_concrete_function().graph.as_graph_def(), "here")
