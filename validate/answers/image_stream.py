"""Images for every artifact: decoded once, brought into each form once, kept within a limit of memory."""

import hashlib
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...contract.cores import cores
from ...contract.errors import InputError
from ...contract.image.decode import decode_image, sha256_of_pixels, to_pixels
from ...contract.image.image_formats import is_encodable
from ...contract.image.pixels import PixelContract
from ...contract.narration import Narrator, Silent

Rows = NDArray[np.intp]

#: Images beyond this are decoded, or resized, again for each artifact: a judge has to fit beside a training run.
KEPT_BYTES = 512 * 2**20


class _Loaded(NamedTuple):
    image: NDArray[np.uint8]
    file_sha256: str
    pixels_sha256: str
    is_encodable: bool
    is_grey: bool
    is_of_size: bool


class ImageStream:
    """The images of one judgement, for several threads.

    Attributes:
        paths: (n,) files.
        file_sha256: (n,) of each file.
        pixels_sha256: (n,) of each decoded image, before resizing.
        encodable: (n,) whether the file is a JPEG or PNG, which graphs that take file bytes can decode.
        is_grey: whether no image has a colour.
        is_of_size: whether every image has the model's size, so that none is resized.

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
        self.paths, self._contract, self._free_bytes = paths, contract, kept_bytes
        self._decoded: dict[int, NDArray[np.uint8]] = {}
        self._formed: dict[tuple[PixelContract, int], NDArray[Any]] = {}
        digests = []
        with _decoders() as pool:
            loaded = pool.map(self._load, paths)
            for row, one in enumerate((narrator or Silent()).track(loaded, len(paths), "decode images")):
                digests.append(one[1:])
                self._keep(self._decoded, row, one.image)
        self.file_sha256, self.pixels_sha256 = (tuple(str(digest[i]) for digest in digests) for i in (0, 1))
        self.encodable: NDArray[np.bool_] = np.array([digest[2] for digest in digests], dtype=bool)
        self.is_grey, self.is_of_size = (all(digest[i] for digest in digests) for i in (3, 4))

    def __len__(self) -> int:
        return len(self.paths)

    def pixels(self, rows: Rows, taken: PixelContract) -> NDArray[Any]:
        """Return a batch as an artifact takes it, see `to_pixels`; images of their own sizes one at a time."""
        return np.stack([self._in_form(int(row), taken) for row in rows])

    def encoded(self, rows: Rows) -> list[bytes]:
        """Return the bytes of the files."""
        return [_read(self.paths[row]) for row in rows]

    def _in_form(self, row: int, taken: PixelContract) -> NDArray[Any]:
        pixels = self._formed.get((taken, row))
        if pixels is None:
            image = self._decoded.get(row)
            if image is None:
                image = decode_image(_read(self.paths[row]), self._contract, where=self.paths[row])
            pixels = to_pixels(image, taken)
            if taken.preprocessing != "in_graph":  # there the decoded image itself is what is taken
                self._keep(self._formed, (taken, row), pixels)
        return pixels

    def _keep(self, kept: dict[Any, NDArray[Any]], key: Any, array: NDArray[Any]) -> None:
        """Keep an array if there is memory; two threads that keep the same one count it twice, which costs nothing."""
        if array.nbytes <= self._free_bytes:
            self._free_bytes -= array.nbytes
            kept[key] = array

    def _load(self, path: Path) -> _Loaded:
        data = _read(path)
        image = decode_image(data, self._contract, where=path)
        return _Loaded(
            image,
            hashlib.sha256(data).hexdigest(),
            sha256_of_pixels(image),
            is_encodable=is_encodable(data),
            is_grey=bool((image == image[..., :1]).all()),
            is_of_size=image.shape[:2] == (self._contract.height, self._contract.width),
        )


def batches(rows: Rows, size: int) -> Iterator[Rows]:
    """Yield `rows` in pieces of at most `size`."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


@contextmanager
def _decoders() -> Iterator[ThreadPoolExecutor]:
    """Yield a pool of threads: the decoders let others run. Whoever leaves early leaves no file to be read."""
    pool = ThreadPoolExecutor(min(8, cores()))
    with warnings.catch_warnings():  # `open_image` silences Pillow's, and its threads must find them silenced already
        warnings.simplefilter("ignore")
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("image cannot be read", where=path, received=error.strerror) from error
