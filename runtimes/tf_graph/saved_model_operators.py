"""Find the operators of a SavedModel that modelport does not run for strangers.

tf.saved_model.load runs more than a signature: the functions that make and fill resources, those that restore objects,
and, of a TensorFlow 1 model, its initializer. All of these are searched alike, and so is what is never run. Only the
saver, which writes and reads variables/, may have operators of files: where saver_def leads to, and nothing else does.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...contract.errors import InputError
from .graph_facts import functions_called
from .graph_operators import check_names, unlisted
from .operator_names import LOADED, OF_THE_SAVER


def check_saved_model(path: Path) -> None:
    """Refuse a SavedModel that may do more than compute, before anything of it is loaded.

    Raises:
        InputError: names the operators; or the file saved_model.pb is damaged.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    file = path / "saved_model.pb"
    try:
        definition = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    except (OSError, DecodeError) as error:
        raise InputError("SavedModel cannot be read", where=file, received=str(error)[:200]) from error
    for meta in definition.meta_graphs:
        check_names(unlisted_in_saved_model(meta), path)


def unlisted_in_saved_model(meta: Any) -> tuple[str, ...]:
    """Return the operators in a MetaGraphDef that are not in the list, sorted."""
    graph = meta.graph_def
    nodes, functions = _savers_nodes(meta), _savers_functions(meta)
    rest = [node for node in graph.node if node.name not in nodes]
    own = [node for node in graph.node if node.name in nodes]
    for function in graph.library.function:
        (own if function.signature.name in functions else rest).extend(function.node_def)
    found = unlisted(rest, graph, allowed=LOADED) + unlisted(own, graph, allowed=LOADED | OF_THE_SAVER)
    return tuple(sorted({*found, *_run_by_restoring(meta)}))


def _savers_nodes(meta: Any) -> set[str]:
    """Return the names of the nodes that saver_def leads to, and nothing else."""
    saver, graph = meta.saver_def, meta.graph_def
    savers = _behind(graph, [saver.save_tensor_name, saver.restore_op_name])
    others = [node.name for node in graph.node if node.name not in savers]
    return savers - _behind(graph, [*others, *_named_elsewhere(meta, savers)])


def _savers_functions(meta: Any) -> set[str]:
    """Return the names of the functions that only the saver's nodes call; no name, but who calls it, is believed."""
    graph, library = meta.graph_def, meta.graph_def.library
    nodes = _savers_nodes(meta)
    savers = functions_called(graph, [node for node in graph.node if node.name in nodes])
    roots = {*meta.object_graph_def.concrete_functions, *(item.gradient_func for item in library.gradient)}
    for item in meta.object_graph_def.nodes:
        roots |= {*item.function.concrete_functions, item.bare_concrete_function.concrete_function_name}
    callers = [node for node in graph.node if node.name not in nodes]
    for function in library.function:
        name = function.signature.name
        # The optimizer of graphs may put functions that implement the same in each other's place.
        if name in roots or name not in savers or "api_implements" in function.attr:
            roots.add(name)
            callers.extend(function.node_def)
    return savers - functions_called(graph, callers) - roots


def _named_elsewhere(meta: Any, savers: set[str]) -> list[str]:
    """Return the saver's nodes that a TensorFlow 1 model names as an output, an initializer or a variable's part."""
    if meta.HasField("object_graph_def"):
        return []  # of these, tf.saved_model.load runs no node, but the functions of the object graph
    entries = [
        entry for item in meta.signature_def.values() for entry in (*item.inputs.values(), *item.outputs.values())
    ]
    listed = {_node(entry.name) for entry in entries}
    texts = []
    for key, collection in meta.collection_def.items():
        listed |= {_node(name) for name in collection.node_list.value}
        texts += [] if key == "savers" else list(collection.bytes_list.value)
    return [name for name in savers if name in listed or any(name.encode() in text for text in texts)]


def _run_by_restoring(meta: Any) -> set[str]:
    """Return the operators of files that loading a TensorFlow 1 model runs beyond reading its own variables/."""
    if meta.HasField("object_graph_def"):
        return set()
    saver, graph = meta.saver_def, meta.graph_def
    names = _behind(graph, [saver.restore_op_name])
    nodes = [node for node in graph.node if node.name in names]
    called = functions_called(graph, nodes)
    inside = [node for item in graph.library.function if item.signature.name in called for node in item.node_def]
    reads_own = [node for node in nodes if node.op == "RestoreV2" and list(node.input[:1]) == [_node_input(saver)]]
    suspects = [*(node for node in nodes if node.name not in {own.name for own in reads_own}), *inside]
    return {node.op for node in suspects} & OF_THE_SAVER


def _node_input(saver: Any) -> str:
    return str(saver.filename_tensor_name).removesuffix(":0")


def _behind(graph: Any, tensors: Iterable[str]) -> set[str]:
    """Return the names of the nodes that these tensors depend on, their own included."""
    inputs: dict[str, list[str]] = {}
    for node in graph.node:
        inputs.setdefault(node.name, []).extend(_node(name) for name in node.input)
    found: set[str] = set()
    waiting = [name for tensor in tensors if (name := _node(tensor)) in inputs]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in inputs[name] if other in inputs]
    return found


def _node(tensor: str) -> str:
    return tensor.lstrip("^").split(":")[0]
