"""Make a GraphDef that the TensorFlow of an old client takes, and refuse what it does not know."""

from typing import Any

from tensorflow.python.framework import op_def_registry

from ...contract.errors import InputError

#: The TensorFlow that graphs are held against: the oldest that a test can still install and run them with.
OLDEST = "2.15.1"
#: Operators of TensorFlow 2.21.0 that 2.15.1 lacks, and attributes that it knows of no operator: the difference of
#: both registries, read with op_def_registry on 2026-11-21
#: (tests/convert/to_frozen_graph/test_old_client.py compares them again).
NEWER_OPERATORS = frozenset(
    [
        "CheckPinned",
        "ConvertToCooTensor",
        "ConvertToListOfSparseCoreCooTensors",
        "ConvertToSparseCoreCsrWrappedCooTensor",
        "DatasetFingerprint",
        "DecodeJxl",
        "DecodeWebP",
        "GetMinibatchSplitsWithPhysicalReplica",
        "GetMinibatchesInCsrWithPhysicalReplica",
        "GetStatsFromListOfSparseCoreCooTensors",
        "GlobalIterId",
        "GlobalShuffleDataset",
        "IndexFlatMapDataset",
        "IteratorGetModelProto",
        "ListSnapshotChunksDataset",
        "SortListOfSparseCoreCooTensors",
        "StoreMinibatchStatisticsInFdo",
        "TPUAnnotateTensorsWithDynamicShape",
        "TPUCopyWithDynamicShape",
        "TPUDummyInput",
        "WeightedFlatMapDataset",
    ]
)
#: All that begin so are newer: 27 operators of one accelerator's embeddings.
NEWER_PREFIX = "XlaSparse"
NEWER_ATTRIBUTES = frozenset(
    [
        "bad_indices_policy",
        "batch_padding_policy",
        "force_synchronous",
        "grad_a",
        "grad_b",
        "grad_x",
        "grad_y",
        "mixed_priority_policy",
        "use_shardy_partitioner",
        "use_unbounded_threadpool",
    ]
)


def strip_default_attributes(definition: Any) -> None:
    """Take out of a GraphDef, in place, each attribute that says what is so anyway, and TensorFlow's private ones.

    TensorFlow 1 refuses an attribute that it does not know ("NodeDef mentions attr not in Op"), such as MatMul's grad_a
    of 2.21, even where it says nothing; 2.15.1 only complains in its log.
    """
    for node in definition.node:
        described = op_def_registry.get(node.op)
        attributes = described.attr if described else ()  # of a custom operator nobody knows what is default
        defaults = {attr.name: attr.default_value for attr in attributes if attr.HasField("default_value")}
        for name in list(node.attr):
            if name.startswith("_") or (name in defaults and node.attr[name] == defaults[name]):
                del node.attr[name]


def check_operators(definition: Any, where: object) -> None:
    """Refuse a GraphDef, stripped of default attributes, that an old client cannot load.

    Raises:
        InputError: names each such operator with its node, which begins with its layer; or functions, or variables.
    """
    lacking = [
        f"{node.op} at {node.name}: {why}" for node in definition.node if (why := _why_unknown(node)) is not None
    ]
    if definition.library.function:
        lacking += [f"function {function.signature.name}" for function in definition.library.function]
    if lacking:
        raise InputError(
            "the client's TensorFlow lacks what the graph needs",
            where=where,
            expected=f"operators of TensorFlow {OLDEST}, no variables, no functions",
            received="\n".join(sorted(lacking)[:8]),
            fix="replace the layer; or give the client another format: modelport convert RUN --to onnx,saved_model",
        )


def _why_unknown(node: Any) -> str | None:
    if node.op in NEWER_OPERATORS or node.op.startswith(NEWER_PREFIX):
        return f"newer than {OLDEST}"
    if "VarHandle" in node.op or node.op in ("Variable", "VariableV2", "ReadVariableOp"):
        return "a variable"
    if "PartitionedCall" in node.op:
        return "calls a function"
    if op_def_registry.get(node.op) is None:
        return "no operator of TensorFlow's own"
    newer = sorted(set(node.attr) & NEWER_ATTRIBUTES)
    return f"attribute {', '.join(newer)} is newer than {OLDEST}" if newer else None
