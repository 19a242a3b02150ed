"""Operators that a classifier has no use for: they run Python, or reach files, processes or the network."""

from collections.abc import Iterator
from typing import Any

from ..contract.errors import InputError

#: Chosen from the operators that TensorFlow 2.21 registers; a test looks each up there.
_PYTHON = ("PyFunc", "PyFuncStateless", "EagerPyFunc")
_FILES = (
    *("ReadFile", "WriteFile", "MatchingFiles", "ImmutableConst", "PrintV2", "Save", "SaveV2", "SaveSlices"),
    *("WholeFileReader", "WholeFileReaderV2", "TextLineReader", "TextLineReaderV2", "LMDBReader"),
    *("FixedLengthRecordReader", "FixedLengthRecordReaderV2", "TFRecordReader", "TFRecordReaderV2"),
    *("TextLineDataset", "TFRecordDataset", "TFRecordDatasetV2", "FixedLengthRecordDataset", "SqlDataset"),
    *("FixedLengthRecordDatasetV2", "GeneratorDataset", "SaveDataset", "SaveDatasetV2", "LoadDataset"),
    *("SnapshotDataset", "SnapshotDatasetV2", "CacheDataset", "CacheDatasetV2", "DatasetToTFRecord"),
    *("InitializeTableFromTextFile", "InitializeTableFromTextFileV2", "CreateSummaryFileWriter"),
    *("CreateSummaryDbWriter", "WriteSummary", "WriteGraphSummary", "WriteRawProtoSummary", "ImportEvent"),
)
_NETWORK = (
    "DebugIdentity",
    "DebugIdentityV2",
    "DebugNumericSummary",
    "RemoteCall",
    "RpcCall",
    "RpcServer",
    "RpcClient",
)
FORBIDDEN = frozenset((*_PYTHON, *_FILES, *_NETWORK))
#: What TensorFlow itself puts into every SavedModel to write and read its variables; it is not run on loading.
_OF_THE_SAVER = frozenset({"Save", "SaveV2", "SaveSlices"})


def check_operators(graph: Any, where: object, *, with_saver: bool = False) -> None:
    """Refuse a graph that does more than compute.

    Args:
        graph: a GraphDef.
        where: the file or layer that it comes from.
        with_saver: it is a SavedModel's, which holds the operators that write its variables.

    Raises:
        InputError: names the operators.
    """
    allowed = _OF_THE_SAVER if with_saver else frozenset()
    found = sorted({node.op for node in _nodes(graph)} & (FORBIDDEN - allowed))
    if found:
        raise InputError(
            "model does more than compute",
            where=where,
            expected="operators that turn pixels into probabilities",
            received=", ".join(found) + ": these run Python, or reach files or the network",
            fix="export the model without them",
        )


def _nodes(graph: Any) -> Iterator[Any]:
    yield from graph.node
    for function in graph.library.function:
        yield from function.node_def
