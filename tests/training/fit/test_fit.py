"""What learns in which phase, seen in the checkpoints."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.dataset.prepared_dataset import open_dataset
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.contract.narration import Silent
from modelport.contract.run.run_folder import RunFolder

pytest.importorskip("tensorflow", reason="fitting needs the extra [tensorflow]")

from modelport.training.fit import checkpoints
from modelport.training.fit.fit import Batches, fit_phases
from modelport.training.fit.input_pipeline import image_batches
from modelport.training.fit.training_record import TrainingRecord, start_record
from modelport.training.network.classifier import build_classifier

Weights = dict[str, Any]


@pytest.fixture
def fit(
    dataset: Path, tiny_options: Callable[..., Any], tiny_weights: Path, tmp_path: Path
) -> Callable[..., tuple[TrainingRecord, list[float]]]:
    """Return a function that fits both phases with some options; it returns the record, and what phase 1 reported."""

    def run(**changes: Any) -> tuple[TrainingRecord, list[float]]:
        options = tiny_options(weights=str(tiny_weights), **changes)
        source, pixels = open_dataset(dataset), PixelContract(height=32, width=32)
        model = build_classifier(options, pixels, ClassificationHead(name="label", labels=source.labels))
        record, reported = (
            start_record(RunFolder(tmp_path / "run"), options, policy="float32", data_sha256=""),
            list[float](),
        )
        record.checkpoints.save(model, {"phase": [1], "val_accuracy": [0.0], "val_loss": [0.0]})
        train, val = (image_batches(source.splits[split], pixels, batch_size=16) for split in ("train", "val"))
        batches = Batches(train=train, val=val, class_weights={0: 1, 1: 1, 2: 1})
        fit_phases(model, batches, record, reported.append, Silent())
        return record, reported

    return run


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Weights]:
    """The weights of every model that is saved, in this order."""
    saved, save = list[Weights](), checkpoints.Checkpoints.save

    def watch(self: Any, model: Any, history: Any) -> None:
        saved.append(weights_of(model))
        save(self, model, history)

    monkeypatch.setattr(checkpoints.Checkpoints, "save", watch)
    return saved


def weights_of(model: Any) -> Weights:
    return {f"{layer.name}/{weight.name}": weight.numpy() for layer in model.layers for weight in layer.weights}


def changed(before: Weights, after: Weights) -> set[str]:
    return {name for name in before if not np.array_equal(before[name], after[name])}


def test_what_learns_in_which_phase_and_how_fast(
    fit: Callable[..., tuple[TrainingRecord, list[float]]], seen: list[Weights]
) -> None:
    """Phase 2 takes the backbone too, but nothing of BatchNorm, moving statistics included (DESIGN.md, fact 1)."""
    record, reported = fit(epochs=4)
    assert [1, 2, 2, 2] == record.history["phase"]
    head = {"logits/kernel", "logits/bias"}
    new, after_phase_1, *_, last = seen
    assert head == changed(new, after_phase_1)
    assert {*head, "conv_8/kernel", "conv_8/bias", "conv_16/kernel", "conv_16/bias"} == changed(after_phase_1, last)
    assert {"norm_8/moving_mean", "norm_16/moving_variance"} <= set(new)
    assert [record.history["val_accuracy"][0]] == reported
    assert pytest.approx([0.01, 0.001, 0.001, 0.001]) == record.history["learning_rate"]


def test_a_phase_that_gets_no_better_slows_down_and_ends(
    fit: Callable[..., tuple[TrainingRecord, list[float]]],
) -> None:
    """At a rate of 1e-12 no weight changes: each phase's first epoch stays its best one."""
    record, _ = fit(epochs=20, patience=2, learning_rate=1e-12)
    assert [1, 1, 1, 2, 2, 2] == record.history["phase"]
    assert pytest.approx([1e-12, 1e-12, 5e-13, 1e-13, 1e-13, 5e-14], rel=1e-6, abs=0) == record.history["learning_rate"]
