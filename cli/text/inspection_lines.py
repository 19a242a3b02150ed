"""An inspection as lines of text: facts in a column, then the problems, each with where it bites."""

import textwrap
from collections.abc import Iterator

from ...runtimes.facts.description import shape_text
from ...runtimes.facts.inspection import InspectedTensor, Inspection
from ...runtimes.inspect.inspect_run import RunInspection
from ...runtimes.inspect.problems import scale_text

_WIDTH, _COLUMN = 118, 16
#: Labels and metadata that are shown; --json has all.
_LABELS, _TEXT = 5, 300


def inspection_lines(inspection: Inspection) -> list[str]:
    """Return what was found about one model."""
    lines = [f"{_clean(inspection.path)}: {_clean(inspection.variant)}"]
    for name, texts in _rows(inspection):
        for number, text in enumerate(filter(None, texts)):
            lines += _wrapped("" if number else name, text)
    count = len(inspection.problems)
    lines += ["", f"{count} problem{'' if count == 1 else 's'} to expect:" if count else "No problem found."]
    for problem in inspection.problems:
        text = f"{_clean(problem.sentence)} [{', '.join(problem.where)}]"
        lines += textwrap.wrap(text, _WIDTH, initial_indent="- ", subsequent_indent="  ", break_long_words=False)
    return lines


def run_lines(run: RunInspection) -> list[str]:
    """Return the files of a run folder with their states; the faults are counted in the last line."""
    lines = [f"{_clean(run.path)}: run {_clean(run.run_id)}, model {run.model_sha256[:12]}"]
    widths = [max(map(len, texts)) for texts in zip(*((_clean(f.path), f.state) for f in run.files), strict=True)]
    for file in run.files:
        size = "" if file.size_bytes is None else f"{file.size_bytes:,}"
        detail = "; ".join(filter(None, (file.recipe, file.detail)))
        lines.append(
            f"  {_clean(file.path):<{widths[0]}}  {file.state:<{widths[1]}}  {size:>11}  {_clean(detail)}".rstrip()
        )
    faults = [f"{_clean(file.path)} ({file.state})" for file in run.files if file.is_fault]
    end = "The run folder is whole." if not faults else f"Not as it was recorded: {', '.join(faults)}."
    return [*lines, "", end]


def _rows(inspection: Inspection) -> Iterator[tuple[str, list[str]]]:
    yield "size", [f"{inspection.size_bytes:,} bytes"]
    yield "parameters", ["unknown" if inspection.parameters is None else f"{inspection.parameters:,}"]
    yield "weights", [_shares(inspection.weight_bytes, "bytes")]
    yield "inputs", [_tensor(tensor) for tensor in inspection.inputs]
    yield "outputs", [_tensor(tensor) for tensor in inspection.outputs]
    yield "computes in", [_shares(inspection.operator_kinds, "operators")]
    yield "layers" if inspection.format.startswith("keras") else "operators", [_operators(inspection)]
    yield "custom", [", ".join(inspection.custom_operators)]
    yield "Flex", [", ".join(inspection.flex_operators)]
    yield "runs code", [", ".join(inspection.code_operators)]
    yield "CPU delegate", [_delegate(inspection)]
    yield "oldest TFLite", [_oldest(inspection)]
    yield "runs here", [inspection.runs or ""]
    yield "metadata", [f"{name}: {text[:_TEXT]}" for name, text in inspection.metadata.items() if text]
    yield "labels", [_labels(inspection)]
    yield "contract", [_contract(inspection)]


def _shares(parts: dict[str, int], unit: str) -> str:
    total = sum(parts.values())
    ordered = sorted(parts.items(), key=lambda part: -part[1])
    return ", ".join(f"{name} {count:,} {unit} ({count / total:.0%})" for name, count in ordered) if total else ""


def _tensor(tensor: InspectedTensor) -> str:
    text = f"{tensor.name or '(no name)'}  {tensor.dtype} {shape_text(tensor.shape)}"
    return text if tensor.scale is None else f"{text}  {scale_text(tensor)}"


def _operators(inspection: Inspection) -> str:
    ordered = sorted(inspection.operators, key=lambda operator: (-operator.count, operator.name))
    return ", ".join(f"{op.count} {op.name}" + (f" (version {op.version})" if op.version > 1 else "") for op in ordered)


def _delegate(inspection: Inspection) -> str:
    share = inspection.delegate
    if share is None:
        return ""
    pieces = "" if share.partitions is None else f" in {share.partitions} piece{'' if share.partitions == 1 else 's'}"
    outside = "; outside: " + ", ".join(f"{count} {name}" for name, count in share.outside.items())
    said = f"XNNPACK takes {share.taken} of {share.total} operators{pieces}, says {share.source}"
    return said + (outside if share.outside else "")


def _oldest(inspection: Inspection) -> str:
    if inspection.format != "tflite":
        return ""
    if inspection.min_tflite is None:
        return "unknown: no table knows its operators"
    named, more = ", ".join(inspection.min_tflite_because[:2]), len(inspection.min_tflite_because) - 2
    return f"{inspection.min_tflite}, because of {named}" + (f" and {more} more" if more > 0 else "")


def _labels(inspection: Inspection) -> str:
    if inspection.format == "keras_weights":
        return ""
    shown = " | ".join(inspection.labels[:_LABELS]) + (" | ..." if len(inspection.labels) > _LABELS else "")
    return f"{len(inspection.labels):,}: {shown}" if inspection.labels else "none inside"


def _contract(inspection: Inspection) -> str:
    if inspection.format == "keras_weights":
        return ""
    if inspection.contract is None:
        return f"none; nothing says: {', '.join(inspection.missing)}"
    given = inspection.contract["input"]
    low, high = given["value_range"]
    names = [f"{head['name']} ({head['kind']})" for head in inspection.contract["heads"]]
    size = (
        f"{given['height']} x {given['width']} x {given['channels']} in [{low:g}, {high:g}], {given['resize']} resize"
    )
    return f"modelport's, {inspection.contract_from}: {size}; heads: {', '.join(names)}"


def _wrapped(name: str, text: str) -> list[str]:
    first, rest = f"  {name:<{_COLUMN - 2}}", " " * _COLUMN
    return textwrap.wrap(
        _clean(text), _WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False
    ) or [first.rstrip()]


def _clean(text: str) -> str:
    """Return foreign text without what would move a terminal's cursor or change its colours."""
    return "".join(character if character.isprintable() else " " for character in text)
