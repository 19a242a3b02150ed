"""Two phases on real images: fine-tuning must beat the frozen backbone."""

from pathlib import Path

import pytest

pytest.importorskip("tensorflow", reason="training needs the extra [tensorflow]")

from modelport.assets.digits import write_digits
from modelport.training.fit.train import train
from modelport.training.prepare.options import PrepareOptions
from modelport.training.prepare.prepare import prepare
from modelport.training.train_options import TrainOptions

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

DATA = Path(__file__).parents[4] / "shared" / "data"


def test_digits_5_to_9_are_learned_from_the_weights_of_0_to_4(tmp_path: Path) -> None:
    for name, digits in (("low", (0, 1, 2, 3, 4)), ("high", (5, 6, 7, 8, 9))):
        write_digits(tmp_path / name, digits)
        prepare(tmp_path / name, tmp_path / f"{name}-set", PrepareOptions())
    scratch = TrainOptions(weights="none", epochs=6, image_size=(64, 64))
    train(tmp_path / "low-set", tmp_path / "low-run", scratch)
    donor = str(tmp_path / "low-run" / "model.keras")
    result = train(
        tmp_path / "high-set", tmp_path / "high-run", TrainOptions(weights=donor, epochs=10, image_size=(64, 64))
    )
    print(f"phase 1 {result.best_val_accuracy(1):.3f}, phase 2 {result.best_val_accuracy(2):.3f}")
    assert result.best_val_accuracy(2) > result.best_val_accuracy(1)
    assert result.evaluation["test_accuracy"] >= 0.9


@pytest.mark.skipif(not (DATA / "sign_digits").is_dir(), reason="shared/data/sign_digits is not beside the project")
def test_sign_digits_of_unseen_signers_are_told_apart_at_64_px(tmp_path: Path) -> None:
    """A plain prototype reached 0.98 at 160 px (DESIGN.md, fact 1); 64 px is where resizing can go wrong."""
    source, weights = DATA / "sign_digits", DATA / "weights" / "mobilenet_v3_large_notop.weights.h5"
    prepare(source, tmp_path / "set", PrepareOptions(groups=source / "signers.csv"))
    options = TrainOptions(weights=str(weights), epochs=40, patience=10, image_size=(64, 64))
    result = train(tmp_path / "set", tmp_path / "run", options)
    low, high = result.evaluation["test_accuracy_interval_95"]
    print(f"test top-1 {result.evaluation['test_accuracy']:.3f} [{low:.3f}, {high:.3f}]")
    assert result.best_val_accuracy(2) > result.best_val_accuracy(1)
    assert result.evaluation["test_accuracy"] >= 0.93
