"""The operators of training and of the graphs that take file bytes, against the contract's own decoder."""

import io
from typing import Any

import numpy as np
import pytest
from modelport.contract.image.decode import decode_image
from modelport.contract.image.decode import to_pixels as contract_to_pixels
from modelport.contract.image.pixels import PixelContract
from PIL import Image

pytest.importorskip("tensorflow", reason="the graphs need the extra [tensorflow]")

import tensorflow as tf
from modelport.runtimes.tf_graph.graph_pixels import decode, to_pixels

JPEG: dict[str, Any] = {"format": "JPEG", "quality": 90}


SIZE = (61, 47)


def encoded(mode: str, **how: Any) -> bytes:
    """A picture with smooth and with noisy regions."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    smooth = np.stack([rows * 3 % 256, columns * 5 % 256, (rows + columns) * 2 % 256], axis=2)
    noise = np.random.default_rng(0).integers(0, 256, smooth.shape)
    picture = np.where(columns[:, :, None] < SIZE[0] // 2, smooth, noise).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(picture).convert(mode).save(stream, **how)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "channels"),
    [
        pytest.param(encoded("RGB", **JPEG, subsampling=0), 3, id="jpeg-444"),
        pytest.param(encoded("RGB", **JPEG, subsampling=2), 3, id="jpeg-420"),
        pytest.param(encoded("RGB", **JPEG, progressive=True), 3, id="jpeg-progressive"),
        pytest.param(encoded("L", **JPEG), 3, id="grey-jpeg-as-rgb"),
        pytest.param(encoded("L", **JPEG), 1, id="grey-jpeg"),
        pytest.param(encoded("RGB", format="PNG"), 3, id="png"),
        pytest.param(encoded("L", format="PNG"), 3, id="grey-png-as-rgb"),
        pytest.param(encoded("L", format="PNG"), 1, id="grey-png"),
    ],
)
def test_decoding_equals_the_contracts_bit_for_bit(data: bytes, channels: int) -> None:
    contract = PixelContract(channels=channels)
    np.testing.assert_array_equal(decode_image(data, contract), decode(data, contract).numpy(), strict=True)


@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
@pytest.mark.parametrize(
    ("height", "width"),
    [
        pytest.param(47, 61, id="same"),
        pytest.param(32, 32, id="down"),
        pytest.param(200, 200, id="up"),
        pytest.param(20, 150, id="down-and-up"),
        pytest.param(33, 7, id="odd"),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_resizing_and_scaling_equal_the_contracts_to_rounding(
    height: int, width: int, channels: int, value_range: tuple[float, float]
) -> None:
    contract = PixelContract(height=height, width=width, channels=channels, value_range=value_range)
    image = decode_image(encoded("L" if channels == 1 else "RGB", format="PNG"), contract)
    expected, received = contract_to_pixels(image, contract), to_pixels(tf.constant(image), contract).numpy()
    assert (height, width, channels) == received.shape
    assert np.float32 == received.dtype
    # two float32 operations on numbers up to 255
    np.testing.assert_allclose(expected, received, rtol=0, atol=2e-7 * max(map(abs, value_range)))
