"""The one implementation of decode + EXIF + colour + resize + range. Everything else is tested against it."""

import hashlib
import io
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import InputError
from .pixels import PixelContract
from .resize import resize_bilinear

#: Largest number of pixels that is decoded. A 16k x 8k photo passes; a bomb of 60,000 x 60,000 does not.
MAX_PIXELS = 1 << 27


def open_image(data: bytes, where: object) -> Image.Image:
    """Open and fully decode an image file held in memory.

    Raises:
        InputError: not an image, truncated, or more than `MAX_PIXELS` pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of a bomb at a third of our own limit, which decides
            image = Image.open(io.BytesIO(data))
            if image.width * image.height > MAX_PIXELS:
                raise InputError(
                    "image is too large to decode",
                    where=where,
                    expected=f"at most {MAX_PIXELS:,} pixels",
                    received=f"{image.width} x {image.height}",
                )
            image.load()
    except InputError:
        raise
    except UnidentifiedImageError as error:
        raise InputError("not an image", where=where, received=_first_bytes(data)) from error
    except Exception as error:  # Pillow's plugins raise whatever comes (struct.error, SyntaxError, ...)
        raise InputError("image cannot be decoded", where=where, received=str(error) or type(error).__name__) from error
    return image


def decode_image(data: bytes, contract: PixelContract, where: object = "image") -> NDArray[np.uint8]:
    """Decode a file's bytes to (height, width, channel) uint8 at the file's own size.

    Equal bit for bit to `tf.io.decode_jpeg(dct_method="INTEGER_ACCURATE")` for plain JPEG and PNG files. An alpha
    channel is dropped. EXIF orientation is ignored or applied as the contract says.
    """
    image = open_image(data, where)
    if contract.exif == "applied":
        image = ImageOps.exif_transpose(image)
    mode = "RGB" if contract.channels == 3 else "L"
    array = np.asarray(image if image.mode == mode else image.convert(mode))
    return array if array.ndim == 3 else array[:, :, None]


def to_pixels(image: NDArray[np.uint8], contract: PixelContract) -> NDArray[np.float32]:
    """Resize (height, width, channel) uint8 to the contract's size and scale it to the contract's value range."""
    low, high = contract.value_range
    resized = resize_bilinear(image, contract.height, contract.width)
    return resized * np.float32((high - low) / 255) + np.float32(low)


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


def load_pixels(path: str | Path, contract: PixelContract) -> NDArray[np.float32]:
    """Read one image file as the model takes it: (height, width, channel), float32 in the contract's value range."""
    return to_pixels(read_image(path, contract), contract)


def sha256_of_pixels(image: NDArray[np.uint8]) -> str:
    """Return the sha256 of decoded pixels, (height, width, channel) uint8, and of their shape."""
    return hashlib.sha256(repr(image.shape).encode() + np.ascontiguousarray(image).tobytes()).hexdigest()


def _first_bytes(data: bytes) -> str:
    return f"{len(data):,} bytes that begin with {data[:12]!r}" if data else "an empty file"
