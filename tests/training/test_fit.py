"""What learns in which phase, seen in the checkpoints."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.dataset import open_dataset
from modelport.contract.heads import ClassificationHead
from modelport.contract.narration import Silent
from modelport.contract.pixels import PixelContract
from modelport.contract.run_folder import RunFolder

pytest.importorskip("tensorflow", reason="fitting needs the extra [tensorflow]")

from modelport.training import checkpoints
from modelport.training.classifier import build_classifier
from modelport.training.fit import Batches, fit_phases
from modelport.training.input_pipeline import image_batches
from modelport.training.training_record import TrainingRecord, start_record

Weights = dict[str, Any]


@pytest.fixture
def fitted(
    dataset: Path,
    tiny_options: Callable[..., Any],
    tiny_weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[TrainingRecord, list[Weights], list[float]]:
    """One epoch of phase 1 and three of phase 2: their record, the weights around each, what phase 1 reported."""
    options = tiny_options(weights=str(tiny_weights), epochs=4)
    source, pixels = open_dataset(dataset), PixelContract(height=32, width=32)
    model = build_classifier(options, pixels, ClassificationHead(name="label", labels=source.labels))
    record = start_record(RunFolder(tmp_path / "run"), options)
    seen, reported = [weights_of(model)], list[float]()
    save = checkpoints.Checkpoints.save

    def watch(self: Any, model: Any, history: Any) -> None:
        seen.append(weights_of(model))
        save(self, model, history)

    monkeypatch.setattr(checkpoints.Checkpoints, "save", watch)
    train, val = (image_batches(source.splits[split], pixels, batch_size=16) for split in ("train", "val"))
    fit_phases(
        model, Batches(train=train, val=val, class_weights={0: 1, 1: 1, 2: 1}), record, reported.append, Silent()
    )
    return record, seen, reported


def weights_of(model: Any) -> Weights:
    return {f"{layer.name}/{weight.name}": weight.numpy() for layer in model.layers for weight in layer.weights}


def changed(before: Weights, after: Weights) -> set[str]:
    return {name for name in before if not np.array_equal(before[name], after[name])}


def test_what_learns_in_which_phase_and_how_fast(fitted: tuple[TrainingRecord, list[Weights], list[float]]) -> None:
    """Phase 2 takes the backbone too, but nothing of BatchNorm, moving statistics included (DESIGN.md, fact 1)."""
    record, seen, reported = fitted
    assert [1, 2, 2, 2] == record.history["phase"]
    head = {"logits/kernel", "logits/bias"}
    assert head == changed(seen[0], seen[1])
    assert {*head, "conv_8/kernel", "conv_8/bias", "conv_16/kernel", "conv_16/bias"} == changed(seen[1], seen[-1])
    assert {"norm_8/moving_mean", "norm_16/moving_variance"} <= set(seen[0])
    assert [record.history["val_accuracy"][0]] == reported
    assert pytest.approx([0.01, 0.001, 0.001, 0.001]) == record.history["learning_rate"]
