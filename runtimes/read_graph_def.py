"""Read a GraphDef (.pb) from its protocol buffer: nothing is imported into a graph or run."""

from pathlib import Path
from typing import Any

from ..contract.errors import InputError


def read_graph_def(path: Path) -> Any:
    """Return the GraphDef of a file.

    Raises:
        InputError: a damaged file.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.framework import graph_pb2

    graph = graph_pb2.GraphDef()
    try:
        graph.ParseFromString(path.read_bytes())
    except DecodeError as error:
        received = f"{path.stat().st_size:,} bytes; {str(error)[:200]}"
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
