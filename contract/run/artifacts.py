"""One exported artifact: how it was made, its bytes, and what it was made from; and which of them ships."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files.hashing import sha256_of, size_bytes_of
from ..image.pixels import InputForm
from ..labels.heads import ClassificationHead
from ..model_contract.model_contract import ModelContract

#: What an app takes, whatever its recipe: a copy of the artifact that was chosen to ship.
SHIPPED = "model.tflite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One exported file or folder.

    Attributes:
        path: relative to the run folder, with forward slashes.
        format: one of contract.formats.EXPORTED.
        recipe: a key of contract.recipes.RECIPES.
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


def describe_artifact(root: Path, path: Path, **facts: Any) -> Artifact:
    """Return the Artifact for what lies at `path` below the run folder `root`: sizes and hashes are measured here."""
    relative = path.relative_to(root).as_posix()
    return Artifact(path=relative, size_bytes=size_bytes_of(path), sha256=sha256_of(path), **facts)
