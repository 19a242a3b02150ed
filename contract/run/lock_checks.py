"""What a lock holds, looked at before it is believed: it may come from anywhere."""

from typing import TYPE_CHECKING

from ..errors import InputError
from ..files.field_types import check_field_types
from ..files.inner_path import check_inner_paths
from ..image.pixels import PixelContract

if TYPE_CHECKING:
    from .lock import Artifact, Shipped

_TEXTS = ("path", "format", "recipe", "sha256", "parent_sha256", "preprocessing", "layout")
_TYPES: dict[str, type] = dict.fromkeys(_TEXTS, str) | {"size_bytes": int, "tools": dict, "options": dict}


def check_artifact(artifact: "Artifact", where: object) -> None:
    """Raise InputError for an artifact with fields of other types, a form that none has, or a path elsewhere."""
    check_field_types(artifact, where, **_TYPES)
    _check_pixels(artifact, where)
    _check_names(artifact, where)
    check_inner_paths([artifact.path], where)


def check_shipped(shipped: "Shipped", where: object, name: str) -> None:
    """Raise InputError for an entry of what ships, under `name`, that nobody of ours wrote."""
    check_field_types(shipped, where, path=str, source=str, sha256=str, verdict=str, why=str)
    if shipped.path != name:
        raise InputError("lock ships a file of another name", where=where, expected=name, received=shipped.path)
    check_inner_paths([shipped.source], where)


def _check_pixels(artifact: "Artifact", where: object) -> None:
    try:
        PixelContract().taken_as(artifact.form)
    except (InputError, TypeError, ValueError) as error:
        raise InputError(
            "lock has an artifact that takes what none does", where=where, received=artifact.form
        ) from error


def _check_names(artifact: "Artifact", where: object) -> None:
    if not isinstance(artifact.content_sha256, str | None):
        raise InputError("lock has a digest that is no text", where=where, received=artifact.content_sha256)
    if not isinstance(artifact.oldest_runtime, str | None):
        raise InputError("lock has a runtime that is no text", where=where, received=artifact.oldest_runtime)
    for texts in (artifact.labels, artifact.tensor_names):
        values = texts.values() if isinstance(texts, dict) else texts
        if values is not None and not (
            isinstance(texts, tuple | dict) and all(isinstance(value, str) for value in values)
        ):
            raise InputError("lock has labels or tensor names that are no texts", where=where, received=texts)
