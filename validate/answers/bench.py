"""What is the same for all artifacts of one judgement."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...contract.model_contract.model_contract import ModelContract
from ...contract.run.artifacts import Artifact
from ...runtimes.facts.description import Description
from ...runtimes.workers.workers import open_artifact
from .evidence import Evidence
from .image_stream import ImageStream

#: Head name to (batch, width) float32.
Answers = dict[str, NDArray[np.float32]]


class OpenSession(Protocol):
    """What a judge needs of `runtimes.workers.session.Session`."""

    @property
    def description(self) -> Description:
        """What the runtime says about the file."""

    def predict(self, pixels: NDArray[Any], /) -> Answers:
        """Answer a batch of pixels as the contract says."""

    def predict_encoded(self, files: Sequence[bytes], /) -> Answers:
        """Answer the bytes of image files."""


#: `runtimes.workers.workers.Workers.open`, or a stand-in of a test.
Opener = Callable[..., AbstractContextManager[OpenSession]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every artifact is judged with.

    Attributes:
        root: the run folder.
        contract: of the run.
        stream, evidence: the images, and what is known about each.
        open_artifact: opens an artifact in a worker process.
        logs: folder for what runtimes print.
        step: hears how many images have been answered.
        given: name to place of artifacts that lie elsewhere than in the run folder.
        siblings: all artifacts that the run's lock lists.

    """

    root: Path
    contract: ModelContract
    stream: ImageStream
    evidence: Evidence
    open_artifact: Opener = open_artifact
    logs: Path
    step: Callable[[int], None] = lambda count: None
    given: dict[str, Path] = field(default_factory=dict)
    siblings: tuple[Artifact, ...] = ()

    def contract_of(self, artifact: Artifact) -> ModelContract:
        """Return what this artifact promises: pixels, tensor names and the order of its labels may be its own."""
        return artifact.contract_in(self.contract)

    def in_run_order(self, artifact: Artifact, answers: Answers) -> Answers:
        """Return answers with the values of each head in the run's order of labels; all that follows counts on it."""
        if artifact.labels is None:
            return answers
        head = self.contract.first_classification
        columns = [artifact.labels.index(label) for label in head.labels]
        return answers | {head.name: answers[head.name][:, columns]}

    def path_of(self, artifact: Artifact) -> Path:
        """Return where an artifact lies."""
        return self.given.get(artifact.path, self.root / artifact.path)
