"""Open a frozen graph (.pb) that somebody else wrote."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tensorflow as tf

from ....contract.errors import InputError, UsageError
from ....runtimes.facts.description import TensorInfo
from ....runtimes.tf_graph.graph_facts import PLACEHOLDERS, functions_called, nodes_behind, tensor_of_node
from ....runtimes.tf_graph.graph_operators import check_operators
from .foreign_model import ForeignModel
from .frozen_graph_ends import behind_cast, choose_input, choose_output, lists_of
from .old_batch_norm import renew_batch_norm
from .open_batch import answers_one_by_one, open_batch
from .read_foreign_graph import read_foreign_graph
from .unstated_shape import complete_shape


def open_frozen_graph(
    path: Path, input_name: str | None, output_name: str | None, image_size: Sequence[int] | None
) -> ForeignModel:
    """Open a file after the operators that its answer needs were held against the list.

    Args:
        path: the file.
        input_name: the tensor that takes pixels; None: found, if there is one that does.
        output_name: the tensor that answers; None: the only end.
        image_size: height and width, for a graph that takes any.

    Raises:
        InputError: no frozen graph, other operators, several inputs or outputs, or answers that depend on the batch.
        UsageError: the graph has no such input or output.
    """
    whole = read_foreign_graph(path)
    output = choose_output(whole, path, output_name)
    definition = _needed(whole, output)
    check_operators(definition, path)
    _check_calls(definition, path)
    source, notes = choose_input(list(definition.node), whole, path, input_name)
    _check_other_inputs(definition, path, source, output)
    imported = _import(definition, path)
    pixels, answer = (
        _tensor(imported, name, option) for name, option in ((source, "--input-name"), (output, "--output-name"))
    )
    _check_dtype(definition, pixels, path)
    given = complete_shape(_info(pixels), pixels, definition, output, image_size, path)
    if given.shape and given.shape[0] is not None:
        definition = open_batch(definition, imported, given.shape[0])
        notes = (*notes, f"It was frozen for a batch of {given.shape[0]}; here it takes any, and answers each alike.")
    run, result = _Graph(_cut(definition, pixels, output), source, output), _info(answer)
    shape = _known_shape(given, image_size)
    if shape is not None:
        run.answered = (None, *answers_one_by_one(run, shape, path)[1:])
        result = TensorInfo(name=output, dtype=result.dtype, shape=run.answered)
    opened = (None, *given.shape[1:]) if given.shape else ()
    return ForeignModel(
        where=str(path),
        loader=f"tensorflow {version('tensorflow')}, {source} -> {output}",
        inputs=(TensorInfo(name=source, dtype=given.dtype, shape=opened),),
        outputs=(result,),
        run=run,
        notes=notes,
    )


class _Graph:
    """Calls a graph by the tensor that takes pixels."""

    def __init__(self, definition: Any, source: str, output: str) -> None:
        self._definition, self._source, self._output = definition, source, output
        self.answered: tuple[int | None, ...] | None = None

    def __call__(self, pixels: Any) -> Any:
        feed = {self._source: pixels}
        (answer,) = tf.import_graph_def(self._definition, feed, return_elements=[self._output], name="frozen")
        if self.answered is not None:
            answer.set_shape(self.answered)  # old graphs compute shapes that TensorFlow does not follow
        return tf.cast(answer, tf.float32)


def _needed(whole: Any, output: str) -> Any:
    """Return the part of the graph that the output depends on, in operators that TensorFlow still runs."""
    definition = tf.compat.v1.graph_util.extract_sub_graph(whole, [output.split(":")[0]])
    for node in definition.node:
        node.attr.pop("_output_shapes", None)  # they say what was true of another batch
    renew_batch_norm(definition)
    return definition


def _check_calls(definition: Any, path: Path) -> None:
    """Refuse a graph that calls functions: one that is put into another does not bring its own along."""
    called = sorted(functions_called(definition, definition.node))
    if called:
        raise InputError(
            "graph calls functions",
            where=path,
            expected="operators alone",
            received=", ".join(called[:5]) + " ..." * (len(called) > 5),
            fix="freeze it again with what they do in their place: TensorFlow 1.15, or, where its code is,\n"
            "convert_variables_to_constants_v2 of TensorFlow 2; or adopt the SavedModel folder",
        )


def _check_other_inputs(definition: Any, path: Path, source: str, output: str) -> None:
    """Refuse other placeholders; those with a default become it."""
    fed = source.split(":")[0]
    strange = []
    for node in nodes_behind(definition, [output], {fed}):
        if node.name == fed or node.op not in PLACEHOLDERS:
            continue
        if node.op == "PlaceholderWithDefault":
            dtype = node.attr["dtype"].type
            node.attr.clear()
            node.op, node.attr["T"].type = "Identity", dtype
        else:
            strange.append(tensor_of_node(node))
    if strange:
        raise InputError(
            "graph takes more than an image",
            where=path,
            expected=f"only {source} to be fed",
            received=lists_of(strange, [output.removesuffix(":0")]),
            fix="freeze it for inference, with constants in their place (is_training False, keep_prob 1); or pass\n"
            "--input-name of a tensor behind which nothing else is fed",
        )


def _import(definition: Any, path: Path) -> Any:
    graph = tf.Graph()
    try:
        with graph.as_default():
            tf.import_graph_def(definition, name="")
    except Exception as error:  # TensorFlow raises whatever it meets
        received = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        what = f"TensorFlow {version('tensorflow')} does not take this graph"
        raise InputError(
            what, where=path, received=received, fix="freeze it again with TensorFlow 1.15 or 2"
        ) from error
    return graph


def _cut(definition: Any, pixels: Any, output: str) -> Any:
    """Return the graph with a placeholder in the place of the pixels, and nothing of what they were made from."""
    if pixels.value_index:
        return definition
    result = tf.compat.v1.GraphDef.FromString(definition.SerializeToString())
    node = next(node for node in result.node if node.name == pixels.op.name)
    node.op = "Placeholder"
    node.attr.clear()
    del node.input[:]
    node.attr["dtype"].type = pixels.dtype.as_datatype_enum
    return tf.compat.v1.graph_util.extract_sub_graph(result, [output.split(":")[0]])


def _tensor(graph: Any, name: str, option: str) -> Any:
    try:
        return graph.get_tensor_by_name(name)
    except (KeyError, ValueError) as error:
        raise UsageError("the graph has no such tensor", where=option, received=name) from error


def _check_dtype(definition: Any, pixels: Any, path: Path) -> None:
    if pixels.dtype == tf.uint8:
        cast = behind_cast(definition.node, pixels.name)
        raise InputError(
            "input is uint8",
            where=f"{path}, input {pixels.name!r}",
            expected="float32, which every target of modelport takes",
            received="uint8",
            fix=f"pass --input-name {cast}, the same pixels as float32 (0..255)"
            if cast
            else "pass --input-name of the float32 pixels behind it",
        )


def _info(tensor: Any) -> TensorInfo:
    shape = tuple(tensor.shape.as_list()) if tensor.shape.rank is not None else ()
    return TensorInfo(name=tensor.name, dtype=tensor.dtype.name, shape=shape)


def _known_shape(given: TensorInfo, image_size: Sequence[int] | None) -> tuple[int, int, int] | None:
    """Return (height, width, channel) where there is nothing to refuse in them; foreign_model refuses the others."""
    if len(given.shape) != 4 or given.dtype != "float32" or given.shape[3] not in (1, 3):
        return None
    sizes = [own or asked for own, asked in zip(given.shape[1:3], image_size or (None, None), strict=True)]
    return (sizes[0], sizes[1], given.shape[3]) if all(sizes) else None  # type: ignore[return-value]
