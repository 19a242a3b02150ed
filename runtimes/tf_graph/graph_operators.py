"""Refuse a graph that does more than a classifier has to: run Python, or reach files, processes or the network."""

from collections.abc import Iterable, Iterator
from typing import Any

from ...contract.errors import InputError
from .graph_facts import circle_of_calls
from .operator_names import COMPUTING


def check_operators(graph: Any, where: object) -> None:
    """Refuse a frozen graph that holds operators which are not in the list.

    Args:
        graph: a GraphDef.
        where: the file or layer that it comes from.

    Raises:
        InputError: names the operators, or the functions that call each other without end.
    """
    check_names(unlisted(all_nodes(graph), graph), where)
    circle = circle_of_calls(graph)
    if circle:
        raise InputError(
            "a function of the graph calls itself",
            where=where,
            expected="calls that end: TensorFlow inlines each",
            received=" -> ".join(circle[:8]),
            fix="export the model again: TensorFlow itself makes no such graph",
        )


def check_names(found: tuple[str, ...], where: object) -> None:
    """Raise InputError that names operators which are not in the list, if there are any."""
    if found:
        raise InputError(
            "model may do more than compute",
            where=where,
            expected="operators that turn pixels into probabilities",
            received=unlisted_sentence(found),
            fix="export the model for inference only, without them: model.export('FOLDER') where its code is",
        )


def unlisted(nodes: Iterable[Any], graph: Any, *, allowed: frozenset[str] = COMPUTING) -> tuple[str, ...]:
    """Return the operators among `nodes` that are not allowed, sorted; calls of the graph's own functions are.

    A function that has the name of an operator does not hide it.
    """
    found = {str(node.op) for node in nodes} - allowed
    own = {function.signature.name for function in graph.library.function} & found
    return tuple(sorted(found - {name for name in own if not _is_registered(name)}))


def unlisted_sentence(names: tuple[str, ...]) -> str:
    """Say what is wrong with such operators, for `adopt` and `inspect`."""
    what = "is" if len(names) == 1 else "are"
    return (
        f"{', '.join(names)} {what} not among the operators that modelport runs for strangers: "
        "others may run Python, or reach files or the network"
    )


def all_nodes(graph: Any) -> Iterator[Any]:
    """Yield the nodes of a GraphDef and of the functions in its library."""
    yield from graph.node
    for function in graph.library.function:
        yield from function.node_def


def _is_registered(name: str) -> bool:
    from tensorflow.python.framework import op_def_registry

    return op_def_registry.get(name) is not None
