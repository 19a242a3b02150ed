"""Refuse a graph for a target that lacks some of its operators."""

from collections.abc import Container
from typing import Any

from ...contract.errors import InputError


def refuse_lacking(definition: Any, known: Container[str], target: str, otherwise: str) -> None:
    """Refuse a GraphDef with operators that are not known.

    Args:
        definition: the GraphDef.
        known: the operators of the target.
        target: what lacks them, for people.
        otherwise: what to do where the layer cannot be built of other operators.

    Raises:
        InputError: names each operator that is lacking with its first node, which begins with its layer.
    """
    lacking = {node.op: node.name for node in reversed(definition.node) if node.op not in known}
    if lacking:
        raise InputError(
            f"{target} has no operator {', '.join(sorted(lacking))}",
            where="\n".join(f"{name} ({operator})" for operator, name in sorted(lacking.items())),
            fix=f"build that layer of other operators, or {otherwise}: modelport convert RUN --to saved_model",
        )
