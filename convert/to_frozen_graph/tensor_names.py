"""Names of tensors in a graph, as a client writes them: "final_result:0"."""

import re

from ...contract.errors import UsageError

#: tensorflow/core/framework/node_def_util.cc: what a node may be called; a slash at its end opens a scope.
_NODE = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*(?<!/)")


def is_node_name(text: str) -> bool:
    """Say whether TensorFlow takes this as the name of a node."""
    return _NODE.fullmatch(text) is not None


def tensor_name(text: str, where: str) -> str:
    """Return the name of a node's first tensor; `:0` may be left out.

    Raises:
        UsageError: no name that TensorFlow can give, or another tensor than a node's first.

    Example:
        >>> tensor_name("final_result", "--output-name")
        'final_result:0'
    """
    node = text.removesuffix(":0")
    if not is_node_name(node):
        raise UsageError(
            "no name of a tensor",
            where=where,
            expected="letters, digits, . _ / -, and :0 at the end or nothing",
            received=repr(text),
        )
    return f"{node}:0"
