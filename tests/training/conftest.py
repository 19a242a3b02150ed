"""A backbone of two convolutions, so that a whole training takes a second or two."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Patch = pytest.MonkeyPatch


def build_tiny(*, input_tensor: Any, include_top: bool, weights: str | None) -> Any:
    """What keras.applications' functions do: a model from the source input to a feature map."""
    import keras

    assert not include_top
    features = input_tensor
    for filters in (8, 16):
        features = keras.layers.Conv2D(filters, 3, strides=2, name=f"conv_{filters}")(features)
        features = keras.layers.BatchNormalization(name=f"norm_{filters}")(features)
        features = keras.layers.ReLU(name=f"relu_{filters}")(features)
    model = keras.Model(keras.utils.get_source_inputs(input_tensor), features)
    if weights:
        model.load_weights(weights)
    return model


def put_in_place(patch: Patch) -> None:
    """Let the name MobileNetV3Small mean the tiny backbone."""
    from modelport.training.network.backbones import BACKBONES, Backbone

    patch.setitem(BACKBONES, "MobileNetV3Small", Backbone(build_tiny, {}, (-1.0, 1.0), "tiny"))


@pytest.fixture(scope="session")
def tiny_in_place() -> Callable[[Patch], None]:
    """Return what puts the tiny backbone in place, for fixtures of a wider scope than one test."""
    pytest.importorskip("tensorflow", reason="training needs the extra [tensorflow]")
    return put_in_place


@pytest.fixture
def tiny_backbone(tiny_in_place: Callable[[Patch], None], monkeypatch: Patch) -> None:
    """For one test."""
    tiny_in_place(monkeypatch)


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of the tiny backbone, as --weights takes them: new ones, whose BatchNorm has seen nothing."""
    pytest.importorskip("tensorflow", reason="training needs the extra [tensorflow]")
    import keras

    keras.utils.set_random_seed(0)
    path = tmp_path_factory.mktemp("weights") / "tiny.weights.h5"
    build_tiny(input_tensor=keras.Input((32, 32, 3)), include_top=False, weights=None).save_weights(path)
    return path


@pytest.fixture
def tiny_options(tiny_backbone: None) -> Callable[..., Any]:
    """Return TrainOptions for the tiny backbone from scratch; keywords change them."""
    from modelport.training.train_options import TrainOptions

    def make(**changes: Any) -> TrainOptions:
        options: dict[str, Any] = {
            "backbone": "MobileNetV3Small",
            "weights": "none",
            "image_size": (32, 32),
            "batch_size": 16,
            "learning_rate": 0.01,
            "epochs": 3,
            "augment": False,
        }
        return TrainOptions(**options | changes)

    return make
