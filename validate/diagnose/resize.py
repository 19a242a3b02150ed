"""The ways to resize an image: the contract's own, and the usual mistakes, to be made on purpose."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract.image.resize import resize_bilinear

Made = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Resize:
    """One way to bring an image to a size. `words` say what is wrong with it; none for the contract's own."""

    words: str
    make: Callable[[NDArray[np.uint8], int, int], Made]


def resizes() -> list[Resize]:
    """Return the contract's own way first, then the mistakes."""
    pillow, fault = Image.Resampling, "images are resized"
    return [
        Resize("", resize_bilinear),
        Resize(f"{fault} without half-pixel centres (bilinear, corners at the origin)", partial(_sampled, origin=0.0)),
        Resize(f"{fault} with aligned corners (bilinear)", _aligned),
        Resize(f"{fault} to the nearest pixel, not bilinear", partial(_nearest, centre=0.0)),
        Resize(f"{fault} to the nearest pixel with half-pixel centres, not bilinear", partial(_nearest, centre=0.5)),
        Resize(f"{fault} with antialias (bilinear)", partial(_by_pillow, method=pillow.BILINEAR)),
        Resize(f"{fault} with antialias (bicubic)", partial(_by_pillow, method=pillow.BICUBIC)),
        Resize(f"{fault} with antialias (area)", partial(_by_pillow, method=pillow.BOX)),
        Resize(f"{fault} with antialias (Lanczos)", partial(_by_pillow, method=pillow.LANCZOS)),
        Resize("the resize step is missing: images are cut out of the middle, not resized", _cut),
        Resize("the resize step is missing: images are cut out of the upper left corner, not resized", _corner),
        Resize("images are resized with their aspect kept and bars added, where the contract stretches them", _boxed),
        Resize("images are cut to the model's aspect before the resize, where the contract stretches them", _cropped),
    ]


def rounding_resizes() -> list[Resize]:
    """Return the contract's own way, but with whole numbers as its result."""
    words = "images are resized to whole numbers, as 8 bits have them"
    return [
        Resize(f"{words} (rounded)", lambda *args: np.round(resize_bilinear(*args))),
        Resize(f"{words} (cut off)", lambda *args: np.floor(resize_bilinear(*args))),
    ]


def _sampled(image: NDArray[np.uint8], height: int, width: int, *, origin: float) -> Made:
    down, across = image.shape[0] / height, image.shape[1] / width
    return _bilinear(image, (np.arange(height) + origin) * down - origin, (np.arange(width) + origin) * across - origin)


def _aligned(image: NDArray[np.uint8], height: int, width: int) -> Made:
    return _bilinear(image, np.linspace(0, image.shape[0] - 1, height), np.linspace(0, image.shape[1] - 1, width))


def _bilinear(image: NDArray[np.uint8], rows: NDArray[np.float64], columns: NDArray[np.float64]) -> Made:
    """Sample at fractional rows and columns, within the image."""
    pixels = image.astype(np.float64)
    for axis, places in ((0, rows), (1, columns)):
        last = pixels.shape[axis] - 1
        places = places.clip(0, last)
        before = np.floor(places).astype(np.intp)
        weight = (places - before).reshape(-1, *([1] * (pixels.ndim - axis - 1)))
        after = np.minimum(before + 1, last)
        pixels = pixels.take(before, axis) * (1 - weight) + pixels.take(after, axis) * weight
    sampled: Made = pixels.astype(np.float32)
    return sampled


def _nearest(image: NDArray[np.uint8], height: int, width: int, *, centre: float) -> Made:
    rows = np.floor((np.arange(height) + centre) * image.shape[0] / height).astype(np.intp)
    columns = np.floor((np.arange(width) + centre) * image.shape[1] / width).astype(np.intp)
    nearest: Made = image[rows][:, columns].astype(np.float32)
    return nearest


def _by_pillow(image: NDArray[np.uint8], height: int, width: int, *, method: Any) -> Made:
    """Resize each channel as 32-bit floats, so that nothing is rounded between."""
    planes = [
        np.asarray(Image.fromarray(image[:, :, channel].astype(np.float32)).resize((width, height), method))
        for channel in range(image.shape[2])
    ]
    stacked: Made = np.stack(planes, axis=-1).astype(np.float32)
    return stacked


def _cut(image: NDArray[np.uint8], height: int, width: int) -> Made:
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return _window(image, top, left, height, width)


def _corner(image: NDArray[np.uint8], height: int, width: int) -> Made:
    return _window(image, 0, 0, height, width)


def _window(image: NDArray[np.uint8], top: int, left: int, height: int, width: int) -> Made:
    """Return a window of the image, black where it reaches beyond."""
    made = np.zeros((height, width, image.shape[2]), dtype=np.float32)
    first, side = max(top, 0), max(left, 0)
    part = image[first : top + height, side : left + width]
    made[first - top :, side - left :][: part.shape[0], : part.shape[1]] = part
    return made


def _boxed(image: NDArray[np.uint8], height: int, width: int) -> Made:
    scale = min(height / image.shape[0], width / image.shape[1])
    inner = max(round(image.shape[0] * scale), 1), max(round(image.shape[1] * scale), 1)
    small, made = resize_bilinear(image, *inner), np.zeros((height, width, image.shape[2]), dtype=np.float32)
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    made[top : top + inner[0], left : left + inner[1]] = small
    return made


def _cropped(image: NDArray[np.uint8], height: int, width: int) -> Made:
    scale = min(image.shape[0] / height, image.shape[1] / width)
    inner = max(round(height * scale), 1), max(round(width * scale), 1)
    top, left = (image.shape[0] - inner[0]) // 2, (image.shape[1] - inner[1]) // 2
    return resize_bilinear(np.ascontiguousarray(image[top : top + inner[0], left : left + inner[1]]), height, width)
