"""Images for every artifact: decoded once, kept as uint8 within a limit of memory, handed out in batches."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.decode import decode_image, sha256_of_pixels, to_pixels
from ..contract.errors import InputError
from ..contract.narration import Narrator, Silent
from ..contract.pixels import PixelContract

Rows = NDArray[np.intp]

#: Decoded images beyond this are decoded again for each artifact: a judge has to fit beside a training run.
KEPT_BYTES = 512 * 2**20

_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"


class ImageStream:
    """The images of one judgement.

    Attributes:
        paths: (n,) files.
        file_sha256: (n,) of each file.
        pixels_sha256: (n,) of each decoded image, before resizing.
        encodable: (n,) whether the file is a JPEG or PNG, which graphs that take file bytes can decode.

    """

    def __init__(
        self,
        paths: tuple[Path, ...],
        contract: PixelContract,  # of the run: says how files are decoded
        *,
        kept_bytes: int = KEPT_BYTES,
        narrator: Narrator | None = None,
    ) -> None:
        """Read, hash and decode every image; raises InputError for one that cannot be."""
        self.paths, self._contract = paths, contract
        self._kept: dict[int, NDArray[np.uint8]] = {}
        file_sha256, pixels_sha256, encodable = [], [], []
        for row in (narrator or Silent()).track(range(len(paths)), len(paths), "decode images"):
            data = _read(paths[row])
            image = decode_image(data, contract, where=paths[row])
            file_sha256.append(hashlib.sha256(data).hexdigest())
            pixels_sha256.append(sha256_of_pixels(image))
            encodable.append(data.startswith((_JPEG, _PNG)))
            if image.nbytes <= kept_bytes:
                kept_bytes -= image.nbytes
                self._kept[row] = image
        self.file_sha256, self.pixels_sha256 = tuple(file_sha256), tuple(pixels_sha256)
        self.encodable: NDArray[np.bool_] = np.array(encodable, dtype=bool)

    def __len__(self) -> int:
        return len(self.paths)

    def pixels(self, rows: Rows, taken: PixelContract) -> NDArray[Any]:
        """Return a batch as an artifact takes it, see `to_pixels`; images of their own sizes one at a time."""
        return np.stack([to_pixels(self._decoded(int(row)), taken) for row in rows])

    def encoded(self, rows: Rows) -> list[bytes]:
        """Return the bytes of the files."""
        return [_read(self.paths[row]) for row in rows]

    def _decoded(self, row: int) -> NDArray[np.uint8]:
        if row in self._kept:
            return self._kept[row]
        return decode_image(_read(self.paths[row]), self._contract, where=self.paths[row])


def batches(rows: Rows, size: int) -> Iterator[Rows]:
    """Yield `rows` in pieces of at most `size`."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("image cannot be read", where=path, received=error.strerror) from error
