"""Where pixels go into a frozen graph, and where the answer comes out: found if unmistakable, else to be told.

The graph is looked at as a protocol buffer, before anything of it is imported.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ....contract.errors import InputError, UsageError
from ....runtimes.facts.description import shape_text
from ....runtimes.facts.inspection import InspectedTensor
from ....runtimes.tf_graph.graph_facts import DECODERS, PASSING, PLACEHOLDERS, ends_of, tensor_of_node

#: Between a decoder and the resizing that follows it: these change values and types of pixels, not which they are.
_ON_THE_WAY = (*PASSING, "ExpandDims", "Mul", "Sub", "Add", "AddV2", "Div", "RealDiv")
_RESIZERS = ("ResizeBilinear", "ResizeBicubic", "ResizeArea", "ResizeNearestNeighbor")


def choose_output(graph: Any, where: Path, wanted: str | None) -> str:
    """Return the name of the tensor that answers.

    Args:
        graph: a GraphDef.
        where: the file.
        wanted: what --output-name says, with or without ":0".

    Raises:
        InputError: several ends, or none.
        UsageError: no such node.
    """
    ends = [str(node.name) for node in ends_of(graph)]
    if wanted is not None:
        return _named(wanted, "--output-name", {node.name for node in graph.node}, ends)
    if len(ends) != 1:
        likely = "final_result" if "final_result" in ends else _only_softmax(graph, ends)
        raise InputError(
            f"graph has {len(ends)} ends, and does not say which one is the answer",
            where=where,
            expected="one tensor of probabilities (batch, labels)",
            received=lists_of(_tensors(graph.node), ends),
            fix=f"pass --output-name {likely or 'NAME'}:0" if ends else None,
        )
    return f"{ends[0]}:0"


def choose_input(nodes: list[Any], graph: Any, where: Path, wanted: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the name of the tensor that takes pixels, and notes on what is left out.

    Args:
        nodes: those that the output depends on.
        graph: the GraphDef that they are of.
        where: the file.
        wanted: what --input-name says, with or without ":0"; any tensor, a placeholder's or not.

    Raises:
        InputError: several inputs that could be meant, or none.
        UsageError: no such node on the way to the output.
    """
    given = _tensors(nodes)
    if wanted is not None:
        shown = [f"{tensor.name} {tensor.dtype}" for tensor in given]
        return _named(wanted, "--input-name", {node.name for node in nodes}, shown), ()
    images = [tensor for tensor in given if tensor.shape is not None and len(tensor.shape) == 4]
    if len(images) == 1:
        return images[0].name, ()
    resized = None if images else _behind_decoder(nodes)
    if resized is not None:
        note = f"It takes files; what it does with them up to {resized.name}:0 is left out: modelport decodes and"
        return f"{resized.name}:0", (f"{note} resizes (bilinear) itself.{_other_resize(resized)}",)
    if len(given) == 1 and given[0].dtype not in ("bytes", "string"):
        return given[0].name, ()
    decoded = any(node.op in DECODERS for node in nodes)
    raise InputError(
        f"graph has {len(given)} inputs, and does not say which one takes the pixels",
        where=where,
        expected="one placeholder (batch, height, width, 1 or 3) float32",
        received=lists_of(given, [node.name for node in ends_of(graph)]),
        fix=f"pass --input-name {images[0].name if images else 'NAME:0'}"
        + (", a float32 tensor (batch, height, width, channel) behind the decoder" if decoded else ""),
    )


def behind_cast(nodes: Iterable[Any], tensor: str) -> str | None:
    """Return the tensor that a Cast makes of this one; None if there is not exactly one."""
    casts = [node.name for node in nodes if node.op == "Cast" and _plain(tensor) in _read(node)]
    return f"{casts[0]}:0" if len(casts) == 1 else None


def lists_of(inputs: Iterable[InspectedTensor], outputs: Iterable[str]) -> str:
    """Show what goes in and what comes out, for errors; eight of each."""
    taken = [f"input   {tensor.name} {tensor.dtype} {shape_text(tensor.shape)}" for tensor in inputs]
    made = [f"output  {name}:0" for name in outputs]
    return "\n".join((*(taken or ["no input"])[:8], *(made or ["no output"])[:8]))


def _named(wanted: str, option: str, names: set[str], known: Iterable[str]) -> str:
    node, _, port = wanted.partition(":")
    if node not in names or not (port or "0").isdecimal():
        what = f"the graph has no such {option.removeprefix('--').removesuffix('-name')}"
        raise UsageError(what, where=option, expected="\n".join(list(known)[:8]) or None, received=wanted)
    return f"{node}:{port or 0}"


def _tensors(nodes: Iterable[Any]) -> list[InspectedTensor]:
    return [tensor_of_node(node) for node in nodes if node.op in PLACEHOLDERS]


def _only_softmax(graph: Any, ends: list[str]) -> str | None:
    found = [node.name for node in graph.node if node.op == "Softmax" and node.name in ends]
    return found[0] if len(found) == 1 else None


def _behind_decoder(nodes: list[Any]) -> Any:
    """Return the resizing that the only decoder's image goes through, and nothing else does; None: not unmistakable."""
    decoders = [node for node in nodes if node.op in DECODERS]
    if len(decoders) != 1:
        return None
    node = decoders[0]
    for _ in nodes:  # a hostile graph may run in a circle
        readers = [other for other in nodes if node.name in _read(other)]
        if len(readers) != 1:
            return None
        node = readers[0]
        if node.op in _RESIZERS:
            return node
        if node.op not in _ON_THE_WAY:
            return None
    return None


def _read(node: Any) -> Iterator[str]:
    return (_plain(name) for name in node.input if not name.startswith("^"))


def _plain(tensor: str) -> str:
    return tensor.split(":")[0]


def _other_resize(node: Any) -> str:
    if node.op == "ResizeBilinear" and node.attr["half_pixel_centers"].b:
        return ""
    return f" Its own {node.op} places pixels a little differently: its answers to a file differ a little, too."
