"""Labels, contract and zero points inside a file are compared with the run's, before its values are."""

from typing import Any

import pytest
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.model_contract.model_contract import ModelContract, Provenance
from modelport.runtimes.facts.description import Description, TensorInfo
from modelport.validate.findings.verdict import Verdict
from modelport.validate.rules.promise_rules import judge_promise

LABELS = ("red", "green", "blue")


def contract(**pixels: Any) -> ModelContract:
    return ModelContract(
        pixels=PixelContract(height=8, width=8, **pixels),
        heads=(ClassificationHead(name="label", labels=LABELS),),
        parameters=9,
        provenance=Provenance(run_id="20260101T000000Z-00000000", model_sha256="0" * 64),
    )


def described(**facts: Any) -> Description:
    tensor = TensorInfo(name="image", dtype="float32", shape=(1, 8, 8, 3))
    return Description(**({"runtime": "stand-in 1", "inputs": (tensor,), "outputs": ()} | facts))


def judged(expected: ModelContract, **facts: Any) -> dict[str, tuple[Verdict, str]]:
    return {one.key: (one.verdict, one.sentence) for one in judge_promise(described(**facts), expected)}


def test_nothing_inside_is_nothing_found() -> None:
    assert {} == judged(contract())


@pytest.mark.parametrize(
    ("inside", "verdict", "said"),
    [
        pytest.param(LABELS, Verdict.PASS, "are the run's, in its order", id="same"),
        pytest.param(("green", "red", "blue"), Verdict.FAIL, "labels 'red' and 'green' are exchanged", id="exchanged"),
        pytest.param(("green", "blue", "red"), Verdict.FAIL, "in another order", id="order"),
        pytest.param(("red", "green", "grey"), Verdict.FAIL, "number 2 is 'grey', the run has 'blue'", id="other"),
        pytest.param(("red", "green"), Verdict.FAIL, "2 labels inside the file, the run has 3", id="fewer"),
    ],
)
def test_labels_inside_are_the_runs_in_its_order(inside: tuple[str, ...], verdict: Verdict, said: str) -> None:
    found = judged(contract(), labels=inside)["labels"]
    assert verdict is found[0]
    assert said in found[1]


def test_a_contract_inside_that_says_another_range_fails() -> None:
    other = contract(value_range=(0.0, 255.0)).promise()
    verdict, sentence = judged(contract(), promise=other)["contract"]
    assert Verdict.FAIL is verdict
    assert "value range [0.0, 255.0], expected [0.0, 1.0]" in sentence
    assert Verdict.PASS is judged(contract(), promise=contract().promise())["contract"][0]


@pytest.mark.parametrize("promise", [{}, {"input": None}, {"input": 3}, {"heads": 3}])
def test_a_contract_that_is_none_fails_and_does_not_raise(promise: dict[str, Any]) -> None:
    assert Verdict.FAIL is judged(contract(), promise=promise)["contract"][0]


@pytest.mark.parametrize(
    ("quantized", "pixels", "verdict"),
    [
        pytest.param((1 / 255, -128, "int8"), (0.0, 1.0), Verdict.PASS, id="unit"),
        pytest.param((0.9 / 255, -128, "int8"), (0.0, 1.0), Verdict.PASS, id="images-that-are-not-white"),
        pytest.param((2 / 255, -1, "int8"), (-1.0, 1.0), Verdict.PASS, id="signed"),
        pytest.param((1 / 128, 128, "uint8"), (-1.0, 1.0), Verdict.PASS, id="mobilenet-of-2018"),
        pytest.param((1.0, -128, "int8"), (0.0, 255.0), Verdict.PASS, id="bytes"),
        pytest.param((1 / 255, -120, "int8"), (0.0, 1.0), Verdict.FAIL, id="off-by-8"),
        pytest.param((2 / 255, 7, "int8"), (-1.0, 1.0), Verdict.FAIL, id="signed-off-by-8"),
        pytest.param((2 / 255, -9, "int8"), (-1.0, 1.0), Verdict.FAIL, id="signed-off-by-minus-8"),
    ],
)
def test_the_zero_point_of_the_input_fits_the_value_range(
    quantized: tuple[float, int, str], pixels: tuple[float, float], verdict: Verdict
) -> None:
    assert verdict is judged(contract(value_range=pixels), input_quantization=quantized)["zero_points"][0]


def test_the_description_travels_as_json() -> None:
    told = described(labels=LABELS, promise={"input": {}}, odd_zero_points=("x",), input_quantization=(0.5, 3, "int8"))
    assert told == Description.from_json(told.to_json())
