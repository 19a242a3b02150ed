"""Is an upload small enough to decode, and whole? Asked before a model sees it."""

import io
import warnings

from PIL import Image

from ....contract.errors import InputError
from ....contract.image.decode import open_image
from ....contract.image.image_formats import ENCODABLE
from .refusal import Refusal, refusal_of

_FORMATS = tuple(each.name for each in ENCODABLE)


def check_size(data: bytes, max_pixels: int) -> None:
    """Refuse an image with more pixels than `max_pixels`; its head is read, nothing is decoded.

    Raises:
        Refusal: too many pixels, or no head that can be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own limit warns; ours decides
            width, height = Image.open(io.BytesIO(data), formats=_FORMATS).size
    except Image.DecompressionBombError as error:
        raise _too_large("more", max_pixels) from error
    except Exception as error:  # Pillow's plugins raise whatever comes
        raise Refusal(400, "the image cannot be decoded") from error
    if width * height > max_pixels:
        raise _too_large(f"{width} x {height}", max_pixels)


def check_whole(data: bytes) -> None:
    """Refuse a damaged or cut image, which a graph that decodes by itself might answer with grey where data is missing.

    Raises:
        Refusal: as contract.image.decode.open_image.
    """
    try:
        open_image(data, None)
    except InputError as error:
        raise refusal_of(error) from error


def _too_large(received: str, max_pixels: int) -> Refusal:
    return Refusal(400, f"the image has too many pixels; expected at most {max_pixels:,}; received {received}")
