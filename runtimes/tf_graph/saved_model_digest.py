"""A digest of what a SavedModel says and computes: two exports of one model have it in common, though no file is equal.

TensorFlow numbers functions and orders nodes anew in each process, so that the bytes of all files differ (DESIGN.md,
fact 18). What does not differ is taken here: the weights, sorted; each signature; and the graph behind each of its
outputs, node by node, without names and order.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2, trackable_object_graph_pb2

from ...contract.files.hashing import files_below, sha256_of_file

#: Folders of a SavedModel whose files are the author's, and taken as they are.
_FOLDERS = ("assets", "assets.extra")

#: The checkpoint's entry that says which variable each of the others is of.
_OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH"


def digest_saved_model(path: str | Path) -> str:
    """Return the sha256, in hexadecimal, of a SavedModel's content. Reads it with TensorFlow, and runs nothing.

    Args:
        path: the folder.
    """
    root = Path(path)
    meta = saved_model_pb2.SavedModel.FromString((root / "saved_model.pb").read_bytes()).meta_graphs[0]
    library = {one.signature.name: one for one in meta.graph_def.library.function}
    digests = GraphDigests(meta.graph_def.node, library)
    lines = sorted(_weights(root))
    for name, signature in sorted(meta.signature_def.items()):
        lines += [f"{name} takes {key} {_kind(info)}" for key, info in sorted(signature.inputs.items())]
        outputs = sorted(signature.outputs.items())
        lines += [f"{name} answers {key} {_kind(info)} {digests.of(info.name)}" for key, info in outputs if info.name]
    for folder in _FOLDERS:
        files = files_below(root / folder) if (root / folder).is_dir() else []
        lines += sorted(f"file {file.relative_to(root).as_posix()} {sha256_of_file(file)}" for file in files)
    return _sha256(*lines)


def _weights(root: Path) -> list[str]:
    """Return a line for each variable: its name in the graph, which its place in the checkpoint is not."""
    reader = tf.train.load_checkpoint(str(root / "variables" / "variables"))
    objects = trackable_object_graph_pb2.TrackableObjectGraph.FromString(reader.get_tensor(_OBJECTS))
    held = [attribute for node in objects.nodes for attribute in node.attributes]
    values = [(attribute.full_name, reader.get_tensor(attribute.checkpoint_key)) for attribute in held]
    return [
        f"{name} {value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}" for name, value in values
    ]


def _kind(info: Any) -> str:
    return f"{info.dtype} {[size.size for size in info.tensor_shape.dim]} {info.tensor_shape.unknown_rank}"


class GraphDigests:
    """Digests of a graph's tensors: of the operator, its attributes, and the digests of what it takes.

    Args:
        nodes: NodeDefs.
        functions: name to FunctionDef of those that the nodes call.
        arguments: names that stand for what is fed, each with its digest; a graph's placeholders go by their name.
    """

    def __init__(
        self, nodes: Sequence[Any], functions: Mapping[str, Any], arguments: Mapping[str, str] | None = None
    ) -> None:
        self._nodes = {node.name: node for node in nodes}
        self._functions = functions
        self._known = dict(arguments or {})

    def of(self, tensor: str) -> str:
        """Return the digest of a tensor, "name", "name:0", or in functions "name:output:0"."""
        name, *output = tensor.removeprefix("^").split(":")
        waiting = [name]
        while waiting:  # a network is deeper than Python's stack
            node = self._nodes.get(waiting[-1])
            missing = [] if node is None else [one for one in map(_node_of, node.input) if one not in self._known]
            if missing and waiting[-1] not in self._known:
                waiting += missing
                continue
            if waiting[-1] not in self._known:
                self._known[waiting[-1]] = self._digest(node)
            waiting.pop()
        place = ":".join(output) or "0"
        return f"{self._known[name]}:{place}" if not tensor.startswith("^") else f"^{self._known[name]}"

    def _digest(self, node: Any) -> str:
        if node.op == "Placeholder":
            return _sha256("placeholder", node.name)
        inputs = [self.of(name) for name in node.input if not name.startswith("^")]
        controls = sorted(self.of(name) for name in node.input if name.startswith("^"))
        attributes = [
            f"{key}={self._attribute(value)}" for key, value in sorted(node.attr.items()) if not key.startswith("_")
        ]
        return _sha256(node.op, *inputs, *controls, *attributes)

    def _attribute(self, value: Any) -> str:
        if value.HasField("func"):
            return self._function(value.func.name)
        if value.list.func:
            return _sha256(*(self._function(one.name) for one in value.list.func))
        return hashlib.sha256(value.SerializeToString(deterministic=True)).hexdigest()

    def _function(self, name: str) -> str:
        function = self._functions[name]
        arguments = {one.name: f"argument {number}" for number, one in enumerate(function.signature.input_arg)}
        inner = GraphDigests(function.node_def, self._functions, arguments)
        return _sha256(*(inner.of(function.ret[one.name]) for one in function.signature.output_arg))


def _node_of(tensor: str) -> str:
    return tensor.removeprefix("^").split(":")[0]


def _sha256(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
