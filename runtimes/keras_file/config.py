"""The configuration inside a Keras file, read without Keras, and who would run code if the model were rebuilt."""

import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...contract.errors import InputError, MissingExtraError
from .known_names import ACTIVATIONS, LAYERS, SYMBOL_LAYERS
from .stored_object import KerasObject

#: Largest configuration that is read: that of keras.applications' NASNetLarge has 1.0 MB (Keras 3.15.1).
MAX_CONFIG_BYTES = 1 << 25


@dataclass(frozen=True, slots=True)
class KerasConfig:
    """What a Keras file says about its model.

    Attributes:
        config: the model's serialized form: "class_name", "config" and more.
        keras_version: that wrote the file; None if it does not say.
        objects: every object that would be rebuilt, in the file's order; the model itself is the first. Of a .keras
            file Keras leaves out what the model was compiled with; that of a model inside it, and of an .h5, it builds.
    """

    config: dict[str, Any]
    keras_version: str | None
    objects: tuple[KerasObject, ...]


def read_config(path: str | Path) -> KerasConfig:
    """Read the configuration of a .keras file (standard library only) or of a legacy .h5 file (h5py).

    Raises:
        InputError: not such a file, weights only, or a configuration that is damaged or too large.
        MissingExtraError: an .h5 file, and h5py is not installed.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("model does not exist", where=path)
    is_archive = _is_archive(path)
    text, version = _read_zip(path) if is_archive else _read_h5(path)
    config = _parse(text, path)
    if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
        raise InputError("Keras configuration is not understood", where=path, expected="a class_name and its config")
    rebuilt = {key: value for key, value in config.items() if not (is_archive and key == "compile_config")}
    try:
        objects = tuple(_objects(rebuilt, "(the model)"))
    except RecursionError as error:
        raise InputError("Keras configuration is nested too deeply", where=path) from error
    return KerasConfig(config, version, objects)


def _is_archive(path: Path) -> bool:
    """Tell by name and content, as both Keras do: a file may be a ZIP and an HDF5 file at once."""
    if not zipfile.is_zipfile(path):
        return False
    if path.suffix == ".keras":
        return True
    fix = f"rename it to {path.stem}.keras, if that is what it is"
    raise InputError("ZIP archive is not called .keras", where=path, expected="a .keras file", fix=fix)


def _read_zip(path: Path) -> tuple[bytes, str | None]:
    try:
        with zipfile.ZipFile(path) as archive:
            text = _member(archive, "config.json", path)
            names = archive.namelist()
            metadata = _parse(_member(archive, "metadata.json", path), path) if "metadata.json" in names else {}
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise InputError("file is damaged", where=path, expected="a .keras file", received=error) from error
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    return text, version if isinstance(version, str) else None


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    if name not in archive.namelist():
        received = ", ".join(archive.namelist()[:5]) or "an empty archive"
        raise InputError("not a .keras file", where=path, expected=f"a ZIP archive with {name}", received=received)
    with archive.open(name) as stream:  # the size in the directory is the author's word: count what comes out
        data = stream.read(MAX_CONFIG_BYTES + 1)
    _check_size(len(data), name, path)
    return data


def _read_h5(path: Path) -> tuple[bytes, str | None]:
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError("h5py", needed_for=f"reading {path.name}") from error
    try:
        with h5py.File(path, "r") as file:
            text, version = file.attrs.get("model_config"), file.attrs.get("keras_version")
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:  # TypeError: no type of NumPy's
        received = f"it begins with {_first_bytes(path)!r}"
        raise InputError("not a Keras file", where=path, expected="a .keras or .h5 file", received=received) from error
    if text is None:
        raise InputError(
            "file holds weights only",
            where=path,
            expected="a whole model: its layers and their weights",
            received="no model_config in it",
            fix="where the model's code is: build it, model.load_weights(FILE), model.save('model.keras')",
        )
    if not isinstance(text, str | bytes):
        received = f"{type(text).__name__}, not a text"
        raise InputError("model_config is damaged", where=path, expected="the layers as JSON", received=received)
    encoded = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else bytes(text)
    _check_size(len(encoded), "model_config", path)
    return encoded, version.decode(errors="replace") if isinstance(version, bytes) else _text(version)


def _parse(text: bytes, path: Path) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("Keras configuration is not JSON that can be read", where=path, received=error) from error


def _objects(value: Any, layer: str) -> Iterator[KerasObject]:
    """Yield every serialized object below `value`; one without a name has that of the layer around it."""
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, layer)
    if not isinstance(value, dict):
        return
    class_name, config = value.get("class_name"), value.get("config")
    if isinstance(class_name, str):
        named = config.get("name") if isinstance(config, dict) else None
        layer = named if isinstance(named, str) else layer
        class_name = f"function {config}" if class_name == "function" else class_name
        symbol = str(config.get("function")) if class_name in SYMBOL_LAYERS and isinstance(config, dict) else None
        module, registered = _text(value.get("module")), _text(value.get("registered_name"))
        yield KerasObject(class_name, layer, module, registered, symbol)
    for key, item in value.items():
        if key.endswith("activation") and isinstance(item, str) and item not in ACTIVATIONS | LAYERS:
            yield KerasObject(f"function {item}", layer, None, None)  # tf-keras finds more than activations by name
        yield from _objects(item, layer)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _check_size(size: int, name: str, path: Path) -> None:
    if size > MAX_CONFIG_BYTES:
        raise InputError(
            f"{name} is too large to read", where=path, expected=f"at most {MAX_CONFIG_BYTES:,} bytes", received="more"
        )


def _first_bytes(path: Path) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(12)
