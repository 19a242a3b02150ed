"""Which image files all decoders read alike, and how the others become such files."""

import io
import zlib

from PIL import Image

from ...contract.errors import InputError
from ...contract.image.decode import to_eight_bits
from ...contract.image.image_formats import JPEG, PNG
from ...contract.image.upright import TURNS, orientation_of


def why_not_plain(image: Image.Image, data: bytes) -> str | None:
    """Return what decoders disagree about; None for an upright 8-bit RGB or grey JPEG or PNG.

    Args:
        image: as `contract.image.decode.open_image` returns it.
        data: the bytes that it was decoded from.

    Raises:
        InputError: a PNG file that is damaged where Pillow does not look and other decoders do.
    """
    if image.format in PNG.pillow_names:
        _check_chunks(data)
        if data[24] != 8:  # the bit depth, at its fixed place; Pillow's mode hides the 16 bits of a colour image
            return f"{data[24]} bits"
        if getattr(image, "is_animated", False):
            return "animated"
    elif image.format not in JPEG.pillow_names:
        return f"format {image.format}"
    if image.mode not in ("RGB", "L"):
        return f"mode {image.mode}"
    if "transparency" in image.info:
        return "transparent colour"
    turn = orientation_of(image)
    return f"EXIF orientation {turn}" if turn in TURNS else None


def encode_upright_png(image: Image.Image) -> bytes:
    """Return the first frame as an RGB PNG file, 8 bits, turned upright, without metadata. An alpha channel is dropped.

    Raises:
        InputError: 32-bit pixels, whose range nothing tells.
    """
    turn = TURNS.get(orientation_of(image))
    image = to_eight_bits(image).convert("RGB")
    if turn is not None:
        image = image.transpose(turn)
    stream = io.BytesIO()
    Image.frombytes("RGB", image.size, image.tobytes()).save(stream, "PNG")
    return stream.getvalue()


def _check_chunks(data: bytes) -> None:
    """Raise InputError unless the checksum of every chunk is right, up to the last one."""
    at, kind = 8, b""
    while kind != b"IEND":
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        end = at + 8 + size
        if len(data) < end + 4:
            raise InputError("PNG file is truncated", received=f"{len(data):,} bytes, not even {end + 4:,}")
        if int.from_bytes(data[end : end + 4]) != zlib.crc32(data[at + 4 : end]):
            raise InputError("PNG file is damaged", received=f"a wrong checksum in its {kind!r} chunk")
        at = end + 4
