"""What an old frozen graph takes and answers, read from its protocol buffer; the graph is not imported or run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...contract.errors import InputError, UsageError
from ...runtimes.facts.description import shape_text
from ...runtimes.facts.inspection import InspectedTensor
from ...runtimes.tf_graph.graph_facts import (
    DECODERS,
    PASSING,
    PLACEHOLDERS,
    ends_of,
    nodes_behind,
    shape_of,
    tensor_of_node,
)
from .open_old_graph import WITHOUT, open_old_graph
from .tensor_names import tensor_name

#: Operators that change no value's meaning on the way from the softmax to the output.
_KEEPING = (*PASSING, "GatherV2")
#: Nodes that are passed by on the way to one: a hostile graph may run in a circle.
_STEPS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class OldGraph:
    """What the old client calls.

    Attributes:
        encoded: the scalar tensor of a file's bytes; None: there is none.
        pixels: the tensor of a batch (batch, height, width, 1 or 3); None: there is none.
        output: the tensor of probabilities.
        classes: their number; None: the file does not say.
    """

    encoded: str | None
    pixels: InspectedTensor | None
    output: str
    classes: int | None


def read_old_graph(path: Path, input_name: str | None = None, output_name: str | None = None) -> OldGraph:
    """Read a frozen graph that a client calls.

    Args:
        path: the file; from others, so it is parsed and never run.
        input_name: the input that is meant, where there are several.
        output_name: the output that is meant, where there are several.

    Raises:
        InputError: no frozen graph, encrypted, damaged or cut off; no softmax; several outputs; inputs that are
            neither a file's bytes nor pixels, or several.
        UsageError: the graph has no such input or output.
    """
    graph = open_old_graph(path)
    output = _output(graph, path, output_name)
    softmax = _softmax(graph, path, output)
    encoded, pixels = _inputs(graph, path, output, input_name)
    return OldGraph(encoded=encoded, pixels=pixels, output=f"{output}:0", classes=_classes(graph, softmax))


def _output(graph: Any, path: Path, wanted: str | None) -> str:
    """Return the name of the node that answers."""
    names = {node.name for node in graph.node}
    ends = [node.name for node in ends_of(graph)]
    if wanted is not None:
        name = tensor_name(wanted, "--output-name").removesuffix(":0")
        if name not in names:
            raise UsageError(
                "the old graph has no such output", where="--output-name", expected=", ".join(ends), received=wanted
            )
        return name
    if len(ends) != 1:
        raise InputError(
            f"old graph has {len(ends)} outputs",
            where=path,
            expected="one, that answers probabilities",
            received="\n".join(f"{name}:0" for name in ends[:8]) or None,
            fix=f"--output-name {_likely(ends)}:0, the one that the client reads" if ends else WITHOUT,
        )
    return str(ends[0])


def _likely(ends: list[str]) -> str:
    return "final_result" if "final_result" in ends else ends[0]


def _softmax(graph: Any, path: Path, output: str) -> Any:
    """Return the node that makes probabilities; raise where the output is something else."""
    last = _before(_by_name(graph), output, _KEEPING)
    if last.op != "Softmax":
        inner = [node.name for node in nodes_behind(graph, [output]) if node.op == "Softmax"]
        meant = f"--output-name {inner[0]}:0, if the client reads that; or, " if len(inner) == 1 else ""
        raise InputError(
            "old graph does not answer a softmax's probabilities",
            where=f"{path}, output {output}:0",
            expected="Softmax",
            received=f"{last.op}: the client may take its values for something else than probabilities",
            fix=f"{meant}if the client only looks for the largest value, {WITHOUT}",
        )
    return last


def _by_name(graph: Any) -> dict[str, Any]:
    return {node.name: node for node in graph.node}


def _before(by_name: dict[str, Any], name: str, passing: tuple[str, ...]) -> Any:
    """Return the node `name`, or the first one behind it that does not just hand on."""
    node = by_name[name]
    for _ in range(_STEPS):
        if node.op not in passing or not node.input:
            break
        node = by_name[node.input[0].lstrip("^").split(":")[0]]
    return node


def _classes(graph: Any, softmax: Any) -> int | None:
    """Return the width of the bias or the weights before the softmax; None where neither is a constant."""
    names, by_name = softmax.input[:1], _by_name(graph)
    for _ in range(2):
        if not names:
            return None
        node = _before(by_name, names[0].split(":")[0], PASSING)
        if node.op not in ("BiasAdd", "Add", "AddV2", "MatMul", "Conv2D") or len(node.input) < 2:
            return None
        constant = _before(by_name, node.input[1].split(":")[0], ("Identity",))
        shape = shape_of(constant.attr["value"].tensor.tensor_shape) if constant.op == "Const" else None
        if shape:
            return shape[0] if node.op == "MatMul" and node.attr["transpose_b"].b else shape[-1]
        names = node.input[:1]
    return None


def _inputs(graph: Any, path: Path, output: str, wanted: str | None) -> tuple[str | None, InspectedTensor | None]:
    behind = nodes_behind(graph, [output])
    files = _read_by_decoders(graph, behind)
    encoded = [node.name for node in behind if node.name in files]
    given = {node.name: tensor_of_node(node) for node in behind if node.op in PLACEHOLDERS}
    pixels = [tensor for name, tensor in given.items() if _is_image(tensor)]
    if wanted is not None:
        meant = tensor_name(wanted, "--input-name")
        encoded = [name for name in encoded if f"{name}:0" == meant]
        pixels = [tensor for tensor in pixels if tensor.name == meant]
        if not encoded and not pixels:
            expected = _shown(given.values()) or "none"
            raise UsageError(
                "the old graph has no such input", where="--input-name", expected=expected, received=wanted
            )
    taken = {*encoded, *(tensor.name.removesuffix(":0") for tensor in pixels)}
    needed = {
        node.name
        for node in nodes_behind(graph, [output], taken)
        if node.op in PLACEHOLDERS and node.op != "PlaceholderWithDefault"
    }
    _check_inputs(path, given, encoded, pixels, [given[name] for name in sorted(needed - taken)])
    return (f"{encoded[0]}:0" if encoded else None), (pixels[0] if pixels else None)


def _check_inputs(
    path: Path,
    given: dict[str, InspectedTensor],
    encoded: list[str],
    pixels: list[InspectedTensor],
    strange: list[InspectedTensor],
) -> None:
    expected = "a file's bytes (a scalar string that is decoded), or pixels (batch, height, width, 1 or 3)"
    if not encoded and not pixels:
        what = "old graph takes neither a file's bytes nor pixels"
        raise InputError(
            what, where=path, expected=expected, received=_shown(given.values()) or "no input", fix=WITHOUT
        )
    if strange:
        what = "old graph takes more than an image"
        raise InputError(what, where=path, expected=expected, received=_shown(given.values()), fix=WITHOUT)
    if len(encoded) > 1 or len(pixels) > 1:
        named = [*(f"{name}:0" for name in encoded), *(tensor.name for tensor in pixels)]
        fix = f"--input-name {named[0]}, the one that the client feeds"
        raise InputError("old graph has several inputs for images", where=path, received="\n".join(named), fix=fix)


def _read_by_decoders(graph: Any, behind: list[Any]) -> set[str]:
    """Return the names of the scalar strings that decoders read: placeholders, and constants, which can be fed, too."""
    by_name = _by_name(graph)
    found = {
        _before(by_name, node.input[0].split(":")[0], PASSING).name
        for node in behind
        if node.op in DECODERS and node.input
    }
    tensors = {node.name: tensor_of_node(node) for node in behind if node.name in found}
    return {
        node.name
        for node in behind
        if node.name in found
        and node.op in (*PLACEHOLDERS, "Const")
        and tensors[node.name].dtype in ("bytes", "string")
        and tensors[node.name].shape in ((), None)
    }


def _is_image(tensor: InspectedTensor) -> bool:
    return (
        tensor.dtype in ("float32", "uint8")
        and tensor.shape is not None
        and len(tensor.shape) == 4
        and tensor.shape[3] in (1, 3)
    )


def _shown(tensors: Any) -> str:
    return "\n".join(f"{tensor.name} {tensor.dtype} {shape_text(tensor.shape)}" for tensor in list(tensors)[:8])
