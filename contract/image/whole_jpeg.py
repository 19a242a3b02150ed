"""Is all of a JPEG's picture there? Decoders say nothing when the data of a scan ends early and an end marker follows.

libjpeg fills what is missing with grey and only counts a warning, which Pillow does not pass on. It is found out thus:
bytes inserted where the data of the last scan ends are decoded, and change pixels, if data was missing; after a whole
scan they are skipped, because the number of blocks is known (ITU T.81, A.2). One cut stays unseen: a progressive file
that ends exactly between two scans is a valid, coarser picture.
"""

import io
import re

from PIL import Image

#: A marker, as opposed to a stuffed zero or a fill byte, and to a restart (ITU T.81, B.1.1.2 to B.1.1.5).
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_RESTART = re.compile(rb"\xff([\xd0-\xd7])", re.DOTALL)
_SOS, _EOI = 0xDA, 0xD9
_WITHOUT_LENGTH = {0x01, 0xD8, _EOI}
#: A decoder makes grey 128 of blocks that never came; chroma of a neighbour may shift its rounding.
_GREYS = range(127, 130)
#: Any bits serve; without 0xFF there is no marker in them.
_INSERTED = bytes(range(0x13, 0xF3, 7)) * 8
_STRIP = 64


def is_cut(image: Image.Image, data: bytes) -> bool:
    """Whether picture data is missing from a JPEG that was decoded without an error.

    A picture of one scan is decoded a second time only if its last pixel is grey as missing ones are, so that reading a
    data set costs hardly more.

    Args:
        image: decoded from `data` by Pillow.
        data: a JPEG file; pictures behind the first are not looked at.
    """
    scans, is_complete = _scans(data)
    if not is_complete:
        return True
    if not scans or (len(scans) == 1 and not _ends_in_grey(image)):
        return False
    start, end = scans[-1]
    # After a restart the decoder counts blocks anew, and takes nothing before the marker with the next number.
    numbers = _RESTART.findall(data, start, end)
    restart = bytes([0xFF, 0xD0 + (numbers[-1][0] - 0xD0 + 1) % 8 if numbers else 0xD0])
    more = _INSERTED + restart + _INSERTED
    probe = Image.open(io.BytesIO(data[:end] + more + bytes([0xFF, _EOI])), formats=("JPEG",))
    return not _are_equal(image, probe)


def _scans(data: bytes) -> tuple[list[tuple[int, int]], bool]:
    """Return where the data of each scan of the first picture begins and ends, and whether no segment breaks off.

    Lengths are honoured, so that the thumbnail inside a segment is passed over.
    """
    at, start = 2, None
    scans: list[tuple[int, int]] = []
    while marker := _MARKER.search(data, at):
        if start is not None:
            scans.append((start, marker.start()))
        kind, at = marker[1][0], marker.end()
        if kind == _EOI:
            return scans, True
        if kind not in _WITHOUT_LENGTH:
            at += int.from_bytes(data[at : at + 2])
        start = at if kind == _SOS else None
    if start is None:
        return scans, False
    return [*scans, (start, len(data))], True


def _ends_in_grey(image: Image.Image) -> bool:
    if image.mode not in ("L", "RGB"):
        return True
    corner = image.crop((image.width - 1, image.height - 1, image.width, image.height))
    return corner.convert("L").getpixel((0, 0)) in _GREYS


def _are_equal(one: Image.Image, other: Image.Image) -> bool:
    """Compare strip by strip: a large picture needs no third and fourth copy."""
    for top in range(0, one.height, _STRIP):
        box = (0, top, one.width, min(top + _STRIP, one.height))
        if one.crop(box).tobytes() != other.crop(box).tobytes():
            return False
    return True
