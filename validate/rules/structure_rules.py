"""Look at an opened artifact before its values: inputs, outputs, data types, operators."""

from ...contract.model_contract.model_contract import ModelContract
from ...contract.model_contract.tflite_release import release_key
from ...contract.recipes import RECIPES
from ...contract.run.artifacts import Artifact
from ...runtimes.facts.description import Description, TensorInfo, shape_text
from ..budgets.budgets import Budget
from ..findings.verdict import Finding, Verdict
from .operator_rules import judge_operators

_HALF = ("float16", "bfloat16")


def judge_structure(
    artifact: Artifact, description: Description, contract: ModelContract, budgets: dict[str, Budget]
) -> list[Finding]:
    """Return what was found, in the order shapes, data types, operators, oldest runtime."""
    findings = [
        _finding("inputs", _input_faults(description, contract), "inputs are as the contract says"),
        _finding("outputs", _output_faults(description, contract), "outputs are as the contract says"),
        _finding("dtypes", _half_floats(artifact, description), "no float16 where none belongs"),
        _finding("operators", _strange_operators(artifact, description), "no operator that needs a delegate or plugin"),
    ]
    if description.files_beside:
        sentence = f"weights lie in other files, whose bytes nobody counted: {', '.join(description.files_beside[:3])}"
        findings.append(Finding(key="files", verdict=Verdict.FAIL, sentence=f"{sentence}; save the model as one file"))
    findings += judge_operators(artifact, description, budgets)
    if "min_tflite" in budgets:
        findings.append(_judge_min_tflite(description, budgets["min_tflite"]))
    return findings


def _finding(key: str, faults: list[str], good: str) -> Finding:
    return Finding(key=key, verdict=Verdict.FAIL if faults else Verdict.PASS, sentence="; ".join(faults) or good)


def _input_faults(description: Description, contract: ModelContract) -> list[str]:
    expected = contract.pixels.axes
    if len(description.inputs) != 1:
        return [f"{len(description.inputs)} inputs, expected 1"]
    given = description.inputs[0]
    faults = _dtype_faults("input", given, contract.pixels.dtype)
    if len(given.shape) != 4 or not _fits(given.shape[1:], expected):
        faults.append(
            f"input {given.name!r} has shape {shape_text(given.shape)}, expected {shape_text((None, *expected))}"
        )
    return faults


def _output_faults(description: Description, contract: ModelContract) -> list[str]:
    faults = [fault for output in description.outputs for fault in _dtype_faults("output", output)]
    expected = sorted(head.width for head in contract.heads)
    widths = [output.shape[-1] if len(output.shape) == 2 else 0 for output in description.outputs]
    known = sorted(width for width in widths if width is not None)
    if len(widths) != len(expected) or (len(known) == len(expected) and known != expected):
        shapes = ", ".join(f"{output.name!r} {shape_text(output.shape)}" for output in description.outputs) or "none"
        heads = ", ".join(f"{head.name!r} {shape_text((None, head.width))}" for head in contract.heads)
        faults.append(f"outputs are {shapes}, expected {heads}")
    return faults


def _dtype_faults(role: str, tensor: TensorInfo, expected: str = "float32") -> list[str]:
    return [] if tensor.dtype == expected else [f"{role} {tensor.name!r} is {tensor.dtype}, expected {expected}"]


def _half_floats(artifact: Artifact, description: Description) -> list[str]:
    if (recipe := RECIPES.get(artifact.recipe)) and recipe.holds_half:
        return []
    counts = {dtype: description.tensor_dtypes.get(dtype, 0) for dtype in _HALF}
    return [f"{count} {dtype} tensors in a {artifact.recipe} file" for dtype, count in counts.items() if count]


def _strange_operators(artifact: Artifact, description: Description) -> list[str]:
    faults = []
    if description.flex_operators and not artifact.options.get("allow_flex"):
        faults.append(f"needs the Flex delegate for {', '.join(description.flex_operators)}")
    if description.custom_operators and not artifact.options.get("allow_custom"):
        faults.append(f"has custom operators {', '.join(description.custom_operators)}")
    return faults


def _judge_min_tflite(description: Description, budget: Budget) -> Finding:
    needed, allowed = description.min_tflite, str(budget.value)
    budget_text = f"the oldest that must run it is {allowed} ({budget.source})"
    if needed is not None and release_key(needed) > release_key(allowed):
        sentence = f"needs TensorFlow Lite {needed} ({'; '.join(description.min_tflite_because)})"
        if description.understated_operators:
            sentence += "; an older runtime does not refuse the file, it answers wrong"
        return Finding(key="min_tflite", verdict=Verdict.FAIL, sentence=f"{sentence}; {budget_text}")
    if needed is None or description.unknown_operators:
        named = ", ".join(description.unknown_operators) or "any operator"
        sentence = f"min_tflite not judged: no table says which version brought {named}; {budget_text}"
        return Finding(key="min_tflite", verdict=Verdict.NOT_JUDGED, sentence=sentence)
    return Finding(
        key="min_tflite", verdict=Verdict.PASS, sentence=f"runs from TensorFlow Lite {needed}; {budget_text}"
    )


def _fits(shape: tuple[int | None, ...], expected: tuple[int | None, ...]) -> bool:
    return all(size in (None, wanted) for size, wanted in zip(shape, expected, strict=True))
