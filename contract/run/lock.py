"""artifacts.json: the lock, which lists every exported artifact. It may come from anywhere."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ..errors import InputError
from ..files.atomic_write import write_json
from ..files.field_types import check_field_types
from ..files.inner_path import check_inner_paths
from ..files.journal import lies_there
from ..files.json_file import read_json
from ..image.pixels import PixelContract
from .artifacts import SHIPPED, Artifact, Shipped

LOCK_VERSION = 1

_TEXTS = ("path", "format", "recipe", "sha256", "parent_sha256", "preprocessing", "layout")
_TYPES: dict[str, type] = dict.fromkeys(_TEXTS, str) | {"size_bytes": int, "tools": dict, "options": dict}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The content of artifacts.json.

    Attributes:
        run_id: of the run.
        model_sha256: of its model.keras.
        artifacts: in the order in which they were first written.
        pending: about to get its final name. Whether it did is what `read_lock` finds out from the file itself, so a
            lock that was read has none.
        shipped: what model.tflite is; None: nothing was chosen yet, as in every lock before there was this field.
    """

    run_id: str
    model_sha256: str
    artifacts: tuple[Artifact, ...] = ()
    pending: Artifact | None = None
    shipped: Shipped | None = None

    def with_artifact(self, artifact: Artifact) -> "Lock":
        """Return the lock with `artifact` in the place of the one with the same key, or at the end; nothing pends."""
        kept = {old.key: old for old in self.artifacts} | {artifact.key: artifact}
        return replace(self, artifacts=tuple(kept.values()), pending=None)

    def artifact_at(self, path: str) -> Artifact | None:
        """Return the artifact at a path; at that of model.tflite its source, while both have the same bytes."""
        known = {artifact.path: artifact for artifact in self.artifacts}
        if path in known or self.shipped is None or path != self.shipped.path:
            return known.get(path)
        source = known.get(self.shipped.source)
        return replace(source, path=path) if source and source.sha256 == self.shipped.sha256 else None


def write_lock(path: str | Path, lock: Lock) -> None:
    """Write artifacts.json atomically."""
    value = {"modelport_lock": LOCK_VERSION} | asdict(lock)
    for name in ("pending", "shipped"):
        if value[name] is None:
            del value[name]
    write_json(path, value)


def read_lock(path: str | Path) -> Lock:
    """Read artifacts.json. A pending artifact is in it if it got its name before the process stopped, else it is not.

    Raises:
        InputError: missing, of another version, incomplete, of other types, or a path that leaves the run folder.
    """
    value = read_json(path)
    if not isinstance(value, dict) or value.pop("modelport_lock", None) != LOCK_VERSION:
        raise InputError("not a lock of this version", where=path, expected=LOCK_VERSION)
    try:
        artifacts = tuple(Artifact(**item) for item in value.pop("artifacts"))
        pending = Artifact(**item) if (item := value.pop("pending", None)) is not None else None
        shipped = Shipped(**item) if (item := value.pop("shipped", None)) is not None else None
        lock = Lock(**value, artifacts=artifacts, pending=pending, shipped=shipped)
    except (KeyError, TypeError) as error:
        raise InputError("lock is incomplete", where=path, received=repr(error)) from error
    check_field_types(lock, path, run_id=str, model_sha256=str)
    named = (*artifacts, *([pending] if pending else []))
    for artifact in named:
        _check_artifact(artifact, path)
    if shipped is not None:
        _check_shipped(shipped, path)
    return _settled(lock, Path(path).parent)


def _settled(lock: Lock, root: Path) -> Lock:
    """Return the lock without `pending`, which is an artifact if it happened."""
    if lock.pending is None:
        return lock
    happened = lies_there(root / lock.pending.path, lock.pending.sha256)
    return lock.with_artifact(lock.pending) if happened else replace(lock, pending=None)


def _check_artifact(artifact: Artifact, where: object) -> None:
    """Raise InputError for an artifact with fields of other types, a form that none has, or a path elsewhere."""
    check_field_types(artifact, where, **_TYPES)
    _check_pixels(artifact, where)
    _check_names(artifact, where)
    check_inner_paths([artifact.path], where)


def _check_shipped(shipped: Shipped, where: object) -> None:
    """Raise InputError for an entry of what ships that nobody of ours wrote."""
    check_field_types(shipped, where, path=str, source=str, sha256=str, verdict=str, why=str)
    if shipped.path != SHIPPED:
        raise InputError("lock ships a file of another name", where=where, expected=SHIPPED, received=shipped.path)
    check_inner_paths([shipped.source], where)


def _check_pixels(artifact: Artifact, where: object) -> None:
    try:
        PixelContract().taken_as(artifact.form)
    except (InputError, TypeError, ValueError) as error:
        raise InputError(
            "lock has an artifact that takes what none does", where=where, received=artifact.form
        ) from error


def _check_names(artifact: Artifact, where: object) -> None:
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
