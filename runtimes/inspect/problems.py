"""What will go wrong with a model whatever its format: dtypes, layout, batch, labels, the oldest runtime, weights."""

from collections.abc import Iterator
from dataclasses import replace

from ...contract.model_contract.tflite_release import DEFAULT_MIN_TFLITE, is_release, release_key
from ..facts.description import shape_text
from ..facts.inspection import InspectedTensor, Inspection, Problem

_HALF = ("float16", "bfloat16")
_NUMBERS = ("zero", "one", "two", "three", "four")
#: Pieces of a network that the delegate runs before their borders cost more than int8 saves (DESIGN.md, fact 5: 22).
_MANY_PARTITIONS = 8
#: Bytes per parameter of the smallest recipe that modelport writes; fewer means that weights are missing.
_LEAST_BYTES = 0.5


def add_problems(inspection: Inspection) -> Inspection:
    """Return the inspection with the problems that its facts tell, and what of a contract nothing says."""
    found = [
        *_input_problems(inspection),
        *_range_problems(inspection),
        *_output_problems(inspection),
        *_weight_problems(inspection),
        *_island_problems(inspection),
        *_release_problems(inspection),
        *_label_problems(inspection),
    ]
    return replace(inspection.with_problems(*found), missing=_missing(inspection))


def delegate_problems(inspection: Inspection) -> Iterator[Problem]:
    """Yield what the CPU delegate's share means, once the runtime has been asked."""
    share = inspection.delegate
    if share is None or not share.outside:
        return
    named = ", ".join(f"{count} {name}" for name, count in share.outside.items())
    if share.partitions is not None and share.partitions > _MANY_PARTITIONS:
        sentence = (
            f"the CPU delegate takes it in {share.partitions} pieces, around {named}: it may be slower than float32"
        )
        yield Problem(where=("Flutter app",), sentence=sentence)
    elif share.taken == 0:
        sentence = f"the CPU delegate takes nothing of it ({named}): slow"
        yield Problem(where=("Flutter app",), sentence=sentence)


def _input_problems(inspection: Inspection) -> Iterator[Problem]:
    if inspection.format == "keras_weights":
        return
    count = len(inspection.inputs)
    if count > 1 and inspection.format != "frozen_graph":
        word = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
        yield Problem(where=("adopt", "CI"), sentence=f"{word} inputs: modelport judges models with one")
    for tensor in inspection.inputs:
        yield from _dtype_problems(tensor, "takes", "feeds")
        shape = tensor.shape or ()
        if len(shape) == 4 and shape[1] in (1, 3) and shape[3] not in (1, 3):
            sentence = f"input {tensor.name!r} is NCHW {shape_text(shape)}: a client that sends NHWC gets an error"
            yield Problem(where=("Python backend", "web page"), sentence=sentence)
        if len(shape) == 4 and shape[0] not in (None, 1, 0):
            yield Problem(where=("Flutter app", "Python backend"), sentence=f"batch is fixed to {shape[0]}")
        elif len(shape) == 4 and shape[0] == 1 and inspection.format != "tflite":
            yield Problem(where=("Python backend",), sentence="batch is fixed to 1: one image a call")
        if len(shape) not in (0, 4) and tensor.dtype != "bytes":
            sentence = f"input {tensor.name!r} has shape {shape_text(shape)}: no batch of images"
            yield Problem(where=("adopt", "CI"), sentence=sentence)
        if len(shape) == 4 and _channels(shape) not in (None, 1, 3):
            sentence = f"input {tensor.name!r} has {_channels(shape)} channels: modelport knows RGB and grey"
            yield Problem(where=("adopt",), sentence=sentence)


def _range_problems(inspection: Inspection) -> Iterator[Problem]:
    """A model that rescales may have been trained on any range: its layers do not tell (DESIGN.md, section 5)."""
    names = {operator.name for operator in inspection.operators} & {"Rescaling", "Normalization"}
    if names and inspection.contract is None:
        sentence = f"contains {' and '.join(sorted(names))}: that does not tell its pixel range, which must be measured"
        yield Problem(where=("adopt",), sentence=sentence)


def _channels(shape: tuple[int | None, ...]) -> int | None:
    return shape[1] if shape[1] in (1, 3) and shape[3] not in (1, 3) else shape[3]


def _output_problems(inspection: Inspection) -> Iterator[Problem]:
    for tensor in inspection.outputs:
        yield from _dtype_problems(tensor, "answers", "reads")
        if tensor.shape is not None and len(tensor.shape) != 2:
            sentence = f"output {tensor.name!r} has shape {shape_text(tensor.shape)}, not (batch, classes)"
            yield Problem(where=("Python backend", "adopt", "CI"), sentence=sentence)


def _dtype_problems(tensor: InspectedTensor, verb: str, client: str) -> Iterator[Problem]:
    if tensor.dtype in ("int8", "uint8", "int16"):
        how = "" if tensor.scale is None else f" ({scale_text(tensor)})"
        sentence = f"{verb} {tensor.dtype}{how}: an app that {client} float32 gets an error or nonsense"
        yield Problem(where=("Flutter app", "Python backend", "CI"), sentence=sentence)
    elif tensor.dtype in _HALF:
        sentence = f"{verb} {tensor.dtype}: most runtimes and apps only know float32 there"
        yield Problem(where=("Flutter app", "Python backend", "CI"), sentence=sentence)


def _weight_problems(inspection: Inspection) -> Iterator[Problem]:
    promised = (inspection.contract or {}).get("parameters")
    needed = _LEAST_BYTES * promised if isinstance(promised, int) else 0
    everywhere = ("Flutter app", "Python backend", "web page", "CI")
    if inspection.size_bytes < needed:
        size = f"{inspection.size_bytes / 1e6:.2f} MB for a model of {promised:,} parameters"
        yield Problem(where=everywhere, sentence=f"weights are missing: {size}")
    elif inspection.parameters == 0 and inspection.operators:
        yield Problem(where=everywhere, sentence="no weights inside")


def _island_problems(inspection: Inspection) -> Iterator[Problem]:
    kinds = inspection.operator_kinds
    if kinds.get("int8", 0) > kinds.get("float", 0) > 0:
        sentence = (
            f"{kinds['float']} float operators inside a network of {kinds['int8']} int8 ones: islands that cost time"
        )
        yield Problem(where=("Flutter app",), sentence=sentence)


def _release_problems(inspection: Inspection) -> Iterator[Problem]:
    needed, where = inspection.min_tflite, ("Flutter app", "Python backend")
    if needed and release_key(needed) > release_key(DEFAULT_MIN_TFLITE):
        because = ", ".join(inspection.min_tflite_because[:3])
        sentence = f"needs TensorFlow Lite {needed} ({because}): older runtimes refuse it; apps may bundle 2.12"
        yield Problem(where=where, sentence=sentence)
    claimed = inspection.metadata.get("min_runtime_version", "")
    if needed and is_release(claimed) and release_key(claimed) < release_key(needed):
        because = ", ".join(inspection.min_tflite_because[:3])
        sentence = f"its metadata claims TensorFlow Lite {claimed}, its operators need {needed} ({because})"
        yield Problem(where=where, sentence=sentence)
    for understated in inspection.understated_operators:
        sentence = f"{understated}: an older runtime loads the file and answers wrong, without an error"
        yield Problem(where=where, sentence=sentence)


def _label_problems(inspection: Inspection) -> Iterator[Problem]:
    widths = {tensor.shape[-1] for tensor in inspection.outputs if tensor.shape and len(tensor.shape) == 2}
    labels = inspection.labels
    if labels and widths and len(labels) not in widths:
        width = next(iter(widths))
        sentence = f"{len(labels)} labels for an output of {width}"
        yield Problem(where=("Flutter app", "Python backend"), sentence=sentence)
    if not labels and inspection.format != "keras_weights" and inspection.contract is None:
        sentence = "no labels inside: the app needs a labels file in the right order"
        yield Problem(where=("Flutter app", "Python backend", "adopt"), sentence=sentence)


def _missing(inspection: Inspection) -> tuple[str, ...]:
    """Return the parts of a contract that nothing in or beside the file says."""
    if inspection.contract is not None:
        return ()
    texts, first = inspection.metadata, next(iter(inspection.inputs), None)
    known = {
        "image size": bool(first and first.shape and len(first.shape) == 4 and None not in first.shape[1:]),
        "value range": "input_mean" in texts or bool(first and first.dtype == "uint8"),
        "channel order": "input_color_space" in texts,
        "labels": bool(inspection.labels),
        "resize method": False,
        "EXIF": False,
        "parameters": inspection.parameters is not None,
    }
    return tuple(name for name, is_known in known.items() if not is_known)


def scale_text(tensor: InspectedTensor) -> str:
    """Return how the stored values of a quantized tensor become numbers."""
    zero = tensor.zero_point or 0
    stored = f"(stored {'-' if zero > 0 else '+'} {abs(zero)})" if zero else "stored"
    channels = f", and {tensor.channels - 1} more scales" if tensor.channels > 1 else ""
    return f"value = {tensor.scale:.6g} * {stored}{channels}"
