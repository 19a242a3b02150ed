"""Take what inlining functions leaves out of a frozen graph.

image -> Identity -> Identity (after NoOp (after every input)) -> Conv2D      becomes      image -> Conv2D

Those control inputs make every answer wait for the node that the pixels come from, even where pixels are fed in its
place: a graph that takes file bytes as well would then ask for a file, too.
"""

from typing import Any

import tensorflow as tf

#: Where a branch or a loop decides what runs, control inputs mean something.
_CONTROL_FLOW = frozenset({"Switch", "Merge", "Enter", "Exit", "NextIteration", "RefSwitch", "RefMerge"})


def plain_graph(definition: Any, *answers: str) -> Any:
    """Return the part of a GraphDef that the operations `answers` need, without control inputs and Identity.

    A graph with branches or loops is returned as it is. `answers` keep their names, whatever operations they are.
    """
    if any(node.op in _CONTROL_FLOW for node in definition.node):
        return definition
    result = tf.compat.v1.GraphDef.FromString(definition.SerializeToString())
    passed_on = {node.name: node.input[0] for node in result.node if node.op == "Identity"}
    for node in result.node:
        inputs = [name for name in node.input if not name.startswith("^")]
        node.input[:] = [_origin(name, passed_on) for name in inputs]
    return tf.compat.v1.graph_util.extract_sub_graph(result, list(answers))


def _origin(name: str, passed_on: dict[str, str]) -> str:
    while name.removesuffix(":0") in passed_on:
        name = passed_on[name.removesuffix(":0")]
    return name
