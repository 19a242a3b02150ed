"""artifacts.json: the lock. Every exported artifact, how it was made, its bytes, and what it was made from."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files.atomic_write import write_json
from ..files.field_types import check_field_types
from ..files.hashing import sha256_of, size_bytes_of
from ..files.json_file import read_json
from ..image.pixels import InputForm
from ..labels.heads import ClassificationHead
from ..model_contract.model_contract import ModelContract
from .lock_checks import check_artifact, check_shipped

LOCK_VERSION = 1
FORMATS = ("saved_model", "frozen_graph", "tflite", "onnx", "tfjs", "h5")
RECIPES = ("float32", "float16", "dynamic_int8", "full_int8", "weight_int8")

#: What an app takes, whatever its recipe: a copy of the artifact that was chosen to ship.
SHIPPED = "model.tflite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One exported file or folder.

    Attributes:
        path: relative to the run folder, with forward slashes.
        format: one of FORMATS.
        recipe: one of RECIPES.
        size_bytes: of the file, or of all files of the folder.
        sha256: of the file, or of the folder's names and files.
        content_sha256: of what a SavedModel says and computes, whose bytes differ each time; None: `sha256` says it.
        parent_sha256: of the model.keras it was made from.
        preprocessing, layout, value_range: see `form`.
        labels: of its first classification head, in the order in which it answers; None: the run's order.
        tensor_names: as in ModelContract; None: the run's.
        tools: package name to version.
        options: what else decided about the bytes, such as the representative images of an int8 recipe.
        oldest_runtime: the oldest that was tried and served it, such as "tflite-runtime 2.14.0"; None: none was.
    """

    path: str
    format: str
    recipe: str
    size_bytes: int
    sha256: str
    parent_sha256: str
    preprocessing: str = "none"
    layout: str = "NHWC"
    value_range: tuple[float, float] | None = None
    labels: tuple[str, ...] | None = None
    tensor_names: dict[str, str] | None = None
    content_sha256: str | None = None
    tools: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    oldest_runtime: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.value_range, list):  # as JSON has it
            object.__setattr__(self, "value_range", tuple(self.value_range))
        if isinstance(self.labels, list):
            object.__setattr__(self, "labels", tuple(self.labels))

    @property
    def form(self) -> InputForm:
        """The form in which it takes images."""
        return InputForm(value_range=self.value_range, preprocessing=self.preprocessing, layout=self.layout)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes two artifacts of one run the same one."""
        return self.format, self.recipe, self.preprocessing, self.layout

    def contract_in(self, run: ModelContract) -> ModelContract:
        """Return what this artifact promises: its run's contract, with what differs here.

        Raises:
            InputError: its labels are not the run's in another order.
        """
        head, heads = run.first_classification if self.labels else None, run.heads
        if head is not None and self.labels is not None:
            if sorted(self.labels) != sorted(head.labels):
                raise InputError(
                    "artifact answers other labels than its run has",
                    where=self.path,
                    expected=", ".join(head.labels),
                    received=", ".join(self.labels),
                    fix="modelport convert it again with --overwrite",
                )
            own = ClassificationHead(name=head.name, labels=self.labels)
            heads = tuple(own if old is head else old for old in heads)
        names = run.tensor_names if self.tensor_names is None else self.tensor_names
        return replace(run, pixels=run.pixels.taken_as(self.form), heads=heads, tensor_names=names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """What model.tflite is: the bytes of one of the artifacts, the one that ships.

    The lock says so before the file is written, so after a stop there may still lie another one, or none.

    Attributes:
        path: SHIPPED.
        source: path of the artifact whose bytes it has.
        sha256: of both.
        verdict: of the report by which it was chosen: "pass" or "undecided".
        why: why it was, in one sentence.
    """

    path: str = SHIPPED
    source: str
    sha256: str
    verdict: str
    why: str


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


def describe_artifact(root: Path, path: Path, **facts: Any) -> Artifact:
    """Return the Artifact for what lies at `path` below the run folder `root`: sizes and hashes are measured here."""
    relative = path.relative_to(root).as_posix()
    return Artifact(path=relative, size_bytes=size_bytes_of(path), sha256=sha256_of(path), **facts)


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
        check_artifact(artifact, path)
    if shipped is not None:
        check_shipped(shipped, path, SHIPPED)
    return _settled(lock, Path(path).parent)


def _settled(lock: Lock, root: Path) -> Lock:
    """Return the lock without `pending`: it happened if what lies at its path is what was promised."""
    if lock.pending is None:
        return lock
    path = root / lock.pending.path
    if path.exists() and sha256_of(path) == lock.pending.sha256:
        return lock.with_artifact(lock.pending)
    return replace(lock, pending=None)
