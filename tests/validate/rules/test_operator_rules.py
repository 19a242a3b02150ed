"""Budgets of operators: each kept and broken."""

from typing import Any

import pytest
from modelport.contract.run.artifacts import Artifact
from modelport.runtimes.facts.description import Description
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.verdict import Finding, Verdict
from modelport.validate.rules.operator_rules import judge_operators

PASS, FAIL, NOT_JUDGED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_JUDGED


def _judge(key: str, value: Any, recipe: str = "full_int8", format: str = "tflite", **facts: Any) -> Finding:
    artifact = Artifact(
        path="m", format=format, recipe=recipe, size_bytes=1, sha256="", parent_sha256="m", options={"allow_flex": True}
    )
    description = Description(runtime="r 1", inputs=(), outputs=(), **{"tensor_dtypes": {"int8": 9}} | facts)
    (found,) = judge_operators(artifact, description, {key: Budget(key=key, value=value, source="file")})
    assert found.key == key
    return found


def test_flex_is_forbidden_even_where_the_export_allowed_it() -> None:
    found = _judge("forbid_flex", True, flex_operators=("FlexErf",))
    assert (found.verdict, "FlexErf" in found.sentence) == (FAIL, True)
    assert _judge("forbid_flex", True).verdict is PASS


def test_custom_operators_are_forbidden() -> None:
    found = _judge("forbid_custom_operators", True, custom_operators=("Mine",))
    assert (found.verdict, "Mine" in found.sentence) == (FAIL, True)
    assert _judge("forbid_custom_operators", True).verdict is PASS


def test_a_switch_that_is_off_forbids_nothing_and_says_so() -> None:
    found = _judge("forbid_flex", False, flex_operators=("FlexErf",))
    assert (found.verdict, found.sentence) == (PASS, "forbid_flex is off (file)")


@pytest.mark.parametrize(("allowed", "expected"), [(3, PASS), (2, FAIL), (0, FAIL)])
def test_float_operators_are_counted_and_named(allowed: int, expected: Verdict) -> None:
    found = _judge("max_float_operators", allowed, float_operators={"HARD_SWISH": 2, "SOFTMAX": 1})
    assert found.verdict is expected
    assert "3 operators compute in float (HARD_SWISH 2, SOFTMAX 1); budget at most" in found.sentence


def test_a_file_without_float_operators_passes_and_one_without_int8_does_not() -> None:
    """A file that was never quantized has no island either."""
    assert _judge("max_float_operators", 0).verdict is PASS
    assert _judge("max_float_operators", 0, tensor_dtypes={"float32": 9}).verdict is FAIL


@pytest.mark.parametrize(
    ("format", "recipe"), [("tflite", "dynamic_int8"), ("tflite", "float32"), ("onnx", "full_int8")]
)
def test_where_no_operator_is_meant_to_compute_in_int8_it_is_not_judged(format: str, recipe: str) -> None:
    assert _judge("max_float_operators", 0, recipe=recipe, format=format).verdict is NOT_JUDGED
