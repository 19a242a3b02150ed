"""Made-up answers for whoever builds a client and has no model; every answer says that it is one."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from ....contract.labels.labels_file import read_labels
from .check_image import check_whole
from .model_files import ModelFiles
from .served_model import ServedModel

#: What is answered where no labels file is at hand.
LABELS = ("A", "B", "C", "del", "nothing", "space")


class MockRunner:
    """Scores that the image's own hash decides: the same image, the same answer."""

    runtime = "none"

    def __init__(self, labels: tuple[str, ...]) -> None:
        self.labels = labels

    def scores(self, image: bytes) -> NDArray[np.float32]:
        """Return positive scores that sum to 1; the largest is above 0.7, as that of a sure model is."""
        check_whole(image)
        seed = int.from_bytes(hashlib.sha256(image).digest()[:8])
        rest = np.random.default_rng(seed).random(len(self.labels))
        scores = 0.2 * rest / rest.sum()
        scores[seed % len(self.labels)] += 0.8
        return np.asarray(scores, np.float32)


def mock_model(files: ModelFiles) -> ServedModel:
    """Return a mock with the labels of the labels file, if there is one.

    Raises:
        InputError: the labels file cannot be read.
    """
    has_file = files.labels is not None or files.labels_path.is_file()
    labels = read_labels(files.labels_path) if has_file else LABELS
    return ServedModel(
        runner=MockRunner(labels), labels=labels, format="mock", runtime="none", model_sha256=None, labels_sha256=None
    )
