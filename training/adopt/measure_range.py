"""Run an adopted model on labelled images under every candidate range."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...contract.dataset.prepared_dataset import LabelledImage
from ...contract.image.decode import read_image, to_pixels
from ...contract.model_contract.model_contract import ModelContract
from ...contract.narration import Narrator
from ...contract.statistics.scores import hits
from ...runtimes.workers.session import Session
from .options import Range
from .value_ranges import RangeScore

BATCH = 16
#: Most images that are run; 200 tell 0.90 from 0.75 (McNemar's exact test at 0.01, 40 flips of which 35 are gains).
MOST_IMAGES = 200
#: Smallest probability of which a logarithm is taken.
FLOOR = 1e-7

Answers = NDArray[np.float32]


def run_under(
    session: Session,
    contract: ModelContract,
    images: Sequence[LabelledImage],
    ranges: Sequence[Range],
    narrator: Narrator,
) -> dict[Range, Answers]:
    """Run the model on each image under each range; a batch of images is in memory at a time.

    Args:
        session: has model.keras open.
        contract: size and channels of its input, and its one head; its own range is not used.
        images: what to run it on.
        ranges: values that black and white become.
        narrator: shows progress.

    Returns:
        Range to (n, width) float32, as the model answered.
    """
    head = contract.first_classification.name
    found: dict[Range, list[Answers]] = {value_range: [] for value_range in ranges}
    pixels = {value_range: replace(contract.pixels, value_range=value_range) for value_range in ranges}
    batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
    for batch in narrator.track(batches, len(batches), "value range"):
        decoded = [read_image(image.path, contract.pixels) for image in batch]
        for value_range in ranges:
            stack = np.stack([to_pixels(image, pixels[value_range]) for image in decoded])
            found[value_range].append(session.predict(stack)[head])
    return {value_range: np.concatenate(answers) for value_range, answers in found.items()}


def score_ranges(answers: dict[Range, Answers], truth: NDArray[np.int64]) -> list[RangeScore]:
    """Score (n, labels) probabilities under each range against (n,) true label indices; a NaN is a miss."""
    rows = np.arange(len(truth))
    return [
        RangeScore(
            value_range=value_range,
            right=hits(probabilities, truth),
            log_probability=np.log(np.fmax(probabilities[rows, truth].astype(np.float64), FLOOR)),
        )
        for value_range, probabilities in answers.items()
    ]
