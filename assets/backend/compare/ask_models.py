"""Ask a model that lies anywhere about image files, in a process of its own: it may crash, hang, or be hostile."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....contract.errors import RuntimeFailure
from ....contract.image.decode import load_pixels
from ....contract.model_contract.model_contract import ModelContract
from ....contract.narration import Narrator
from ....runtimes.workers.workers import Workers

_BATCH = 16


def ask(
    workers: Workers,
    path: Path,
    format: str,
    contract: ModelContract,
    images: list[Path],
    *,
    log: Path,
    narrator: Narrator,
    what: str,
) -> NDArray[np.float32]:
    """Return (image, class) of the first classification head.

    Args:
        workers: that are kept warm.
        path, format: of the model.
        contract: what it takes and answers; files are fed where it says how they are.
        images: files; JPEG or PNG where files are fed.
        log: receives what its runtime prints.
        narrator: shows progress.
        what: the model's name there.

    Raises:
        RuntimeFailure: it cannot be opened or run, or answers something else.
        MissingExtraError: its runtime is not installed.
    """
    head, encoded = contract.first_classification, "encoded" in contract.tensor_names and format == "frozen_graph"
    # images of their own sizes make no batch, and old graphs are often frozen for a batch of one
    one_by_one = contract.pixels.preprocessing == "in_graph" or format == "frozen_graph"
    size = 1 if one_by_one and not encoded else _BATCH
    starts, found = range(0, len(images), size), []
    with workers.open(path, format, contract, log=log, facts=False) as session:
        for start in narrator.track(starts, len(starts), f"asking the {what} model"):
            batch = images[start : start + size]
            if encoded:
                answers = session.predict_encoded([image.read_bytes() for image in batch])
            else:
                answers = session.predict(np.stack([load_pixels(image, contract.pixels) for image in batch]))
            found.append(answers[head.name])
    result = np.concatenate(found)
    if result.shape != (len(images), head.width) or not np.isfinite(result).all():
        raise RuntimeFailure(
            f"the {what} model does not answer as a classifier does",
            where=path,
            expected=f"{head.width} finite values for each image",
            received=f"{result.shape[1:]}" if result.shape[1:] != (head.width,) else "NaN or infinity",
        )
    return np.asarray(result, np.float32)
