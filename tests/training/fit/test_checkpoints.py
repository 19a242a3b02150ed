from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError
from modelport.training.run.history import new_history

pytest.importorskip("tensorflow", reason="checkpoints need the extra [tensorflow]")

import keras
from modelport.training.fit.checkpoints import Checkpoints
from modelport.training.network.classifier import dtype_policy


@pytest.fixture
def model() -> Any:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def saved(folder: Path, model: Any, *accuracies: float) -> list[str]:
    """Save one epoch after the other, the kernel being the epoch's number; return what is there at the end."""
    checkpoints, history = Checkpoints(folder, "float32"), new_history()
    for epoch, accuracy in enumerate(accuracies):
        model.set_weights([np.array([[epoch]]), np.zeros(1)])
        history["phase"].append(1)
        history["val_accuracy"].append(accuracy)
        history["val_loss"].append(1.0)
        checkpoints.save(model, history)
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("accuracies", "kept"),
    [
        pytest.param((0.5,), [0], id="first"),
        pytest.param((0.9, 0.8, 0.7, 0.6), [0, 2, 3], id="best-long-ago"),
        pytest.param((0.1, 0.2, 0.3, 0.4), [2, 3], id="rising"),
        pytest.param((0.1, 0.9, 0.3, 0.95), [1, 2, 3], id="the-best-before-the-last-stays"),
    ],
)
def test_the_last_two_and_the_best_are_kept(
    tmp_path: Path, model: Any, accuracies: tuple[float, ...], kept: list[int]
) -> None:
    """The one before, and the best before: a stop between model and history must lose neither."""
    assert [f"epoch-{epoch:04}.keras" for epoch in kept] == saved(tmp_path, model, *accuracies)


def test_an_epoch_is_loaded_as_it_was(tmp_path: Path, model: Any) -> None:
    saved(tmp_path, model, 0.9, 0.1, 0.2)
    loaded = Checkpoints(tmp_path, "float32").load(0, with_optimizer=True)
    assert 0.0 == loaded.get_weights()[0][0, 0]
    assert len(model.optimizer.variables) == len(loaded.optimizer.variables) > 2
    assert 2.0 == Checkpoints(tmp_path, "float32").load(2, with_optimizer=False).get_weights()[0][0, 0]


@pytest.mark.parametrize("content", [None, b"", b"cut short"])
def test_a_missing_or_damaged_checkpoint_is_told(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "epoch-0000.keras").write_bytes(content)
    with pytest.raises(InputError, match="checkpoint cannot be read") as caught:
        Checkpoints(tmp_path, "float32").load(0, with_optimizer=True)
    assert tmp_path / "epoch-0000.keras" == caught.value.where
    assert "--overwrite" in str(caught.value.fix)


def test_a_finished_training_leaves_no_folder(tmp_path: Path, model: Any) -> None:
    saved(tmp_path / "checkpoint", model, 0.5)
    Checkpoints(tmp_path / "checkpoint", "float32").remove()
    assert not (tmp_path / "checkpoint").exists()


def test_a_model_of_mixed_precision_keeps_its_loss_scaling(tmp_path: Path) -> None:
    """Loaded under float32, its optimizer would be plain Adam, with the state of none."""
    with dtype_policy("mixed_float16"):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, dtype="float32")])
        model.compile("adam", "mse")
    model.fit(np.ones((4, 1)), np.ones((4, 1)), epochs=3, verbose=0)
    checkpoints = Checkpoints(tmp_path, "mixed_float16")
    checkpoints.save(model, {"phase": [1], "val_accuracy": [0.5], "val_loss": [1.0]})
    loaded = checkpoints.load(0, with_optimizer=True)
    assert "LossScaleOptimizer" == type(loaded.optimizer).__name__
    assert 3 == int(loaded.optimizer.iterations)
    recompiled = checkpoints.load(0, with_optimizer=False)
    recompiled.compile("adam", "mse")
    assert "LossScaleOptimizer" == type(recompiled.optimizer).__name__
    assert "float32" == keras.config.dtype_policy().name
