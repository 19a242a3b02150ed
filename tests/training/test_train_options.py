from typing import Any

import pytest
from modelport.contract.errors import UsageError
from modelport.training.train_options import TrainOptions


@pytest.mark.parametrize(
    ("epochs", "phases"),
    [
        pytest.param(2, (1, 1), id="least"),
        pytest.param(3, (1, 2), id="three"),
        pytest.param(10, (2, 8), id="a-fifth"),
        pytest.param(50, (10, 40), id="default"),
        pytest.param(51, (10, 41), id="at-most-ten"),
        pytest.param(300, (10, 290), id="many"),
    ],
)
def test_a_fifth_of_the_epochs_at_most_ten_train_the_head(epochs: int, phases: tuple[int, int]) -> None:
    assert phases == TrainOptions(epochs=epochs).phases


def test_the_phases_add_up_and_none_is_empty() -> None:
    for epochs in range(2, 120):
        phases = TrainOptions(epochs=epochs).phases
        assert epochs == sum(phases)
        assert min(phases) >= 1


def test_from_scratch_there_is_one_phase() -> None:
    assert (7,) == TrainOptions(epochs=7, weights="none").phases


@pytest.mark.parametrize(
    ("changes", "option"),
    [
        pytest.param({"epochs": 0}, "--epochs", id="no-epoch"),
        pytest.param({"epochs": 1}, "--epochs", id="a-phase-without-an-epoch"),
        pytest.param({"epochs": 0, "weights": "none"}, "--epochs", id="no-epoch-from-scratch"),
        pytest.param({"batch_size": 0}, "--batch-size", id="batch"),
        pytest.param({"image_size": (200, 31)}, "--image-size", id="size"),
        pytest.param({"learning_rate": 0.0}, "--learning-rate", id="rate"),
        pytest.param({"learning_rate": float("nan")}, "--learning-rate", id="rate-nan"),
        pytest.param({"patience": 0}, "--patience", id="patience"),
        pytest.param({"backbone": "ResNet"}, "--backbone", id="backbone"),
        pytest.param({"precision": "float16"}, "--precision", id="precision"),
        pytest.param({"drawing": "light_on_dark"}, "--drawing", id="drawing"),
    ],
)
def test_what_is_out_of_range_is_refused_by_its_option(changes: dict[str, Any], option: str) -> None:
    with pytest.raises(UsageError, match="out of range") as caught:
        TrainOptions(**changes)
    assert option == caught.value.where


def test_a_release_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="--min-tflite"):
        TrainOptions(min_tflite="newest")


def test_one_epoch_from_scratch_is_enough() -> None:
    assert (1,) == TrainOptions(epochs=1, weights="none").phases


def test_json_holds_every_option() -> None:
    options = TrainOptions(image_size=(64, 96), weights="none")
    assert options == TrainOptions(**options.to_json())
    assert [64, 96] == options.to_json()["image_size"]
