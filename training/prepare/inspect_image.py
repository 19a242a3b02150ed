"""Read each file once: hash it, decode all of it, and re-encode it where decoders disagree."""

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...contract.cores import cores
from ...contract.errors import InputError
from ...contract.files import disk
from ...contract.image.decode import open_image
from ...contract.narration import Narrator
from .find_images import FoundImage
from .quarantine import Quarantined
from .upright_png import encode_upright_png, why_not_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedImage:
    """An image that was decoded from its first to its last pixel.

    Attributes:
        found: where it came from.
        sha256: of the file as the data set will hold it.
        reencoded: why it was re-encoded; None: the file stays as it is.
        staged: the re-encoded file; None: the file stays as it is.
    """

    found: FoundImage
    sha256: str
    reencoded: str | None = None
    staged: Path | None = None


def inspect_images(
    images: Sequence[FoundImage], staging: Path, narrator: Narrator
) -> tuple[list[InspectedImage], list[Quarantined]]:
    """Inspect all files in a pool of threads; most of the time is spent in the decoders, which let others run.

    Args:
        images: what to read.
        staging: an existing folder for re-encoded files.
        narrator: is shown the progress.

    Returns:
        Good images and bad files, both in the order of `images`.
    """
    good, bad = [], []
    staged = (staging / f"{number}.png" for number in range(len(images)))
    with _decoders() as pool:
        for result in narrator.track(pool.map(inspect_image, images, staged), len(images), "reading"):
            if isinstance(result, Quarantined):
                bad.append(result)
            else:
                good.append(result)
    return good, bad


def inspect_image(found: FoundImage, staged: Path) -> InspectedImage | Quarantined:
    """Inspect one file; where it has to be re-encoded, write the new file to `staged`."""
    try:
        data = _read(found.path)
        image = open_image(data, found.source)
        reason = why_not_plain(image, data)
        written = encode_upright_png(image) if reason else data
    except InputError as error:
        received = "" if error.received is None else f": {error.received}"
        return Quarantined(found.source, f"{error.what}{received}")
    except (ValueError, MemoryError, RuntimeError) as error:  # pixels that Pillow can read and not convert
        return Quarantined(found.source, f"pixels cannot become RGB: {error}")
    digest = hashlib.sha256(written).hexdigest()
    if not reason:
        return InspectedImage(found=found, sha256=digest)
    disk.write_file(staged, written)
    return InspectedImage(found=found, sha256=digest, reencoded=reason, staged=staged)


@contextmanager
def _decoders() -> Iterator[ThreadPoolExecutor]:
    """Yield a pool of threads; whoever leaves early, with Ctrl-C say, leaves no file to be read after that."""
    pool = ThreadPoolExecutor(min(8, cores()))
    # `open_image` silences Pillow's warnings, which is not thread-safe: what one thread restores, another had changed.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of damaged EXIF, say, which is read as none
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise InputError("not a file", received="a broken link, a pipe or a device")
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("file cannot be read", received=error.strerror) from error
