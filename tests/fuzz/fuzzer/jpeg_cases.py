"""Mutate JPEG files: segments and their fields, tables, scans that break off, EXIF and profiles."""

import io
import random
import struct
from functools import cache

import numpy as np
from PIL import Image

from .case import Seed, promise
from .edge_values import Traps, bytes_near, flip, integer

#: A marker's number, its content without the length, and the picture data behind it (of SOS alone).
Segment = tuple[int, bytes, bytes]

_SOF = (0xC0, 0xC1, 0xC2, 0xC3, 0xC9)
_SOS, _EOI, _DRI = 0xDA, 0xD9, 0xDD


def seeds() -> list[Seed]:
    """Return JPEG files: grey, subsampled, progressive, CMYK, with restarts, EXIF, profile, and a second picture."""
    return [Seed(name=name, files={"image.jpg": data}, contract=promise()) for name, data in _files().items()]


@cache
def _files() -> dict[str, bytes]:
    noise = np.random.default_rng(0).integers(0, 256, (5, 6, 4), dtype=np.uint8)
    image = Image.fromarray(noise[:, :, :3]).resize((37, 29), Image.Resampling.BILINEAR)
    cmyk = Image.merge("CMYK", [Image.fromarray(noise[:, :, channel]) for channel in range(4)]).resize((24, 16))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a picture"
    profile = b"\0" * 36 + b"acsp" + bytes(88)
    return {
        "grey": _saved(image.convert("L")),
        "444": _saved(image, subsampling=0),
        "420": _saved(image, subsampling=2, quality=30),
        "progressive": _saved(image, progressive=True),
        "restarts": _saved(image, restart_marker_blocks=2),
        "cmyk": _saved(cmyk),
        "exif": _saved(image, exif=exif, icc_profile=profile, comment=b"text"),
        "mpo": _saved(image, "MPO", save_all=True, append_images=[image.rotate(90)]),
    }


def mutate(random: random.Random, seed: Seed, traps: Traps) -> tuple[dict[str, bytes], list[str]]:
    """Return the changed file, and what was done."""
    (data,) = seed.files.values()
    if random.random() < 0.1:
        return {"image.jpg": random.choice((data[: random.randrange(len(data))], flip(random, data, 2)))}, ["bytes"]
    segments, done = split(data), []
    for _ in range(1 + (random.random() < 0.35) + (random.random() < 0.15)):
        segments, what = _change(random, segments)
        done.append(what)
    return {"image.jpg": join(segments)}, done


def split(data: bytes) -> list[Segment]:
    """Return the segments between SOI and the end; what follows EOI is EOI's picture data."""
    segments: list[Segment] = []
    at = 2
    while at < len(data):
        number = data[at + 1]
        if number == _EOI:
            return [*segments, (number, b"", data[at + 2 :])]
        size = int.from_bytes(data[at + 2 : at + 4])
        content, at = data[at + 4 : at + 2 + size], at + 2 + size
        end = at
        while number == _SOS and not (data[end] == 0xFF and data[end + 1] not in (0, *range(0xD0, 0xD8))):
            end += 1
        segments.append((number, content, data[at:end]))
        at = end
    return segments


def join(segments: list[Segment]) -> bytes:
    """Return the file, with right lengths."""
    parts = [b"\xff\xd8"]
    for number, content, rest in segments:
        length = b"" if number == _EOI else struct.pack(">H", min(len(content) + 2, 65535))
        parts.append(bytes([0xFF, number]) + length + content[:65533] + rest)
    return b"".join(parts)


def _change(random: random.Random, segments: list[Segment]) -> tuple[list[Segment], str]:
    at = random.randrange(len(segments))
    number, content, rest = segments[at]
    match random.randrange(10):
        case 0 | 1 | 2:
            return _frame(random, segments)
        case 3 | 4:
            return _scan(random, segments)
        case 5:
            return [*segments[:at], *segments[at + 1 :]], f"{number:#x} gone"
        case 6:
            other = random.randrange(len(segments))
            return [*segments[:other], segments[at], *segments[other:]], f"{number:#x} once more"
        case 7:
            extra = _extra(random)
            return [*segments[:at], extra, *segments[at:]], f"{extra[0]:#x} of {len(extra[1])} bytes"
        case _:
            return [
                *segments[:at],
                (number, bytes_near(random, content), rest),
                *segments[at + 1 :],
            ], f"{number:#x} changed"


def _frame(random: random.Random, segments: list[Segment]) -> tuple[list[Segment], str]:
    """Change the frame header: precision, size, components, their sampling and tables, or its kind."""
    places = [at for at, (number, content, _) in enumerate(segments) if number in _SOF and len(content) >= 9]
    if not places:
        return segments, "nothing"
    at = random.choice(places)
    number, content, rest = segments[at]
    changed = bytearray(content)
    match random.randrange(6):
        case 0 | 1:
            place = random.choice((1, 3))
            old = int.from_bytes(changed[place : place + 2])
            changed[place : place + 2] = integer(random, old, 0, 65535).to_bytes(2)
            what = f"size at {place} = {int.from_bytes(changed[place : place + 2])}"
        case 2:
            changed[0] = random.choice((8, 12, 16, 0, 1))
            what = f"precision {changed[0]}"
        case 3:
            changed[5] = random.choice((0, 1, 2, 3, 4, 5, 255))
            what = f"{changed[5]} components"
        case 4:
            number = random.choice((*_SOF, 0xC5, 0xCA))
            what = f"frame {number:#x}"
        case _:
            place = random.randrange(6, len(changed))
            changed[place] = random.choice((0x11, 0x21, 0x22, 0x41, 0x14, 0, 0xFF, 1, 2, 3, 4))
            what = f"component byte {place} = {changed[place]:#x}"
    return [*segments[:at], (number, bytes(changed), rest), *segments[at + 1 :]], what


def _scan(random: random.Random, segments: list[Segment]) -> tuple[list[Segment], str]:
    """Change a scan's header or its picture data: cut, stuffed, or with restarts where none belong."""
    places = [at for at, segment in enumerate(segments) if segment[0] == _SOS]
    if not places:
        return segments, "nothing"
    at = random.choice(places)
    number, content, rest = segments[at]
    match random.randrange(4):
        case 0:
            content, what = flip(random, content, 1), "scan header"
        case 1:
            rest, what = rest[: random.randrange(len(rest) + 1)], "scan cut"
        case 2:
            place = random.randrange(len(rest) + 1)
            marker = bytes([0xFF, random.choice((0xD0, 0xD3, 0xD7, 0x01, 0xFF, 0xD8, 0xDC, 0x00))])
            rest, what = rest[:place] + marker + rest[place:], f"marker {marker[1]:#x} in the scan"
        case _:
            rest, what = flip(random, rest, 3), "scan bytes"
    return [*segments[:at], (number, content, rest), *segments[at + 1 :]], what


def _extra(random: random.Random) -> Segment:
    """Return a segment that few files have."""
    turn = random.choice((0, 1, 3, 6, 8, 9, 65535))
    count = integer(random, 1, 0, (1 << 32) - 1)
    directory = struct.pack("<HHHII", 1, 0x0112, random.choice((3, 4, 2, 5, 12, 99)), count, turn)
    offset = struct.pack("<I", random.choice((8, 8, 8, 0, 4, 1 << 31)))
    contents: tuple[tuple[int, bytes], ...] = (
        (0xE1, b"Exif\0\0II*\0" + offset + directory),
        (0xE1, b"Exif\0\0MM\0*"),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta tiff:Orientation='6'/>"),
        (0xE2, b"ICC_PROFILE\0" + bytes([random.randrange(4), random.randrange(4)]) + bytes(200)),
        (0xE2, b"MPF\0II*\0" + offset + bytes(60)),
        (0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([random.choice((0, 1, 2, 3))])),
        (0xE0, b"JFIF\0" + bytes(random.randrange(12))),
        (0xED, b"Photoshop 3.0\0" + b"8BIM" + bytes(random.randrange(30))),
        (0xFE, bytes(random.randrange(100))),
        (_DRI, struct.pack(">H", integer(random, 2, 0, 65535))),
        (0xDC, struct.pack(">H", integer(random, 29, 0, 65535))),
        (0xDB, bytes(random.randrange(70))),
        (0xC4, bytes([0, *[random.randrange(4) for _ in range(16)]]) + bytes(40)),
        (0xCC, bytes(4)),
        (random.randrange(0xC0, 0xFF), bytes(random.randrange(20))),
    )
    number, content = random.choice(contents)
    return number, content, b""


def _saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()
