"""Decide what a frozen graph's tensors are called and in which order it answers, for the client that will call it."""

from pathlib import Path

from ...contract.errors import InputError
from ...contract.image.pixels import InputForm
from ...contract.labels.labels_file import read_labels
from ...contract.model_contract.model_contract import ModelContract
from ...runtimes.facts.description import shape_text
from ..options.export_options import FrozenGraphOptions
from ..options.graph_families import FAMILIES
from ..source.written import Written
from .match_labels import match_labels
from .old_graph import OldGraph, read_old_graph
from .open_old_graph import WITHOUT
from .tensor_names import tensor_name


def plan_frozen_graph(contract: ModelContract, form: InputForm, options: FrozenGraphOptions) -> Written:
    """Return the names and the order of labels; None each where the run's serve.

    Args:
        contract: of the run.
        form: in which the graph takes images.
        options: see FrozenGraphOptions.

    Raises:
        InputError: an old graph or labels file that the model cannot take the place of.
        UsageError: options that do not fit each other or the old graph.
    """
    names = dict(contract.tensor_names)
    if options.like is not None:
        old = read_old_graph(options.like, options.input_name, options.output_name)
        _check_pixels(old, options.like, contract, form)
        own = {"encoded": old.encoded, "pixels": old.pixels.name if old.pixels else None, "output": old.output}
        names = _apart({**names, **{role: name for role, name in own.items() if name}})
        names = names if old.encoded else {role: name for role, name in names.items() if role != "encoded"}
    else:
        old = None
        names = _of_family(names, contract, options)
    labels = _labels(contract, options, old)
    return Written(labels=labels, tensor_names=None if names == contract.tensor_names else names)


def _of_family(names: dict[str, str], contract: ModelContract, options: FrozenGraphOptions) -> dict[str, str]:
    if options.output_name is not None:
        names["output"] = tensor_name(options.output_name, "--output-name")
    if options.family is None:
        return _apart(names)
    family = FAMILIES[options.family]
    size = (contract.pixels.height, contract.pixels.width)
    if family.size not in (None, size):
        raise _other_size(f"--family {options.family}", family.size, contract)
    if options.input_name is not None:
        names[family.takes] = tensor_name(options.input_name, "--input-name")
    return _apart({role: name for role, name in names.items() if role in (family.takes, "pixels", "output")})


def _apart(names: dict[str, str]) -> dict[str, str]:
    """Return the names with another one for the pixels of a graph that takes files, if the client has taken theirs."""
    taken = {name for role, name in names.items() if role != "pixels"}
    return names | {"pixels": "modelport_pixels:0"} if names["pixels"] in taken and "encoded" in names else names


def _check_pixels(old: OldGraph, path: Path, contract: ModelContract, form: InputForm) -> None:
    tensor = old.pixels
    if tensor is None:
        return
    assert tensor.shape is not None
    own, (height, width, channels), in_graph = contract.pixels, tensor.shape[1:], form.preprocessing == "in_graph"
    where = f"{path}, input {tensor.name}"
    if channels != own.channels:
        what = f"old graph takes {channels} channels, the model {own.channels}"
        raise InputError(what, where=where, received=shape_text(tensor.shape), fix="train a model of as many channels")
    if (tensor.dtype == "uint8") != in_graph:
        fix = "drop --preprocessing in-graph" if in_graph else "add --preprocessing in-graph"
        what = f"old graph takes {tensor.dtype}, the new one would not"
        raise InputError(
            what, where=where, received=f"{tensor.dtype} {shape_text(tensor.shape)}", fix=fix + _only_files(old)
        )
    if in_graph:
        return  # images of any size
    if None in (height, width):
        raise InputError(
            "old graph takes pixels of any size, and does not say which the client feeds",
            where=where,
            expected=f"{own.height} x {own.width}, as the model takes them",
            received=shape_text(tensor.shape),
            fix=f"if the client feeds {own.height} x {own.width}, {WITHOUT}" + _only_files(old),
        )
    if (height, width) != (own.height, own.width):
        raise _other_size(where, (height, width), contract, _only_files(old))
    if form.value_range is None:
        raise InputError(
            "old graph does not say in which range the client feeds pixels",
            where=where,
            expected="--value-range 0..1, 0..255 or -1..1",
            received=f"{tensor.dtype} {shape_text(tensor.shape)}",
            fix="look into the client: / 255 is 0..1, / 127.5 - 1 is -1..1, neither is 0..255" + _only_files(old),
        )


def _only_files(old: OldGraph) -> str:
    return f"; or --input-name {old.encoded}, if the client feeds files alone" if old.encoded else ""


def _other_size(
    where: object, size: tuple[int | None, ...] | None, contract: ModelContract, or_else: str = ""
) -> InputError:
    """Return the refusal of pixels that a client has resized already.

    A graph could resize them once more. Its answers would be those of images resized twice, by two methods of which the
    client's is not known: no reference holds them, and no judge could say whether they are right.
    """
    height, width = size or (None, None)
    return InputError(
        "the client feeds pixels of another size than the model takes",
        where=where,
        expected=f"{contract.pixels.height} x {contract.pixels.width}, as the model was trained",
        received=f"{height} x {width}; resized a second time they would be other images than the model was judged on",
        fix=f"modelport train DATASET RUN --image-size {height} {width}; or a client that feeds files "
        f"(--family inception) or uint8 of any size (--preprocessing in-graph){or_else}",
    )


def _labels(contract: ModelContract, options: FrozenGraphOptions, old: OldGraph | None) -> tuple[str, ...] | None:
    if options.like_labels is None:
        return None
    head, labels = contract.first_classification, read_labels(options.like_labels)
    if contract.heads[0] is not head:
        raise InputError(
            "the model's first head is no classification",
            where=options.like_labels,
            expected="the labelled head first: it answers at the output's name",
            received=", ".join(f"{one.name} ({one.kind})" for one in contract.heads),
            fix="export the classifying part of the model alone, and adopt it",
        )
    if old is not None and old.classes not in (None, len(labels)):
        raise InputError(
            "the old labels file is not the old graph's",
            where=options.like_labels,
            expected=f"{old.classes} labels, as {options.like} answers",
            received=f"{len(labels)}: {', '.join(labels[:12])}{' ...' * (len(labels) > 12)}",
            fix="find the labels file that was delivered with this graph",
        )
    return match_labels(labels, head.labels, options.aliases, where=options.like_labels)
