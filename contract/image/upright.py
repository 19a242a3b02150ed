"""EXIF orientation: which way up an image is to be shown."""

import struct

from PIL import ExifTags, Image

#: EXIF orientation to what turns the image upright. Browsers and phones obey it, `DecodeJpeg` does not.
#: https://pillow.readthedocs.io/en/stable/reference/ImageOps.html#PIL.ImageOps.exif_transpose
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

#: What Pillow raises on damaged EXIF.
_EXIF_ERRORS = (SyntaxError, struct.error, OSError, ValueError, KeyError, IndexError, TypeError)


def orientation_of(image: Image.Image) -> int:
    """Return the EXIF orientation; 1, upright, where there is none or nobody can read it."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except _EXIF_ERRORS:
        return 1


def turned_upright(image: Image.Image) -> Image.Image:
    """Return the image as it is to be shown.

    `PIL.ImageOps.exif_transpose` writes EXIF anew besides, and fails where other fields of it are damaged.
    """
    turn = TURNS.get(orientation_of(image))
    return image if turn is None else image.transpose(turn)
