"""What model.keras answers on the test split, in a fresh process and on pixels from the contract's own decoder."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...contract.dataset.prepared_dataset import LabelledImage
from ...contract.files.hashing import sha256_of_file
from ...contract.image.decode import read_image, sha256_of_pixels, to_pixels
from ...contract.model_contract.model_contract import ModelContract
from ...contract.narration import Narrator
from ...contract.run.reference import Reference
from ...runtimes.workers.session import Session
from ...runtimes.workers.workers import open_artifact

BATCH = 16


def predict_reference(
    model: Path, contract: ModelContract, images: tuple[LabelledImage, ...], root: Path, log: Path, narrator: Narrator
) -> Reference:
    """Run the model on the images; a batch of them is in memory at a time.

    Args:
        model: model.keras.
        contract: what it promises; one classification head.
        images: the test split.
        root: folder that the reference's paths are relative to.
        log: file for what the runtime prints.
        narrator: shows progress.
    """
    head = contract.first_classification.name
    batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
    with open_artifact(model, "keras", contract, log=log) as session:
        answers = narrator.track(_answers(session, batches, contract), len(batches), "reference")
        digests, predictions = zip(*answers, strict=True)
    return Reference(
        run_id=contract.provenance.run_id,
        model_sha256=contract.provenance.model_sha256,
        paths=tuple(image.path.relative_to(root).as_posix() for image in images),
        file_sha256=tuple(sha256_of_file(image.path) for image in images),
        pixels_sha256=tuple(digest for batch in digests for digest in batch),
        truths={head: np.array([image.label for image in images], dtype=np.int64)},
        predictions={head: np.concatenate(predictions)},
    )


def _answers(
    session: Session, batches: list[tuple[LabelledImage, ...]], contract: ModelContract
) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
    """Yield the sha256 of each decoded image of a batch, and the first head's answers (batch, classes)."""
    for batch in batches:
        decoded = [read_image(image.path, contract.pixels) for image in batch]
        pixels = np.stack([to_pixels(image, contract.pixels) for image in decoded])
        yield (
            [sha256_of_pixels(image) for image in decoded],
            session.predict(pixels)[contract.first_classification.name],
        )
