from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from modelport.contract.image.pixels import PixelContract
from modelport.contract.labels.heads import ClassificationHead
from modelport.training.run.history import new_history

pytest.importorskip("tensorflow", reason="finishing a run needs the extra [tensorflow]")

from modelport.training.fit.checkpoints import Checkpoints
from modelport.training.fit.finish_run import float32_model
from modelport.training.network.classifier import build_classifier


def test_the_best_epochs_weights_are_kept_not_the_last_ones(tiny_options: Callable[..., Any], tmp_path: Path) -> None:
    pixels, head = PixelContract(height=32, width=32), ClassificationHead(name="label", labels=("a", "b"))
    record: Any = SimpleNamespace(
        options=tiny_options(),
        history=new_history(),
        checkpoints=Checkpoints(tmp_path / "checkpoint", policy="float32"),
    )
    model = build_classifier(record.options, pixels, head)
    for epoch, accuracy in enumerate((0.5, 0.9, 0.8)):
        model.get_layer("logits").set_weights([np.full((16, 2), epoch), np.zeros(2)])
        for curve, value in (("phase", 1), ("val_accuracy", accuracy), ("val_loss", 1.0)):
            record.history[curve].append(value)
        record.checkpoints.save(model, record.history)
    assert 1.0 == float32_model(record, pixels, head).get_layer("logits").get_weights()[0][0, 0]
