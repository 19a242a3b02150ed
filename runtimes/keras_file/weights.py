"""Count the weights in a Keras HDF5 file or in the one inside a .keras archive, and find what is not inside.

No value is read.
"""

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...contract.errors import InputError, MissingExtraError
from ..detect.zip_kind import DAMAGED_ZIP

#: Largest weights member of a .keras archive that is counted. NASNetLarge has 360 MB.
MAX_WEIGHTS_BYTES = 1 << 30

#: Groups that are not the model's weights.
_NO_WEIGHTS = ("optimizer", "optimizer_weights", "seed_generator", "seed_generators")
#: What h5py raises on a file that is damaged, and Python on groups that are nested without an end.
_DAMAGED_H5 = (OSError, RuntimeError, ValueError, KeyError, RecursionError)


@dataclass(frozen=True, slots=True)
class WeightCount:
    """How many values the weights have, and how many bytes of each dtype."""

    parameters: int
    size_bytes: dict[str, int]


def count_in_archive(path: Path) -> WeightCount | None:
    """Count the weights inside a .keras file; None where h5py, which the base install has not, is missing.

    Raises:
        InputError: no weights inside, too many, or damaged ones.
    """
    try:
        import h5py
    except ImportError:
        return None
    data = _weights_member(path)
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            return _count(file)
    except _DAMAGED_H5 as error:
        raise _damaged("weights inside the .keras file are damaged", path, error) from error


def check_all_is_inside(path: Path) -> None:
    """Refuse a .keras or .h5 file whose weights are bytes of other files: whoever loads it would pass those on.

    Raises:
        InputError: links, or data that HDF5 fetches from elsewhere; a damaged file.
        MissingExtraError: h5py is not installed.
    """
    outside = data_from_outside(path)
    if outside:
        raise InputError(
            "weights are not inside the file",
            where=path,
            expected="data in the file itself",
            received=outside_sentence(outside),
            fix="save it again where it was made: model.save('model.keras')",
        )


def data_from_outside(path: Path) -> tuple[str, ...]:
    """Return the paths inside a .keras or .h5 file that are links, or whose data HDF5 would fetch from elsewhere."""
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError("h5py", needed_for=f"reading {path.name}") from error
    source = io.BytesIO(_weights_member(path)) if zipfile.is_zipfile(path) else path
    try:
        with h5py.File(source, "r") as file:
            return tuple(_outside(file, "", set()))
    except _DAMAGED_H5 as error:
        raise _damaged("HDF5 data are damaged", path, error) from error


def outside_sentence(outside: tuple[str, ...]) -> str:
    """Say what data_from_outside found, for `adopt` and `inspect`."""
    more = f" and {len(outside) - 5} more" if len(outside) > 5 else ""
    return f"{', '.join(outside[:5])}{more}: links, or data that would be fetched from other files"


def _weights_member(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            size_bytes = archive.getinfo("model.weights.h5").file_size  # zipfile reads no more than it says
            data = archive.read("model.weights.h5") if size_bytes <= MAX_WEIGHTS_BYTES else b""
    except KeyError as error:
        expected = "config.json, metadata.json and model.weights.h5"
        raise InputError("an incomplete .keras archive", where=path, expected=expected, received=error) from error
    except DAMAGED_ZIP as error:
        raise _damaged("weights inside the .keras file are damaged", path, error) from error
    if size_bytes > MAX_WEIGHTS_BYTES:
        raise InputError("weights inside are too large", where=path, expected=f"at most {MAX_WEIGHTS_BYTES:,} bytes")
    return data


def count_in_h5(path: Path) -> tuple[bool, WeightCount]:
    """Say whether an HDF5 file holds a whole Keras model (else only weights), and count its weights.

    Raises:
        InputError: a damaged file, or one that Keras did not write.
        MissingExtraError: h5py is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError("h5py", needed_for=f"reading {path.name}") from error
    try:
        with h5py.File(path, "r") as file:
            whole = "model_config" in file.attrs
            by_keras = whole or "layer_names" in file.attrs or {"layers", "vars", "model_weights"} & set(file)
            weights = _count(file)
    except _DAMAGED_H5 as error:
        raise _damaged("HDF5 file is damaged", path, error) from error
    if not by_keras:
        raise InputError("an HDF5 file that holds no Keras model", where=path, expected="one that Keras wrote")
    return whole, weights


def _count(file: Any) -> WeightCount:
    values, size_bytes = 0, Counter[str]()
    for item in _data_sets(file, set()):
        values += int(item.size or 0)
        size_bytes[str(item.dtype)] += int(item.nbytes)
    return WeightCount(values, dict(sorted(size_bytes.items())))


def _data_sets(group: Any, seen: set[int]) -> Iterator[Any]:
    """Yield each data set once; links to other files and paths are not followed."""
    import h5py

    for key in group:
        if key in _NO_WEIGHTS or not isinstance(group.get(key, getlink=True), h5py.HardLink):
            continue
        item = group[key]
        address = h5py.h5o.get_info(item.id).addr
        if address in seen:
            continue
        seen.add(address)
        if isinstance(item, h5py.Group):
            yield from _data_sets(item, seen)
        elif isinstance(item, h5py.Dataset):
            yield item


def _outside(group: Any, prefix: str, seen: set[int]) -> Iterator[str]:
    """Yield what is no hard link to data in this file; nothing is followed, and nothing is left out."""
    import h5py

    for key in group:
        name = f"{prefix}/{key}"
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            yield name
            continue
        item = group[key]
        address = h5py.h5o.get_info(item.id).addr
        if address in seen:
            continue
        seen.add(address)
        if isinstance(item, h5py.Group):
            yield from _outside(item, name, seen)
        elif isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
            yield name


def _damaged(what: str, path: Path, error: Exception) -> InputError:
    received = f"{path.stat().st_size:,} bytes; {str(error)[:200]}"
    fix = "copy or download it again, and compare its size with the source"
    return InputError(what, where=path, received=received, fix=fix)
