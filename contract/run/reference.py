"""reference.npz: predictions of model.keras for the test split, so that a judge needs no TensorFlow."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..files.atomic_write import write_bytes

#: Unpacked: 100,000 images with 2,000 classes are 0.8 GB.
MAX_UNPACKED_BYTES = 1 << 30

#: What NumPy, zipfile and zlib raise on a file that is missing, no archive, damaged, incomplete or pickled.
_DAMAGED = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RuntimeError,
    EOFError,
    MemoryError,  # a header may claim any shape
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What the Keras model answered.

    Attributes:
        run_id, model_sha256: of the run and its model.keras.
        paths: (n,) relative to the data set, with forward slashes.
        file_sha256: (n,) of each file.
        pixels_sha256: (n,) of each decoded image, before resizing, so that a changed decoder is named as such.
        truths: head name to (n,) label index, int64 (classification), or value, float32 (regression).
        predictions: head name to (n, classes) probabilities in [0, 1] or (n, 1) values, float32.
    """

    run_id: str
    model_sha256: str
    paths: tuple[str, ...]
    file_sha256: tuple[str, ...]
    pixels_sha256: tuple[str, ...]
    truths: dict[str, NDArray[Any]]
    predictions: dict[str, NDArray[np.float32]]

    def row_of_file(self) -> dict[str, int]:
        """Map the sha256 of a file to its row."""
        return {digest: row for row, digest in enumerate(self.file_sha256)}


def write_reference(path: str | Path, reference: Reference) -> None:
    """Write reference.npz atomically."""
    write_bytes(path, reference_bytes(reference))


def reference_bytes(reference: Reference) -> bytes:
    """Return the content of reference.npz: compressed, undated, without pickle."""
    arrays: dict[str, Any] = {
        "run_id": np.array(reference.run_id),
        "model_sha256": np.array(reference.model_sha256),
        "paths": np.array(reference.paths),
        "file_sha256": np.array(reference.file_sha256),
        "pixels_sha256": np.array(reference.pixels_sha256),
    }
    arrays |= {f"truths/{head}": values for head, values in reference.truths.items()}
    arrays |= {f"predictions/{head}": values for head, values in reference.predictions.items()}
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    return packed.getvalue()


def read_reference(path: str | Path) -> Reference:
    """Read reference.npz.

    Raises:
        InputError: missing, damaged, of unequal length, without numbers, or holding pickled objects (which are never
            read).
    """
    try:
        _check_size(path)
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        reference = Reference(
            run_id=str(arrays.pop("run_id")),
            model_sha256=str(arrays.pop("model_sha256")),
            paths=tuple(arrays.pop("paths").tolist()),
            file_sha256=tuple(arrays.pop("file_sha256").tolist()),
            pixels_sha256=tuple(arrays.pop("pixels_sha256").tolist()),
            truths=_below("truths/", arrays),
            predictions=_below("predictions/", arrays),
        )
    except _DAMAGED as error:
        raise InputError("reference predictions cannot be read", where=path, received=error) from error
    _check(reference, path)
    return reference


def _check_size(path: str | Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        raise ValueError(f"{unpacked:,} bytes unpacked, at most {MAX_UNPACKED_BYTES:,}")


def _check(reference: Reference, where: str | Path) -> None:
    columns: dict[str, Any] = {"file_sha256": reference.file_sha256, "pixels_sha256": reference.pixels_sha256}
    numbers = _named("truths/", reference.truths) | _named("predictions/", reference.predictions)
    wrong = [f"{name}: {array.dtype}" for name, array in numbers.items() if array.dtype.kind not in "iuf"]
    if wrong:
        raise InputError("reference holds no numbers", where=where, received=", ".join(wrong))
    texts = {"paths": reference.paths} | columns
    flat = [name for name, values in texts.items() if not all(isinstance(value, str) for value in values)]
    flat += [name for name, array in numbers.items() if array.ndim != (2 if name.startswith("predictions/") else 1)]
    if flat:
        expected = "a row of texts each; truths (n,), predictions (n, width)"
        raise InputError("reference has arrays of another shape", where=where, expected=expected, received=flat)
    n = len(reference.paths)
    lengths = {name: np.shape(values)[:1] for name, values in (columns | numbers).items()}
    wrong = [f"{name}: {length[0] if length else 'no'} rows" for name, length in lengths.items() if length != (n,)]
    if wrong:
        expected = f"{n} rows each, as paths has"
        raise InputError("reference is of unequal length", where=where, expected=expected, received=", ".join(wrong))


def _below(prefix: str, arrays: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _named(prefix: str, arrays: dict[str, Any]) -> dict[str, Any]:
    return {prefix + name: array for name, array in arrays.items()}
