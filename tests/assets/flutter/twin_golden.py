"""Run golden vectors through the Python twin: what the Dart makes of each image, and what the model answers to that."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from modelport.assets.golden.golden import GOLDEN
from modelport.contract.model_contract.model_contract import ModelContract
from modelport.contract.run.artifacts import Artifact
from modelport.contract.run.run_folder import RunFolder
from modelport.runtimes.process.temporary_log import temporary_log
from modelport.runtimes.workers.session import Session
from modelport.runtimes.workers.workers import open_artifact
from modelport.tests.assets.flutter.twin_input import image_input
from modelport.tests.assets.flutter.twin_pixels import without_exif
from numpy.typing import NDArray
from PIL import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinFigures:
    """Largest differences over all images and heads.

    Attributes:
        images: how many, the JPEG among them. Pillow decodes it here, not Dart.
        to_input: between the twin's input tensor and the golden one, in units of the value range's larger end.
        to_expected: between the answers to the twin's input and the golden ones.
        to_reference: between them and the Keras model's, where that was asked.
        tolerance: of answers, the smallest.
    """

    images: int
    to_input: float
    to_expected: float
    to_reference: float
    tolerance: float


def measure_twin(run: RunFolder, artifact: Artifact, files: Mapping[str, bytes]) -> TwinFigures:
    """Return how far the twin is from the golden vectors of an artifact.

    Args:
        run: the run folder.
        artifact: of its lock.
        files: from `golden_files`.
    """
    contract = artifact.contract_in(run.read_contract())
    golden = json.loads(files[GOLDEN])
    path = run.root / artifact.path
    with temporary_log("twin") as log, open_artifact(path, artifact.format, contract, log=log) as session:
        rows = [_measure(entry, files, contract, session) for entry in golden["images"]]
    return TwinFigures(
        images=len(rows),
        to_input=max(row[0] for row in rows),
        to_expected=max(row[1] for row in rows),
        to_reference=max(row[2] for row in rows),
        tolerance=min(value for entry in golden["images"] for value in entry["tolerance"].values()),
    )


def twin_tensor(encoded: bytes, contract: ModelContract) -> NDArray[Any]:
    """Return the input tensor that the twin makes of an image file, (1, height, width, channel)."""
    with Image.open(io.BytesIO(without_exif(encoded))) as image:
        rgb, height, width = image.convert("RGB").tobytes(), image.height, image.width
    pixels = contract.pixels
    made = np.frombuffer(image_input(rgb, height, width, pixels), dtype=pixels.dtype)
    size = (height, width) if pixels.preprocessing == "in_graph" else (pixels.height, pixels.width)
    return made.reshape(1, *size, pixels.channels)


def _measure(
    entry: Mapping[str, Any], files: Mapping[str, bytes], contract: ModelContract, session: Session
) -> tuple[float, float, float]:
    tensor = twin_tensor(files[entry["file"]], contract)
    wanted = np.frombuffer(files[entry["input"]], dtype=tensor.dtype).reshape(tensor.shape)
    answer = session.predict(tensor)
    to_input = float(np.abs(tensor.astype(np.float64) - wanted).max())
    distances = [
        max((float(np.abs(answer[name][0] - values).max()) for name, values in (entry[key] or {}).items()), default=0.0)
        for key in ("expected", "reference")
    ]
    return to_input, distances[0], distances[1]
