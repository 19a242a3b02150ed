"""`modelport predict`: the most probable labels of images, from any artifact."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.errors import InputError, JudgedAndFailed
from ..contract.files.hashing import sha256_of
from ..contract.formats import FORMATS, format_of_folder, format_of_name
from ..contract.image.decode import load_pixels
from ..contract.labels.heads import ClassificationHead, Head
from ..contract.model_contract.model_contract import ModelContract, read_contract
from ..contract.narration import Narrator, Silent
from ..contract.run.artifacts import Artifact
from ..contract.run.run_folder import RunFolder
from .process.temporary_log import temporary_log
from .workers.workers import open_artifact

BATCH = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What an artifact says about one image.

    Attributes:
        image: the file.
        outputs: head and its values, (width,) float32.
    """

    image: Path
    outputs: tuple[tuple[Head, NDArray[np.float32]], ...]

    def top(self, count: int) -> dict[str, list[dict[str, Any]]]:
        """Return head name to the `count` most probable labels with their scores; a regression has one value."""
        return {head.name: _entries(head, values, count) for head, values in self.outputs}


def predict_images(
    artifact: Path, images: Sequence[Path], *, contract: Path | None = None, narrator: Narrator | None = None
) -> list[Answer]:
    """Run an artifact on image files.

    Args:
        artifact: a file or folder of a run.
        images: image files.
        contract: contract.json; None: the one beside the artifact, which must then be the file that the run recorded.
        narrator: shows progress.

    Raises:
        InputError: no such artifact, no contract, a folder of two runs, or an image that cannot be decoded.
        JudgedAndFailed: an answer that is NaN or infinite.
        RuntimeFailure: the runtime refused the artifact.
        MissingExtraError: the runtime is not installed.
    """
    kind, promise = format_of(artifact), _contract_for(artifact, contract)
    pixels = [load_pixels(image, promise.pixels) for image in images]
    size = 1 if promise.pixels.preprocessing == "in_graph" else BATCH  # images of other sizes make no batch
    batches = [pixels[start : start + size] for start in range(0, len(pixels), size)]
    with temporary_log("predict") as log, open_artifact(artifact, kind, promise, log=log) as session:
        tracked = (narrator or Silent()).track(batches, len(batches), "predicting")
        answers = [session.predict(np.stack(batch)) for batch in tracked]
    values = {head.name: np.concatenate([answer[head.name] for answer in answers]) for head in promise.heads}
    _check_finite(artifact, images, values)
    return [
        Answer(image, tuple((head, values[head.name][row]) for head in promise.heads))
        for row, image in enumerate(images)
    ]


def format_of(artifact: Path) -> str:
    """Return the format that a file's or folder's name says; raises InputError where it says none."""
    if not artifact.exists():
        raise InputError("artifact does not exist", where=artifact)
    found = format_of_folder(artifact) if artifact.is_dir() else format_of_name(artifact)
    if found is None:
        suffixes = ", ".join(suffix for row in FORMATS.values() for suffix in row.suffixes)
        expected = f"a SavedModel or TensorFlow.js folder, or a file {suffixes}"
        raise InputError("not an artifact", where=artifact, expected=expected)
    return found


def _contract_for(artifact: Path, contract: Path | None) -> ModelContract:
    run = RunFolder(artifact.parent)
    path = contract or run.contract
    if not path.is_file():
        raise InputError(
            "contract is missing", where=path, expected="the run's contract.json", fix="pass --contract PATH"
        )
    if contract is not None:
        return read_contract(contract)
    promise = run.read_contract()
    recorded = run.read_lock().artifact_at(artifact.name)
    if recorded is None:
        return promise
    _check_recorded(artifact, recorded, run)
    return recorded.contract_in(promise)


def _check_recorded(artifact: Path, recorded: Artifact, run: RunFolder) -> None:
    if recorded.sha256 != (found := sha256_of(artifact)):
        raise InputError(
            "artifact is not the one that the run recorded",
            where=artifact,
            expected=f"sha256 {recorded.sha256}, as in {run.lock.name}",
            received=f"sha256 {found}",
            fix="export it again with --overwrite, or pass --contract PATH to run it as it is",
        )


def _check_finite(artifact: Path, images: Sequence[Path], values: dict[str, NDArray[np.float32]]) -> None:
    bad = [
        f"{image}: {name}: {of_image[row][~np.isfinite(of_image[row])][0]}"
        for row, image in enumerate(images)
        for name, of_image in values.items()
        if not np.isfinite(of_image[row]).all()
    ]
    if bad:
        raise JudgedAndFailed(
            "answers are no numbers", where=artifact, expected="finite values", received="\n".join(bad)
        )


def _entries(head: Head, values: NDArray[np.float32], count: int) -> list[dict[str, Any]]:
    if not isinstance(head, ClassificationHead):
        return [{"label": head.unit, "score": float(values[0])}]
    order = np.argsort(-values, kind="stable")[:count]
    return [{"label": head.labels[index], "score": float(values[index])} for index in order]
