"""What a file says of itself, labels and contract, held against what it should promise; before its values are."""

from typing import Any

from ...contract.image.value_range_text import range_text
from ...contract.model_contract.model_contract import ModelContract
from ...runtimes.facts.description import Description
from ..findings.verdict import Finding, Verdict

#: Share of the pixels' range that 8 bits may hold beyond its ends: two of 255 steps are rounding.
_STEPS = 2


def judge_promise(description: Description, contract: ModelContract) -> list[Finding]:
    """Return what was found about labels, contract and zero points; nothing about what the file does not hold."""
    found = []
    if description.labels and contract.first_classification:
        fault = _labels_fault(description.labels, contract.first_classification.labels)
        found.append(_finding("labels", fault, "labels inside the file are the run's, in its order"))
    if description.promise is not None:
        fault = _contract_fault(description.promise, contract)
        found.append(_finding("contract", fault, "the contract inside the file is the run's"))
    if description.input_quantization or description.odd_zero_points:
        faults = [*_input_fault(description, contract), *description.odd_zero_points]
        found.append(_finding("zero_points", "; ".join(faults), "zero points fit the value range and the operators"))
    return found


def _finding(key: str, fault: str, good: str) -> Finding:
    return Finding(key=key, verdict=Verdict.FAIL if fault else Verdict.PASS, sentence=fault or good)


def _labels_fault(inside: tuple[str, ...], expected: tuple[str, ...]) -> str:
    if inside == expected:
        return ""
    if len(inside) != len(expected):
        return f"{len(inside)} labels inside the file, the run has {len(expected)}"
    pairs = enumerate(zip(inside, expected, strict=True))
    wrong = [number for number, (one, other) in pairs if one != other and not _is_told_apart(one, other, inside)]
    if not wrong:
        return ""
    first = f"number {wrong[0]} is {inside[wrong[0]]!r}, the run has {expected[wrong[0]]!r}"
    if sorted(inside) != sorted(expected):
        return f"labels inside the file are not the run's: {first}"
    if len(wrong) == 2:
        one, other = (expected[number] for number in wrong)
        return f"labels {one!r} and {other!r} are exchanged inside the file"
    return f"labels inside the file are in another order than the run's: {first}, and so on for {len(wrong)} labels"


def _is_told_apart(one: str, other: str, inside: tuple[str, ...]) -> bool:
    """Whether a label that the file has twice, as ImageNet's "crane", got an addition in the run, which needs one."""
    return inside.count(one) > 1 and other.startswith(one)


def _contract_fault(promise: dict[str, Any], contract: ModelContract) -> str:
    """Compare the input, key by key; a contract of an earlier version has fewer."""
    inside, expected = promise.get("input"), contract.pixels.to_json()
    if not isinstance(inside, dict):
        return "the contract inside the file says nothing of its input"
    wrong = [key for key, value in expected.items() if key in inside and inside[key] != value]
    told = [f"{key.replace('_', ' ')} {inside[key]!r:.60}, expected {expected[key]!r}" for key in wrong]
    return f"the contract inside the file says {'; '.join(told)}" if told else ""


def _input_fault(description: Description, contract: ModelContract) -> list[str]:
    """Say if the 8 bits of the input begin and end later, or earlier, than the pixels: ends of the range are cut off.

    A converter measures the range on pixels, and takes 0 in, so that it never holds more than those at either end.
    """
    if description.input_quantization is None or contract.pixels.preprocessing == "in_graph":
        return []
    scale, zero_point, dtype = description.input_quantization
    if not scale > 0:
        return []
    lowest = -128 if dtype == "int8" else 0
    low, high = min(contract.pixels.value_range[0], 0.0), max(contract.pixels.value_range[1], 0.0)
    begins, ends = scale * (lowest - zero_point), scale * (lowest + 255 - zero_point)
    beyond, short = (low - begins) / scale, (high - ends) / scale
    if not (beyond > _STEPS and short > _STEPS) and not (beyond < -_STEPS and short < -_STEPS):
        return []
    fits = round(lowest - low / scale)
    pixels = range_text(*contract.pixels.value_range)
    sentence = f"zero point of the input is {zero_point}, not {fits}: its 8 bits hold {range_text(begins, ends)}"
    return [f"{sentence}, and pixels are in {pixels}"]
