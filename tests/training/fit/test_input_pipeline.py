from pathlib import Path

import numpy as np
import pytest
from modelport.contract.dataset.prepared_dataset import LabelledImage, open_dataset
from modelport.contract.image.decode import load_pixels
from modelport.contract.image.pixels import PixelContract

pytest.importorskip("tensorflow", reason="the pipeline needs the extra [tensorflow]")

import keras
from modelport.training.fit import input_pipeline
from modelport.training.fit.input_pipeline import image_batches

PIXELS = PixelContract(height=20, width=30)


@pytest.fixture
def some(dataset: Path) -> tuple[LabelledImage, ...]:
    """11 images of three classes, JPEG and PNG, of two sizes."""
    return open_dataset(dataset).splits["train"][::6][:11]


@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0)])
def test_pixels_are_those_of_the_contracts_decoder(
    some: tuple[LabelledImage, ...], value_range: tuple[float, float]
) -> None:
    pixels = PixelContract(height=20, width=30, value_range=value_range)
    assert {".jpg", ".png"} == {image.path.suffix for image in some}
    batches = list(image_batches(some, pixels, batch_size=4))
    assert [4, 4, 3] == [len(labels) for _, labels in batches]
    expected = np.stack([load_pixels(image.path, pixels) for image in some])
    np.testing.assert_allclose(expected, np.concatenate([batch for batch, _ in batches]), rtol=0, atol=1e-6)
    assert [image.label for image in some] == [int(label) for _, labels in batches for label in labels]


def test_shuffling_is_anew_each_epoch_and_keeps_labels_with_their_images(some: tuple[LabelledImage, ...]) -> None:
    data = image_batches(some, PIXELS, batch_size=11, shuffle_seed=0)
    orders = []
    for _ in range(2):
        ((batch, labels),) = data
        distances = [
            [float(np.abs(load_pixels(image.path, PIXELS) - pixels).max()) for image in some]
            for pixels in batch.numpy()
        ]
        orders.append([int(np.argmin(row)) for row in distances])
        assert [some[index].label for index in orders[-1]] == labels.numpy().tolist()
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(11))
    assert orders[0] != orders[1]


def test_augmentation_is_applied_and_not_cached(some: tuple[LabelledImage, ...]) -> None:
    layer = keras.layers.RandomBrightness(0.5, value_range=(0, 1), seed=0)
    data = image_batches(some, PIXELS, batch_size=11, augmentation=[layer])
    (first, _), (second, _) = next(iter(data)), next(iter(data))
    plain = np.stack([load_pixels(image.path, PIXELS) for image in some])
    assert np.abs(first.numpy() - plain).max() > 0.01
    assert np.abs(first.numpy() - second.numpy()).max() > 0.01


def test_a_set_too_large_for_the_cache_yields_the_same(
    some: tuple[LabelledImage, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    ((cached, _),) = image_batches(some, PIXELS, batch_size=11)
    monkeypatch.setattr(input_pipeline, "CACHE_BYTES", 0)
    ((anew, _),) = image_batches(some, PIXELS, batch_size=11)
    np.testing.assert_array_equal(cached, anew)
