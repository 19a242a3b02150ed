"""What a file pays in an app bundle or a download: its bytes once they are deflated."""

import zlib
from pathlib import Path

from .hashing import files_below

#: Read at once: a file may be larger than the memory.
_CHUNK = 1 << 20


def deflated_bytes_of(path: str | Path) -> int:
    """Return the bytes of a file after deflate at level 9, as a ZIP holds it; of a folder, the sum over its files.

    Names and directory of the ZIP, about 100 bytes for each file, are not counted.

    Example:
        A million zeros are 985 bytes: `deflated_bytes_of("zeros.bin")`.

    """
    path = Path(path)
    return _deflated(path) if path.is_file() else sum(_deflated(file) for file in files_below(path))


def _deflated(file: Path) -> int:
    packer, size = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS), 0
    with open(file, "rb") as stream:
        while chunk := stream.read(_CHUNK):
            size += len(packer.compress(chunk))
    return size + len(packer.flush())
