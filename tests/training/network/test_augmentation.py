"""Changed images must stay images: neither black, nor blank, nor in other units."""

from typing import Any

import numpy as np
import pytest
from modelport.contract.image.pixels import PixelContract
from numpy.typing import NDArray

pytest.importorskip("tensorflow", reason="augmentation needs the extra [tensorflow]")

from modelport.training.network.augmentation import augmentation_layers


def grey_wedge(value_range: tuple[float, float]) -> NDArray[np.float32]:
    """(64, 32, 32, 3): from black on the left to white on the right."""
    low, high = value_range
    wedge = np.linspace(low, high, 32, dtype=np.float32)[None, None, :, None]
    return np.broadcast_to(wedge, (64, 32, 32, 3)).copy()


def augmented(images: NDArray[np.float32], pixels: PixelContract, **how: Any) -> NDArray[np.float32]:
    batch: Any = images
    for layer in augmentation_layers(pixels, **{"horizontal_flip": False, "seed": 1} | how):
        batch = layer(batch, training=True)
    changed: NDArray[np.float32] = np.asarray(batch)
    return changed


@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
def test_every_image_stays_in_the_range_and_uses_most_of_it(value_range: tuple[float, float]) -> None:
    """With Keras' default units RandomBrightness makes [0, 1] images all 0 or all about 39 (DESIGN.md, fact 2)."""
    low, high = value_range
    changed = augmented(grey_wedge(value_range), PixelContract(height=32, width=32, value_range=value_range))
    assert low <= changed.min()
    assert changed.max() <= high
    spread = changed.max(axis=(1, 2, 3)) - changed.min(axis=(1, 2, 3))
    assert spread.min() > 0.5 * (high - low)
    middle = changed.mean(axis=(1, 2, 3))
    assert low + 0.25 * (high - low) < middle.min()
    assert middle.max() < high - 0.25 * (high - low)


def test_images_do_change_and_not_all_alike() -> None:
    pixels = PixelContract(height=32, width=32)
    changed = augmented(grey_wedge((0, 1)), pixels)
    assert np.abs(changed - grey_wedge((0, 1))).mean(axis=(1, 2, 3)).min() > 0.001
    assert changed.mean(axis=(1, 2, 3)).std() > 0.01


@pytest.mark.parametrize(("flip", "mirrored"), [(False, False), (True, True)])
def test_only_horizontal_flip_mirrors(flip: bool, mirrored: bool) -> None:
    changed = augmented(grey_wedge((0, 1)), PixelContract(height=32, width=32), horizontal_flip=flip)
    falls = changed[:, :, :8].mean(axis=(1, 2, 3)) > changed[:, :, -8:].mean(axis=(1, 2, 3))
    assert mirrored == bool(falls.any())
    assert not falls.all()


def test_the_seed_decides() -> None:
    pixels = PixelContract(height=32, width=32)
    one, same, other = (augmented(grey_wedge((0, 1)), pixels, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_under_mixed_precision_pixels_stay_float32() -> None:
    from modelport.training.network.classifier import dtype_policy

    with dtype_policy("mixed_float16"):
        assert np.float32 == augmented(grey_wedge((0, 1)), PixelContract(height=32, width=32)).dtype


def test_layers_draw_numbers_of_their_own() -> None:
    """With one seed for all, every image that is darker is also turned, zoomed and flat by the same amount."""
    layers = augmentation_layers(PixelContract(height=8, width=8), horizontal_flip=True, seed=3)
    seeds = [layer.seed for layer in layers]
    assert len(seeds) == len(set(seeds))
