"""Read a GraphDef (.pb) from its protocol buffer: nothing is imported into a graph or run."""

from pathlib import Path
from typing import Any

from ...contract.errors import InputError

#: https://protobuf.dev/programming-guides/proto-limits/, read on 2026-11-21: a message has fewer bytes than 2 GiB.
MAX_BYTES = (1 << 31) - 1


def read_graph_def(path: Path) -> Any:
    """Return the GraphDef of a file.

    Raises:
        InputError: a damaged file, or one too large to be one; it is not read then.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.framework import graph_pb2

    graph, size_bytes = graph_pb2.GraphDef(), path.stat().st_size
    if size_bytes > MAX_BYTES:
        raise InputError(
            "file is larger than a frozen graph can be",
            where=path,
            expected=f"at most {MAX_BYTES:,} bytes",
            received=f"{size_bytes:,} bytes",
            fix="adopt the SavedModel that it was made of",
        )
    try:
        graph.ParseFromString(path.read_bytes())
    except DecodeError as error:
        received = f"{size_bytes:,} bytes; {str(error)[:200]}"
        fix = "copy or download it again, and compare its size with the source"
        raise InputError("frozen graph is damaged", where=path, received=received, fix=fix) from error
    return graph


def check_whole(graph: Any, path: Path) -> None:
    """Raise InputError where nodes read others that the graph does not have: a file that was cut between two nodes."""
    names = {node.name for node in graph.node}
    absent = {text.lstrip("^").split(":")[0] for node in graph.node for text in node.input} - names
    if absent:
        raise InputError(
            "frozen graph is cut off: nodes that it reads are not in it",
            where=path,
            received=", ".join(sorted(absent)[:5]),
            fix="copy or download it again, and compare its size with the source",
        )
