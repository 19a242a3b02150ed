"""The image formats that modelport reads: one table, from which every list of names, suffixes and signatures is taken.

A new format is a new row. Training and graphs take the encodable ones; `modelport prepare` re-encodes the others.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFormat:
    """One format.

    Attributes:
        pillow_names: what Pillow calls it; the first name opens it, an opened image has one of them.
        suffixes: of its files, in lower case.
        signature: matches the first bytes of its files, at most `SIGNATURE_BYTES`.
        media_type: as registered at IANA.
        is_encodable: whether DecodeJpeg of every TensorFlow release decodes it, so that graphs and the service take it.
        pillow_feature: what `PIL.features` calls its library, where Pillow may lack that; None: it never does.
    """

    pillow_names: tuple[str, ...]
    suffixes: tuple[str, ...]
    signature: re.Pattern[bytes]
    media_type: str
    is_encodable: bool = False
    pillow_feature: str | None = None

    @property
    def name(self) -> str:
        """Of the format, in messages and for Pillow."""
        return self.pillow_names[0]


#: Enough of a file for every signature: an AVIF names up to 16 compatible brands.
SIGNATURE_BYTES = 80

JPEG = ImageFormat(
    pillow_names=("JPEG", "MPO"),  # MPO: more pictures behind the one that decoders read
    suffixes=(".jpg", ".jpeg"),
    # The third byte begins the next marker (ITU T.81, B.1.1.2); Pillow and TensorFlow ask for it.
    signature=re.compile(rb"\xff\xd8\xff"),
    media_type="image/jpeg",
    is_encodable=True,
)
PNG = ImageFormat(
    pillow_names=("PNG",),
    suffixes=(".png",),
    # All eight bytes: its line ends tell a file that was transferred as text (PNG specification, 5.2).
    signature=re.compile(rb"\x89PNG\r\n\x1a\n"),
    media_type="image/png",
    is_encodable=True,
)

#: In the order in which decoding tries them.
IMAGE_FORMATS = (
    JPEG,
    PNG,
    ImageFormat(
        pillow_names=("BMP",),
        suffixes=(".bmp",),
        # BM alone begins many a file that is none: the size of the header that follows is one of seven.
        signature=re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL),
        media_type="image/bmp",
    ),
    ImageFormat(pillow_names=("GIF",), suffixes=(".gif",), signature=re.compile(rb"GIF8[79]a"), media_type="image/gif"),
    ImageFormat(
        pillow_names=("WEBP",),
        suffixes=(".webp",),
        signature=re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
        media_type="image/webp",
        pillow_feature="webp",
    ),
    ImageFormat(
        pillow_names=("TIFF",),
        suffixes=(".tif", ".tiff"),
        signature=re.compile(rb"II[*+]\0|MM\0[*+]"),  # + is BigTIFF
        media_type="image/tiff",
    ),
    ImageFormat(
        pillow_names=("AVIF",),
        suffixes=(".avif",),
        # ISO/IEC 14496-12: box size, ftyp, the major brand, its version, compatible brands. mif1 and msf1 are any HEIF.
        signature=re.compile(rb".{4}ftyp(?:avi[fs]|m[is]f1.{4}(?:.{4}){0,15}?avi[fs])", re.DOTALL),
        media_type="image/avif",
        pillow_feature="avif",
    ),
)

#: What may be fed as a file.
ENCODABLE = tuple(each for each in IMAGE_FORMATS if each.is_encodable)

#: How the names of image files end, in lower case.
IMAGE_SUFFIXES = tuple(suffix for each in IMAGE_FORMATS for suffix in each.suffixes)


def image_format_of(data: bytes) -> ImageFormat | None:
    """Return the format of a file by its first bytes; None for anything that is not in the table.

    Args:
        data: the file, or its first `SIGNATURE_BYTES`.

    Example:
        >>> image_format_of(b"GIF89a...").media_type
        'image/gif'
    """
    return next((each for each in IMAGE_FORMATS if each.signature.match(data)), None)


def is_encodable(data: bytes) -> bool:
    """Whether a file may be fed to a graph that decodes it, by its first bytes."""
    return image_format_of(data) in ENCODABLE
