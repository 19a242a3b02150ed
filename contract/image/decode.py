"""The one implementation of decode + EXIF + colour + resize + range. Everything else is tested against it."""

import hashlib
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError, features
from PIL import __version__ as pillow_version

from ..errors import InputError
from .image_formats import IMAGE_FORMATS, JPEG, image_format_of
from .pixels import PixelContract
from .resize import resize_bilinear
from .upright import turned_upright
from .whole_jpeg import is_cut

#: Largest number of pixels that is decoded. A 16k x 8k photo passes; a bomb of 60,000 x 60,000 does not.
MAX_PIXELS = 1 << 27


def open_image(data: bytes, where: object) -> Image.Image:
    """Open and fully decode an image file held in memory.

    Raises:
        InputError: not an image, of a format that the installed Pillow lacks, truncated, cut, or more than `MAX_PIXELS`
            pixels.
    """
    with _decoding(where, data):
        image = Image.open(io.BytesIO(data), formats=_decodable())
        if image.width * image.height > MAX_PIXELS:
            raise _too_large(where, f"{image.width} x {image.height} pixels")
        image.load()
        if image.format in JPEG.pillow_names and is_cut(image, data):
            received = "picture data that was cut, and an end marker behind it"
            raise InputError("image is not whole", where=where, received=received)
    return image


@contextmanager
def _decoding(where: object, data: bytes = b"") -> Iterator[None]:
    """Let Pillow work in silence, and turn whatever it raises into an InputError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of a bomb at a third of our own limit, which decides
            yield
    except InputError:
        raise
    except Image.DecompressionBombError as error:  # beyond twice its own limit Pillow does not open at all
        pixels = re.search(r"\d+", str(error))
        raise _too_large(where, f"{int(pixels[0]):,} pixels" if pixels else str(error)) from error
    except UnidentifiedImageError as error:
        raise _unidentified(data, where) from error
    except Exception as error:  # Pillow's plugins raise whatever comes (struct.error, SyntaxError, ...)
        raise InputError("image cannot be decoded", where=where, received=str(error) or type(error).__name__) from error


def decode_image(data: bytes, contract: PixelContract, where: object = "image") -> NDArray[np.uint8]:
    """Decode a file's bytes to (height, width, channel) uint8 at the file's own size.

    Equal bit for bit to `tf.io.decode_jpeg(dct_method="INTEGER_ACCURATE")` for plain JPEG and PNG files. An alpha
    channel is dropped. EXIF orientation is ignored or applied as the contract says.

    Raises:
        InputError: as `open_image`, and 32-bit pixels.
    """
    image = open_image(data, where)
    with _decoding(where):
        if contract.exif == "applied":
            image = turned_upright(image)
        image = to_eight_bits(image, where)
        mode = "RGB" if contract.channels == 3 else "L"
        array = np.asarray(image if image.mode == mode else image.convert(mode))
    return array if array.ndim == 3 else array[:, :, None]


def to_eight_bits(image: Image.Image, where: object = None) -> Image.Image:
    """Return a 16-bit grey image with the high byte of each value, as libpng does; any other image as it is.

    Raises:
        InputError: 32-bit pixels, whose range nothing tells.
    """
    is_16_bit = image.mode.startswith("I;16") or (image.format, image.mode) == ("PNG", "I")  # "I": Pillow 10
    if is_16_bit:  # `convert` may clip where it should scale
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        what = "32-bit pixels do not say which value is white"
        raise InputError(what, where=where, received=f"mode {image.mode}", fix="save the image with 8 bits")
    return image


def to_pixels(image: NDArray[np.uint8], contract: PixelContract) -> NDArray[Any]:
    """Bring one decoded image into the form that the contract names.

    Args:
        image: (height, width, channel) uint8, of any size.
        contract: what is taken.

    Returns:
        The image resized and scaled, float32, (height, width, channel) or (channel, height, width) as its layout says;
        with preprocessing in the graph the uint8 image itself, in its own size.
    """
    if contract.preprocessing == "in_graph":
        return np.ascontiguousarray(image.transpose(2, 0, 1)) if contract.layout == "NCHW" else image
    low, high = contract.value_range
    resized = resize_bilinear(image, contract.height, contract.width)
    scaled = resized * np.float32((high - low) / 255) + np.float32(low)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)) if contract.layout == "NCHW" else scaled


def read_image(path: str | Path, contract: PixelContract) -> NDArray[np.uint8]:
    """Decode one image file to (height, width, channel) uint8 at its own size.

    Raises:
        InputError: the file is missing, or not an image that can be decoded.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError("image cannot be read", where=path, received=error.strerror) from error
    return decode_image(data, contract, where=path)


def load_pixels(path: str | Path, contract: PixelContract) -> NDArray[Any]:
    """Read one image file as the model takes it; see `to_pixels`."""
    return to_pixels(read_image(path, contract), contract)


def sha256_of_pixels(image: NDArray[np.uint8]) -> str:
    """Return the sha256 of decoded pixels, (height, width, channel) uint8, and of their shape."""
    return hashlib.sha256(repr(image.shape).encode() + np.ascontiguousarray(image).tobytes()).hexdigest()


@cache
def _decodable() -> tuple[str, ...]:
    """Return what the installed Pillow opens of the table. It knows some forty others; one starts Ghostscript."""
    Image.init()
    return tuple(
        each.name
        for each in IMAGE_FORMATS
        if each.name in Image.OPEN and (each.pillow_feature is None or features.check(each.pillow_feature))
    )


def _unidentified(data: bytes, where: object) -> InputError:
    found = image_format_of(data)
    if found and found.name not in _decodable():  # AVIF in Pillow before 11.3, and in builds without its library
        received = f"Pillow {pillow_version} without {found.name}"
        what, fix = f"{found.name} images cannot be decoded here", "pip install --upgrade pillow"
        return InputError(what, where=where, received=received, fix=fix)
    return InputError("not an image", where=where, received=_first_bytes(data))


def _too_large(where: object, received: str) -> InputError:
    expected = f"at most {MAX_PIXELS:,} pixels"
    return InputError("image is too large to decode", where=where, expected=expected, received=received)


def _first_bytes(data: bytes) -> str:
    return f"{len(data):,} bytes that begin with {data[:12]!r}" if data else "an empty file"
