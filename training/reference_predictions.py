"""What model.keras answers on the test split, in a fresh process and on pixels from the contract's own decoder."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contract.dataset import LabelledImage
from ..contract.decode import read_image, sha256_of_pixels, to_pixels
from ..contract.hashing import sha256_of_file
from ..contract.model_contract import ModelContract
from ..contract.narration import Narrator
from ..contract.reference import Reference
from ..runtimes.session import Session, open_artifact

BATCH = 16


def predict_reference(
    model: Path, contract: ModelContract, images: tuple[LabelledImage, ...], root: Path, log: Path, narrator: Narrator
) -> Reference:
    """Run the model on the images.

    Args:
        model: model.keras.
        contract: what it promises; one classification head.
        images: the test split.
        root: folder that the reference's paths are relative to.
        log: file for what the runtime prints.
        narrator: shows progress.
    """
    decoded = [
        read_image(image.path, contract.pixels) for image in narrator.track(images, len(images), "decoding test")
    ]
    head = contract.first_classification.name
    with open_artifact(model, "keras", contract, log=log) as session:
        batches = narrator.track(_predict(session, decoded, contract), -(-len(images) // BATCH), "reference")
        predictions = np.concatenate([batch[head] for batch in batches])
    return Reference(
        run_id=contract.provenance.run_id,
        model_sha256=contract.provenance.model_sha256,
        paths=tuple(image.path.relative_to(root).as_posix() for image in images),
        file_sha256=tuple(sha256_of_file(image.path) for image in images),
        pixels_sha256=tuple(map(sha256_of_pixels, decoded)),
        truths={head: np.array([image.label for image in images], dtype=np.int64)},
        predictions={head: predictions},
    )


def _predict(
    session: Session, decoded: list[NDArray[np.uint8]], contract: ModelContract
) -> Iterator[dict[str, NDArray[np.float32]]]:
    for start in range(0, len(decoded), BATCH):
        yield session.predict(np.stack([to_pixels(image, contract.pixels) for image in decoded[start : start + BATCH]]))
