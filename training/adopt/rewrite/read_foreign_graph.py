"""Read a frozen graph that somebody else wrote, and say at once why it is none; nothing is imported or run."""

from pathlib import Path
from typing import Any

from ....contract.errors import InputError
from ....runtimes.detect.detect_format import detect_format
from ....runtimes.tf_graph.graph_facts import VARIABLES
from ....runtimes.tf_graph.graph_operators import all_nodes
from ....runtimes.tf_graph.read_graph_def import check_whole, read_graph_def

_FREEZE = (
    "freeze it where its checkpoint is: tf.compat.v1.graph_util.convert_variables_to_constants(\n"
    "session, session.graph_def, ['OUTPUT']); or adopt the SavedModel folder"
)


def looks_like_frozen_graph(path: Path) -> bool:
    """Say whether a file is meant to be a frozen graph: by its name, or else by its content."""
    if not path.is_file() or path.name == "saved_model.pb":
        return False
    if path.suffix == ".pb":
        return True
    try:
        return detect_format(path) == "frozen_graph"
    except InputError:
        return False


def read_foreign_graph(path: Path) -> Any:
    """Return the GraphDef of a file, without the places where its operators ran.

    Raises:
        InputError: another kind of file, a damaged or cut off one, or a graph whose variables lie elsewhere.
    """
    _check_kind(path)
    graph = read_graph_def(path)
    variables = sorted({node.name for node in all_nodes(graph) if node.op in VARIABLES})
    if variables:
        raise InputError(
            f"graph is not frozen: it reads {len(variables)} variables",
            where=path,
            expected="a graph whose weights are constants inside the file",
            received=", ".join(variables[:5]) + " ..." * (len(variables) > 5),
            fix=_FREEZE,
        )
    check_whole(graph, path)
    for node in all_nodes(graph):
        node.device = ""  # a GPU or a server that somebody else had
        node.attr.pop("_class", None)  # with which other node, which freezing may have taken out
    return graph


def _check_kind(path: Path) -> None:
    try:
        kind = detect_format(path)
    except InputError as error:
        what = f"frozen graph cannot be read: {error.what}"
        expected = "a frozen graph (.pb): a serialized GraphDef"
        raise InputError(what, where=path, expected=expected, received=error.received, fix=error.fix) from error
    if kind != "frozen_graph":
        what = "a file that ends in .pb, and is no frozen graph"
        raise InputError(what, where=path, expected="a GraphDef", received=kind, fix="name the file as what it is")
