from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError

pytest.importorskip("tensorflow", reason="backbones need the extra [tensorflow]")

import keras
from modelport.training.network.backbones import BACKBONES, Backbone, build_backbone, has_imagenet_weights
from modelport.training.train_options import BACKBONE_NAMES


@pytest.fixture
def image() -> Any:
    return keras.Input((32, 32, 3))


def test_the_names_that_help_shows_are_those_of_the_table() -> None:
    assert BACKBONE_NAMES == tuple(BACKBONES)


def test_missing_weights_are_named(image: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="weights file is missing") as caught:
        build_backbone("MobileNetV2", str(tmp_path / "no.weights.h5"), image)
    assert str(tmp_path / "no.weights.h5") == caught.value.where


@pytest.mark.parametrize("name", ["other.weights.h5", "other.keras"])
def test_weights_of_another_network_are_refused(tiny_backbone: None, image: Any, tmp_path: Path, name: str) -> None:
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    (other.save if name.endswith(".keras") else other.save_weights)(tmp_path / name)
    with pytest.raises(InputError, match="weights do not fit MobileNetV3Small") as caught:
        build_backbone("MobileNetV3Small", str(tmp_path / name), image)
    assert "--backbone" in str(caught.value.fix)
    assert caught.value.received


def test_a_file_that_is_no_weights_file_is_refused(tiny_backbone: None, image: Any, tmp_path: Path) -> None:
    path = tmp_path / "text.weights.h5"
    path.write_text("not weights")
    with pytest.raises(InputError, match="weights do not fit"):
        build_backbone("MobileNetV3Small", str(path), image)


def test_weights_that_cannot_be_downloaded_end_in_the_way_round(image: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(**arguments: Any) -> Any:
        raise OSError("URL fetch failure on https://example.org: Name or service not known\nmore")

    monkeypatch.setitem(BACKBONES, "MobileNetV2", Backbone(offline, {}, (-1.0, 1.0), "tiny"))
    with pytest.raises(InputError, match="ImageNet weights for MobileNetV2 cannot be downloaded") as caught:
        build_backbone("MobileNetV2", "imagenet", image)
    assert "URL fetch failure on https://example.org: Name or service not known" == caught.value.received
    fix = str(caught.value.fix)
    for part in (
        "keras.applications.MobileNetV2(include_top=False)",
        "--weights MobileNetV2.weights.h5",
        "--weights none",
    ):
        assert part in fix


def test_weights_of_a_file_are_loaded(tiny_backbone: None, tiny_weights: Path, image: Any) -> None:
    one, other = (build_backbone("MobileNetV3Small", str(tiny_weights), image) for _ in range(2))
    for left, right in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_weights_of_a_run_are_loaded(tiny_backbone: None, tiny_weights: Path, image: Any, tmp_path: Path) -> None:
    donor = build_backbone("MobileNetV3Small", str(tiny_weights), image)
    keras.Model(image, keras.layers.Dense(2, name="logits")(donor.output)).save(tmp_path / "model.keras")
    receiver = build_backbone("MobileNetV3Small", str(tmp_path / "model.keras"), keras.Input((48, 48, 3)))
    for left, right in zip(donor.get_weights(), receiver.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_every_backbone_is_built_without_its_own_scaling_and_top(image: Any) -> None:
    """MobileNetV3's own Rescaling would scale a second time (DESIGN.md, fact 2)."""
    name = "MobileNetV3Small"
    model = build_backbone(name, "none", image)
    assert [] == [layer.name for layer in model.layers if isinstance(layer, keras.layers.Rescaling)]
    assert 4 == len(model.output.shape)


@pytest.mark.parametrize(
    ("file", "found"),
    [
        pytest.param("weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5", "MobileNetV3Large", id="v3-large"),
        pytest.param("weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5", "MobileNetV3Small", id="v3-small"),
        pytest.param("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5", "MobileNetV2", id="v2"),
        pytest.param("weights_mobilenet_v3_large_224_1.0_float.h5", None, id="with-top"),
        pytest.param(None, None, id="no-folder"),
    ],
)
def test_a_cached_file_is_found_by_keras_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str | None, found: str | None
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    if file:
        (tmp_path / "models").mkdir()
        (tmp_path / "models" / file).touch()
    assert {name: name == found for name in BACKBONES} == {name: has_imagenet_weights(name) for name in BACKBONES}


def test_the_weights_in_shared_data_are_a_mobilenet_v3_large(image: Any) -> None:
    folder = Path(__file__).parents[4] / "shared" / "data" / "weights"
    if not folder.is_dir():
        pytest.skip("shared/data/weights is not beside the project")
    path = folder / "mobilenet_v3_large_notop.weights.h5"
    assert build_backbone("MobileNetV3Large", str(path), image).count_params() > 2_900_000
    with pytest.raises(InputError, match="weights do not fit MobileNetV2"):
        build_backbone("MobileNetV2", str(path), image)


def test_a_builder_that_fails_is_told_not_passed_on(
    image: Any, monkeypatch: pytest.MonkeyPatch, tiny_weights: Path
) -> None:
    def broken(**arguments: Any) -> Any:
        raise ValueError

    builder: Callable[..., Any] = broken
    monkeypatch.setitem(BACKBONES, "MobileNetV2", Backbone(builder, {}, (-1.0, 1.0), "tiny"))
    with pytest.raises(InputError) as caught:
        build_backbone("MobileNetV2", str(tiny_weights), image)
    assert "ValueError" == caught.value.received
