"""The images that a diagnosis asks for, and the answers that it has had: each is asked for once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.errors import RuntimeFailure
from ...contract.image.pixels import InputForm, PixelContract
from ...contract.labels.heads import ClassificationHead, Head
from ...contract.run.artifacts import Artifact
from ...contract.statistics.stratified_choice import choose_stratified
from ..answers.bench import Answers, Bench, OpenSession
from ..answers.image_stream import Rows, batches
from ..budgets.budgets import Budget
from .difference import Difference

#: Images that a mistake is tried on.
SAMPLE = 64

#: Images for the order of labels: some for each label, and no more than this.
_FOR_EACH_LABEL, _MOST = 4, 1000

#: Images in one call.
BATCH = 16

Change = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One mistake that was tried.

    Attributes:
        words: what is wrong.
        before: the difference as it is.
        after: the difference that is left with the mistake undone, or made on purpose.
        proof: which of both, in words.
        is_proven: whether it explains the numbers whatever the budgets say of what is left, which is rounding.

    """

    words: str
    before: Difference
    after: Difference
    proof: str
    is_proven: bool = False

    @property
    def share(self) -> float:
        """How much of the mean difference is left, in [0, 1]."""
        return self.after.mean / self.before.mean


@dataclass(slots=True)
class Asked:
    """One door of one open artifact, and what it has answered.

    Attributes:
        session, door, artifact, budgets, bench: as the judge has them.
        tried: the kinds of mistakes that were tried, in words.

    """

    session: OpenSession
    door: str
    artifact: Artifact
    budgets: dict[str, Budget]
    bench: Bench
    tried: list[str] = field(default_factory=list)
    _answers: dict[int, Answers] = field(default_factory=dict)

    def note_tried(self, *kinds: str) -> None:
        """Note kinds of mistakes that are being tried."""
        self.tried += [kind for kind in kinds if kind not in self.tried]

    @property
    def heads(self) -> tuple[Head, ...]:
        """Of the run, in its order of labels."""
        return self.bench.contract.heads

    @property
    def pixels(self) -> PixelContract:
        """What the artifact takes."""
        return self.bench.contract_of(self.artifact).pixels

    def expected(self, rows: Rows) -> Answers:
        """Return the reference's answers."""
        return {name: evidence.reference[rows] for name, evidence in self.bench.evidence.heads.items()}

    def answers(self, rows: Rows) -> Answers:
        """Return the artifact's answers at this door."""
        missing = np.array([row for row in rows.tolist() if row not in self._answers], dtype=np.intp)
        if missing.size:
            if self.door == "pixels":
                made = self.fed(missing, lambda batch: batch)
            else:
                made = self.given_files(self.bench.stream.encoded(missing))
            for place, row in enumerate(missing.tolist()):
                self._answers[row] = {name: values[place] for name, values in made.items()}
        return {head.name: np.stack([self._answers[row][head.name] for row in rows.tolist()]) for head in self.heads}

    def fed(self, rows: Rows, change: Change) -> Answers:
        """Return the answers to changed pixels: `change` takes and gives a batch in the form of `pixels`."""
        size = 1 if self.pixels.preprocessing == "in_graph" else BATCH
        return self.stacked(
            [
                self.session.predict(change(self.bench.stream.pixels(batch, self.pixels)))
                for batch in batches(rows, size)
            ]
        )

    def given(self, images: list[NDArray[Any]]) -> Answers:
        """Return the answers to images, each in the form of `pixels` but for its size."""
        return self.stacked([self.session.predict(image[None]) for image in images])

    def given_files(self, files: list[bytes]) -> Answers:
        """Return the answers to files, whatever they hold."""
        return self.stacked(
            [self.session.predict_encoded(files[start : start + BATCH]) for start in range(0, len(files), BATCH)]
        )

    def decoded(self, row: int) -> NDArray[np.uint8]:
        """Return one image in its own size, (height, width, channel)."""
        form = self.bench.contract.pixels.taken_as(InputForm(preprocessing="in_graph"))
        image: NDArray[np.uint8] = self.bench.stream.pixels(np.array([row]), form)[0]
        return image

    def stacked(self, pieces: list[Answers]) -> Answers:
        """Return one answer of many, in the run's order of labels."""
        ordered = [self.bench.in_run_order(self.artifact, piece) for piece in pieces]
        widths = {head.name: head.width for head in self.heads}
        for piece in ordered:
            if {name: values.shape[1] for name, values in piece.items()} != widths:
                raise RuntimeFailure("answer does not match the heads", where=self.artifact.path, received=widths)
        return {name: np.concatenate([piece[name] for piece in ordered]) for name in widths}


def choose_rows(asked: Asked, *, for_labels: bool = False) -> Rows:
    """Choose images that the reference holds, and this door takes, of each of its answers as many as its share.

    Args:
        asked: whose door.
        for_labels: whether an order of labels is looked for, which takes some images of each.

    """
    evidence, bench = asked.bench.evidence, asked.bench
    fit = evidence.matched if asked.door == "pixels" else evidence.matched & bench.stream.encodable
    rows = np.flatnonzero(fit)
    heads = [head for head in asked.heads if isinstance(head, ClassificationHead)]
    count = SAMPLE
    if for_labels:
        count = min(max(SAMPLE, _FOR_EACH_LABEL * max((head.width for head in heads), default=0)), _MOST)
    if not rows.size or len(rows) <= count:
        return rows
    answered = evidence.heads[heads[0].name].reference[rows].argmax(axis=1).tolist() if heads else [0] * len(rows)
    digests = [bench.stream.file_sha256[row] for row in rows]
    return rows[choose_stratified(answered, digests, count)]
