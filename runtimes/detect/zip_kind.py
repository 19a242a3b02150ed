"""What a ZIP archive is, from the names in it: a Keras model, a gate pack, NumPy arrays, a PyTorch checkpoint."""

import zipfile
import zlib
from pathlib import Path

from ...contract.errors import InputError

#: Names read from one archive. A .keras has three or four, a gate pack some thousands.
MAX_NAMES = 200_000

#: What zipfile and zlib raise on an archive that is damaged, encrypted or compressed in an unknown way.
DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


def is_keras_archive(path: Path) -> bool:
    """Say whether the ZIP archive holds what a .keras file holds."""
    return {"config.json", "metadata.json"} <= _names(path)


def name_zip(path: Path) -> None:
    """Raise the InputError that says what this archive, which is no Keras model, is."""
    names = _names(path)
    if {"contract.json", "artifacts.json"} <= {name.rsplit("/", 1)[-1] for name in names}:
        raise InputError("a gate pack, not a model", where=path, fix=f"modelport validate {path} --artifact FILE")
    if names and all(name.endswith(".npy") for name in names):
        raise InputError("NumPy arrays (.npz), not a model", where=path, fix="inspect the model they belong to")
    if any(name.endswith("data.pkl") for name in names):
        fix = "export it to ONNX where it was trained (torch.onnx.export)"
        raise InputError("a PyTorch checkpoint, which holds a pickle and is not opened", where=path, fix=fix)
    if "config.json" in names or path.suffix == ".keras":
        raise InputError(
            "an incomplete .keras archive",
            where=path,
            expected="config.json, metadata.json and model.weights.h5",
            received=_some(names),
            fix="save it again with model.save('model.keras')",
        )
    raise InputError(
        "a ZIP archive that holds no Keras model", where=path, received=_some(names), fix="unpack it and name the model"
    )


def _names(path: Path) -> set[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except DAMAGED_ZIP as error:
        raise InputError(
            "a damaged ZIP archive",
            where=path,
            received=f"{error} ({path.stat().st_size:,} bytes)",
            fix="copy it again",
        ) from error
    if len(names) > MAX_NAMES:
        raise InputError("an archive of too many files", where=path, expected=f"<= {MAX_NAMES:,}", received=len(names))
    return set(names)


def _some(names: set[str]) -> str:
    listed = sorted(repr(name) if not name.isprintable() else name for name in names)
    return ", ".join(listed[:6]) + (f" and {len(listed) - 6} more" if len(listed) > 6 else "") or "nothing"
