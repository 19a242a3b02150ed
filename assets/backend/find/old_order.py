"""In which order the new model answers: decided once, from the labels file as it was read once."""

from dataclasses import dataclass
from pathlib import Path

from ....contract.errors import InputError
from ....contract.files.hashing import sha256_of
from ....contract.files.journal import ABSENT
from ....contract.labels.labels_file import read_labels
from ....convert.to_frozen_graph.match_labels import match_labels
from .found_backend import FoundBackend
from .options import BackendOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Whether the labels stay, and whose order decides.

    Attributes:
        file: the labels file that the service reads; None: there is none.
        sha256: of it when it was read.
        said: what it says, line by line.
        labels: the model's own, in the order in which the new model answers.
        keeps: whether the labels file stays; else the run's goes in with the model.
    """

    file: Path | None
    sha256: str
    said: tuple[str, ...]
    labels: tuple[str, ...]
    keeps: bool

    @property
    def delivered(self) -> tuple[str, ...]:
        """What the labels file says once the model is there."""
        return self.said if self.keeps else self.labels

    def check_unchanged(self) -> None:
        """Refuse a labels file that was edited since: model and labels would be no pair.

        Raises:
            InputError: it says something else by now, or is gone.
        """
        if self.file is None:
            return
        now = sha256_of(self.file) if self.file.exists() else ABSENT
        if now != self.sha256:
            raise InputError(
                "the labels file was changed while the model was made for it",
                where=self.file,
                expected=f"sha256 {self.sha256}",
                received=now or "nothing",
                fix="run the same command again",
            )


def decide_order(backend: FoundBackend, own: tuple[str, ...], options: BackendOptions) -> Order:
    """Read the labels file that the service reads, and match the model's labels with it.

    Args:
        backend: where the model goes.
        own: labels of the model.
        options: of the delivery.

    Raises:
        InputError: the classes are others, or nothing says which they are, and that is not allowed.
    """
    file = options.like_labels or (backend.root / backend.labels if backend.labels else None)
    if file is None:
        if not (backend.is_new or options.allow_label_change):
            raise InputError(
                "nothing says in which order the old model's labels are",
                where=backend.root,
                expected="the labels file that the service reads",
                fix="--like-labels OLD.txt; or --allow-label-change, which delivers labels, too",
            )
        return Order(file=None, sha256=ABSENT, said=(), labels=own, keeps=False)
    digest = sha256_of(file) if file.exists() else ABSENT  # first: of an edit in between, check_unchanged tells
    said = read_labels(file)
    try:
        labels = match_labels(said, own, options.aliases, where=file)
    except InputError as error:
        if options.allow_label_change:
            return Order(file=file, sha256=digest, said=said, labels=own, keeps=False)
        fix = f"{error.fix}\nor --allow-label-change: model and labels are replaced together"
        raise InputError(
            error.what, where=error.where, expected=error.expected, received=error.received, fix=fix
        ) from error
    return Order(file=file, sha256=digest, said=said, labels=labels, keeps=True)
