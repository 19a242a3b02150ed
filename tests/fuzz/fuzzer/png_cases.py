"""Mutate PNG files: chunks and their fields, with checksums that are right again, and rows that are compressed anew."""

import io
import random
import struct
import zlib
from functools import cache

import numpy as np
from PIL import Image

from .case import Seed, promise
from .edge_values import Traps, bytes_near, flip, integer

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
Chunk = tuple[bytes, bytes]


def seeds() -> list[Seed]:
    """Return PNG files of each colour type, interlaced, with text, profile, EXIF, and animated."""
    return [Seed(name=name, files={"image.png": data}, contract=promise()) for name, data in _files().items()]


@cache
def _files() -> dict[str, bytes]:
    noise = np.random.default_rng(0).integers(0, 256, (13, 17, 4), dtype=np.uint8)
    modes = {"L": noise[:, :, 0], "LA": noise[:, :, :2], "RGB": noise[:, :, :3], "RGBA": noise}
    images = {mode: Image.fromarray(values) for mode, values in modes.items()}
    images["P"], images["1"] = images["RGB"].quantize(16), images["L"].convert("1")
    images["I;16"] = Image.fromarray(noise[:, :, 0].astype(np.uint16) * 257)
    files = {}
    for mode, image in images.items():
        exif = Image.Exif()
        exif[0x0112] = 6
        more = (
            {"exif": exif, "icc_profile": b"\0" * 36 + b"acsp" + bytes(88), "dpi": (72, 72)}
            if mode in ("RGB", "P")
            else {}
        )
        files[mode] = _saved(image, **more)
    files["tRNS"] = _saved(images["RGB"], transparency=(1, 2, 3))
    files["animated"] = _saved(images["RGB"], save_all=True, append_images=[images["RGB"].rotate(90)] * 2)
    files["interlaced"] = _interlaced(images["L"])
    return files


def mutate(random: random.Random, seed: Seed, traps: Traps) -> tuple[dict[str, bytes], list[str]]:
    """Return the changed file, and what was done."""
    (data,) = seed.files.values()
    if random.random() < 0.1:
        return {"image.png": random.choice((data[: random.randrange(len(data))], flip(random, data, 2)))}, ["bytes"]
    chunks, done = split(data), []
    for _ in range(1 + (random.random() < 0.35) + (random.random() < 0.15)):
        chunks, what = _change(random, chunks)
        done.append(what)
    joined = join(chunks)
    if random.random() < 0.03:
        joined = joined + flip(random, joined, 1)
        done.append("another file behind it")
    return {"image.png": joined}, done


def split(data: bytes) -> list[Chunk]:
    """Return the kind and content of each chunk."""
    at, chunks = len(_SIGNATURE), []
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        chunks.append((kind, data[at + 8 : at + 8 + size]))
        at += 12 + size
    return chunks


def join(chunks: list[Chunk]) -> bytes:
    """Return the file, with right lengths and checksums."""
    parts = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    ]
    return _SIGNATURE + b"".join(parts)


def _change(random: random.Random, chunks: list[Chunk]) -> tuple[list[Chunk], str]:
    at = random.randrange(len(chunks))
    kind, data = chunks[at]
    match random.randrange(10):
        case 0 | 1 | 2:
            return _header(random, chunks)
        case 3 | 4:
            return _rows(random, chunks)
        case 5:
            return [*chunks[:at], *chunks[at + 1 :]], f"{kind!r} gone"
        case 6:
            other = random.randrange(len(chunks))
            return [*chunks[:other], chunks[at], *chunks[other:]], f"{kind!r} once more"
        case 7:
            extra = _extra(random)
            place = random.randrange(1, len(chunks) + 1)
            return [*chunks[:place], extra, *chunks[place:]], f"{extra[0]!r} of {len(extra[1])} bytes"
        case _:
            return [*chunks[:at], (kind, bytes_near(random, data)), *chunks[at + 1 :]], f"{kind!r} changed"


def _header(random: random.Random, chunks: list[Chunk]) -> tuple[list[Chunk], str]:
    kind, data = chunks[0]
    if kind != b"IHDR" or len(data) != 13:
        return chunks, "nothing"
    fields = list(struct.unpack(">IIBBBBB", data))
    which = random.randrange(7)
    if which < 2:
        fields[which] = integer(random, fields[which], 0, (1 << 32) - 1)
    else:
        pools = {2: (1, 2, 4, 8, 16, 3, 0), 3: (0, 2, 3, 4, 6, 1), 4: (0, 1), 5: (0, 1), 6: (0, 1, 2)}
        fields[which] = random.choice(pools[which])
    name = ("width", "height", "bit depth", "colour type", "compression", "filter", "interlace")[which]
    return [(kind, struct.pack(">IIBBBBB", *fields)), *chunks[1:]], f"{name} = {fields[which]}"


def _rows(random: random.Random, chunks: list[Chunk]) -> tuple[list[Chunk], str]:
    """Change the rows before they are compressed: filter types, too few, too many."""
    places = [number for number, (kind, _) in enumerate(chunks) if kind == b"IDAT"]
    if not places:
        return chunks, "nothing"
    try:
        rows = zlib.decompress(b"".join(chunks[place][1] for place in places))
    except zlib.error:
        return chunks, "nothing"
    if random.random() < 0.1:
        rows += bytes(1 << 22)
    else:
        rows = bytes_near(random, rows)
    data = zlib.compress(rows, random.randrange(10))
    if random.random() < 0.2:
        data = bytes_near(random, data)
    cut = random.randrange(len(data) + 1)
    pieces = [(b"IDAT", piece) for piece in (data[:cut], data[cut:])]
    rest = [chunk for number, chunk in enumerate(chunks) if number not in places]
    return [*rest[: places[0]], *pieces, *rest[places[0] :]], f"{len(rows)} bytes of rows"


def _extra(random: random.Random) -> Chunk:
    """Return a chunk that few files have."""
    bomb = zlib.compress(bytes(1 << 22))
    exif = b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x0112, 3, 1, random.choice((0, 3, 6, 8, 9, 65535)))
    return random.choice(
        (
            (b"zTXt", b"comment\0\0" + bomb),
            (b"iTXt", b"comment\0\1\0\0\0" + bomb),
            (b"iCCP", b"profile\0\0" + bomb),
            (b"tEXt", b"key\0" + b"text" * 100),
            (b"eXIf", exif),
            (b"eXIf", b"II*\0" + struct.pack("<I", integer(random, 8, 0, (1 << 32) - 1))),
            (b"tRNS", bytes(random.randrange(300))),
            (b"PLTE", bytes(random.randrange(900))),
            (b"acTL", struct.pack(">II", integer(random, 2, 0, (1 << 32) - 1), 0)),
            (b"fcTL", struct.pack(">IIIIIHHBB", 0, integer(random, 17, 0, (1 << 32) - 1), 13, 0, 0, 1, 1, 0, 0)),
            (b"gAMA", struct.pack(">I", integer(random, 45455, 0, (1 << 32) - 1))),
            (b"cHRM", bytes(random.randrange(40))),
            (b"pHYs", bytes(random.randrange(12))),
            (b"IDAT", b""),
            (b"IEND", b""),
            (bytes(random.randrange(65, 123) for _ in range(4)), bytes(random.randrange(50))),
        )
    )


def _saved(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


def _interlaced(image: Image.Image) -> bytes:
    """Return a grey PNG in Adam7's order, which Pillow reads and does not write."""
    values = np.asarray(image)
    steps = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    rows = b"".join(b"\0" + row.tobytes() for y, x, dy, dx in steps for row in values[y::dy, x::dx])
    header = struct.pack(">IIBBBBB", image.width, image.height, 8, 0, 0, 0, 1)
    return join([(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")])
