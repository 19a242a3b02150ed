"""trained_model_graph.pb: file bytes or pixels in, `final_result:0` out, as TensorFlow 1 backends call it."""

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import tensorflow as tf

from ...contract.errors import InputError
from ...contract.model_contract.model_contract import ModelContract
from ...runtimes.tf_graph.frozen_graph_driver import frozen_output_names
from ...runtimes.tf_graph.graph_facts import nodes_behind
from ...runtimes.tf_graph.graph_pixels import decode, to_pixels
from ...runtimes.tf_graph.plain_graph import plain_graph
from ..graph.fold_graph import fold_constants, fold_scales
from ..graph.freeze import Frozen
from ..graph.split_groups import split_groups
from ..graph.unfuse_batch_norm import unfuse_batch_norm
from ..options.export_options import FrozenGraphOptions
from ..source.source import Source
from ..source.written import Written
from .old_client_operators import check_operators, strip_default_attributes
from .plan import plan_frozen_graph

DEFAULTS = FrozenGraphOptions()


def write_frozen_graph(source: Source, destination: Path, options: FrozenGraphOptions = DEFAULTS) -> Written:
    """Write a GraphDef of operators that old clients know: constants and BatchNorm folded, no variables, no functions.

    Inputs (feed one of them):
        DecodeJpeg/contents:0: scalar string, a JPEG or PNG file.
        input:0: (batch, height, width, channel) as the contract says; uint8 images of any size if it resizes itself.

    Output:
        final_result:0: (batch, width) float32, in the order of the old labels if there are any; further heads answer at
        their own names.

    Returns:
        The names and the order of labels where they are not the run's, and how many nodes were folded.

    Raises:
        InputError: an old client whose place this graph cannot take; an operator that old clients do not know.
        UsageError: options that do not fit the old graph.
    """
    plan = plan_frozen_graph(source.contract, source.form, options)
    contract = replace(source.contract, tensor_names=plan.tensor_names or source.contract.tensor_names)
    before, model = len(source.frozen.definition.node), _folded(source.frozen)
    definition = _assembled(source, contract, model, plan.labels)
    strip_default_attributes(definition)
    check_operators(definition, source.model.name)
    # deterministic: SerializeToString may order map fields, such as a node's attributes, differently in each process
    destination.write_bytes(definition.SerializeToString(deterministic=True))
    order = f"; in the order of {options.like_labels}, the labels file to deliver it with" if plan.labels else ""
    return replace(plan, note=f"{before:,} nodes folded to {len(model.node):,}{order}")


def _folded(frozen: Frozen) -> Any:
    """Return the model's GraphDef, folded; a graph with branches or loops as it is."""
    outputs = [name.removesuffix(":0") for name in frozen.outputs]
    plain = plain_graph(frozen.definition, *outputs)
    if plain is frozen.definition or plain.library.function:
        return plain
    once = unfuse_batch_norm(fold_constants(plain, outputs))
    return split_groups(fold_scales(fold_constants(once, outputs), outputs))


def _assembled(source: Source, contract: ModelContract, model: Any, labels: tuple[str, ...] | None) -> Any:
    """Return the GraphDef from the named inputs through the model to the named outputs."""
    names = {role: name.removesuffix(":0") for role, name in contract.tensor_names.items()}
    outputs = {head: name.removesuffix(":0") for head, name in frozen_output_names(contract).items()}
    scope = _free_scope([*names.values(), *outputs.values()])
    spec = source.pixels_spec
    with tf.Graph().as_default() as graph:
        named = {}
        if "encoded" in names:
            named["encoded"] = contents = tf.compat.v1.placeholder(tf.string, (), name=names["encoded"])
            with tf.name_scope(f"{scope}/decode"):
                image = to_pixels(decode(contents, source.taken), source.taken)[None]
            pixels = tf.compat.v1.placeholder_with_default(image, spec.shape, name=names["pixels"])
        else:
            pixels = tf.compat.v1.placeholder(spec.dtype, spec.shape, name=names["pixels"])
        answers = tf.import_graph_def(
            model,
            input_map={source.frozen.input: pixels},
            return_elements=list(source.frozen.outputs),
            name=scope,
        )
        for head, answer in zip(sorted(outputs), answers, strict=True):  # in the order of the sorted head names
            named[f"head {head}"] = tf.identity(_reordered(answer, head, contract, labels), name=outputs[head])
        wanted = names | {f"head {head}": name for head, name in outputs.items()}
        _check_names([(wanted[role], tensor.op.name) for role, tensor in (named | {"pixels": pixels}).items()])
    definition = graph.as_graph_def()
    needed = {node.name for node in nodes_behind(definition, wanted.values())}  # not the model's own placeholder
    nodes = [node for node in definition.node if node.name in needed]
    return tf.compat.v1.GraphDef(node=nodes, library=definition.library, versions=definition.versions)


def _reordered(answer: Any, head: str, contract: ModelContract, labels: tuple[str, ...] | None) -> Any:
    """Return the labelled head's answer in the order of `labels`, any other's as it is."""
    if labels is None or head != contract.first_classification.name:
        return answer
    own = contract.first_classification.labels
    order = tf.constant([own.index(label) for label in labels], tf.int32)
    return tf.gather(answer, order, axis=1)


def _free_scope(names: list[str]) -> str:
    """Return a name for the model's part of the graph that none of the client's names begins with."""
    first = {name.split("/")[0].lower() for name in names}
    return next(scope for number in count() if (scope := f"model_{number}".removesuffix("_0")) not in first)


def _check_names(given: list[tuple[str, str]]) -> None:
    """Refuse names (wanted, given) that TensorFlow did not give, because another tensor has them, up to case."""
    other = [wanted for wanted, name in given if wanted != name]
    if other:
        raise InputError(
            "two tensors of the graph would have one name, up to case",
            received=", ".join(f"{name}:0" for name in other),
            fix="choose another --input-name or --output-name",
        )
