"""What is looked at before values."""

from dataclasses import replace
from typing import Any

import pytest
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead, RegressionHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.contract.run.artifacts import Artifact
from modelport.runtimes.facts.description import Description, TensorInfo
from modelport.validate.budgets.budgets import Budget
from modelport.validate.findings.verdict import Verdict
from modelport.validate.rules.structure_rules import judge_structure

_CONTRACT = ModelContract(
    pixels=PixelContract(height=4, width=6),
    heads=(ClassificationHead(name="label", labels=("a", "b")), RegressionHead(name="age", unit="years")),
    parameters=1,
    provenance=Provenance(run_id="r", model_sha256="m"),
)
_ARTIFACT = Artifact(
    path="m.tflite", format="tflite", recipe="float32", size_bytes=1, sha256="", parent_sha256="m", options={}
)


def _tensor(*shape: int | None, dtype: str = "float32") -> TensorInfo:
    return TensorInfo(name="t", dtype=dtype, shape=shape)


_GOOD = Description(
    runtime="r 1", inputs=(_tensor(None, 4, 6, 3),), outputs=(_tensor(1, 1), _tensor(1, 2)), min_tflite="2.3.0"
)


def _failed(description: Description, artifact: Artifact = _ARTIFACT) -> dict[str, str]:
    return {
        found.key: found.sentence
        for found in judge_structure(artifact, description, artifact.contract_in(_CONTRACT), {})
        if found.verdict is Verdict.FAIL
    }


@pytest.mark.parametrize("batch", [None, 1])
def test_a_file_that_keeps_its_promise_passes_whatever_the_order_of_outputs(batch: int | None) -> None:
    assert _failed(replace(_GOOD, inputs=(_tensor(batch, 4, 6, 3),))) == {}


@pytest.mark.parametrize(
    ("facts", "key", "said"),
    [
        ({"inputs": (_tensor(1, 4, 6, 3, dtype="float16"),)}, "inputs", "float16, expected float32"),
        ({"inputs": (_tensor(1, 4, 6, 3, dtype="uint8"),)}, "inputs", "uint8, expected float32"),
        ({"inputs": (_tensor(1, 6, 4, 3),)}, "inputs", "(1, 6, 4, 3), expected (any, 4, 6, 3)"),
        ({"inputs": (_tensor(1, 3, 4, 6),)}, "inputs", "expected (any, 4, 6, 3)"),
        ({"inputs": (_tensor(4, 6, 3),)}, "inputs", "expected (any, 4, 6, 3)"),
        ({"inputs": ()}, "inputs", "0 inputs, expected 1"),
        ({"outputs": (_tensor(1, 2),)}, "outputs", "'age' (any, 1)"),
        ({"outputs": (_tensor(1, 1), _tensor(1, 3))}, "outputs", "(1, 3)"),
        ({"outputs": (_tensor(1, 1), _tensor(1, 2, dtype="float16"))}, "outputs", "float16, expected float32"),
        ({"tensor_dtypes": {"float16": 3, "float32": 9}}, "dtypes", "3 float16 tensors in a float32 file"),
        ({"flex_operators": ("FlexErf",)}, "operators", "needs the Flex delegate for FlexErf"),
        ({"custom_operators": ("Mine",)}, "operators", "custom operators Mine"),
    ],
)
def test_a_broken_promise_is_said(facts: dict[str, Any], key: str, said: str) -> None:
    assert said in _failed(replace(_GOOD, **facts))[key]


def test_a_tensor_of_another_layout_is_what_a_channels_first_artifact_promises() -> None:
    swapped = replace(_GOOD, inputs=(_tensor(1, 3, 4, 6),))
    assert _failed(swapped, replace(_ARTIFACT, layout="NCHW")) == {}


def test_float16_tensors_are_right_in_a_float16_file() -> None:
    halves = replace(_GOOD, tensor_dtypes={"float16": 3})
    assert _failed(halves, replace(_ARTIFACT, recipe="float16")) == {}
    assert "dtypes" in _failed(halves, replace(_ARTIFACT, recipe="full_int8"))


def test_flex_and_custom_operators_pass_where_the_export_was_asked_for_them() -> None:
    allowed = replace(_ARTIFACT, options={"allow_flex": True, "allow_custom": True})
    assert _failed(replace(_GOOD, flex_operators=("FlexErf",), custom_operators=("Mine",)), allowed) == {}


@pytest.mark.parametrize(
    ("needed", "unknown", "verdict"),
    [
        ("2.12", (), Verdict.PASS),
        ("2.9.1", (), Verdict.PASS),
        ("2.17.0", (), Verdict.FAIL),
        ("2.17.0", ("NEW",), Verdict.FAIL),
        ("2.3.0", ("NEW",), Verdict.NOT_JUDGED),
        (None, (), Verdict.NOT_JUDGED),
    ],
)
def test_the_oldest_runtime_is_held_against_the_budget(
    needed: str | None, unknown: tuple[str, ...], verdict: Verdict
) -> None:
    """Versions are numbers: 2.9 is older than 2.12."""
    budgets = {"min_tflite": Budget(key="min_tflite", value="2.12.0", source="contract.json")}
    description = replace(_GOOD, min_tflite=needed, unknown_operators=unknown)
    (found,) = [f for f in judge_structure(_ARTIFACT, description, _CONTRACT, budgets) if f.key == "min_tflite"]
    assert verdict is found.verdict
