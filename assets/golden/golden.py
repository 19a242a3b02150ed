"""Golden vectors: a few test images, the exact tensor that enters the model, and what it must answer on any device."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.errors import JudgedAndFailed
from ...contract.image.decode import to_pixels
from ...contract.labels.heads import Head, head_to_json
from ...contract.model_contract.model_contract import ModelContract
from ...contract.narration import Narrator, Silent
from ...contract.run.artifacts import Artifact
from ...contract.run.run_folder import RunFolder
from ...runtimes.process.temporary_log import temporary_log
from ...runtimes.workers.session import Session
from ...runtimes.workers.workers import open_artifact
from ...validate.budgets.budgets import default_budgets
from .golden_images import Answer, GoldenImage, as_jpeg, choose_images
from .golden_tolerance import INPUT_STEPS, answer_tolerances, jpeg_tolerances

GOLDEN = "golden.json"
GOLDEN_VERSION = 1


def golden_files(
    run: RunFolder,
    artifact: Artifact,
    *,
    count: int = 8,
    data: Path | None = None,
    narrator: Narrator | None = None,
) -> dict[str, bytes]:
    """Return the files of a folder of golden vectors: the same run, artifact and images give the same bytes.

    N.png is a test image, as the judge sees its pixels; the last image is a JPEG. N.bin is the tensor that enters the
    artifact: its values in row-major order, little-endian. golden.json describes them, and holds the answers.

    Args:
        run: whose test images are taken: as many of each class as its share.
        artifact: of the run's lock.
        count: how many images; the JPEG comes on top.
        data: labelled images as `modelport validate` takes them; None: the test split of the training run.
        narrator: told what is asked.

    Raises:
        InputError: no images, or one that cannot be decoded.
        JudgedAndFailed: an answer that is NaN or infinite.
        RuntimeFailure, MissingExtraError: as in `open_artifact`.
    """
    contract = run.read_contract()
    promise = artifact.contract_in(contract)
    chosen = choose_images(run, contract, count, data)
    (narrator or Silent()).say(f"asks {artifact.path} about {len(chosen)} golden images, and a JPEG")
    log_name = f"golden-{Path(artifact.path).name}"
    with (
        temporary_log(log_name) as log,
        open_artifact(run.root / artifact.path, artifact.format, promise, log=log) as session,
    ):
        asked = _Asked(session, promise, artifact)
        budget = default_budgets(artifact, contract).get("max_probability_difference")
        tolerances, because = answer_tolerances(
            [one.image for one in chosen], asked.answer, promise.heads, budget.limit if budget else None
        )
        entries = [_entry(one, asked, tolerances) for one in chosen]
        jpeg, entry = _jpeg_entry(chosen, contract, asked, tolerances)
        entries.append(entry)
        runtime = session.description.runtime
    images = (*chosen, jpeg)
    files = {one.name: one.encoded for one in images}
    files |= {_tensor_name(one): asked.tensor(one.image).tobytes() for one in images}
    head = _head(contract, artifact, promise, runtime) | {"tolerance_because": because, "images": entries}
    text = json.dumps(head, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return {GOLDEN: text.encode(), **dict(sorted(files.items()))}


class _Asked:
    """An open artifact that is asked about decoded images, one at a time, as a device does it."""

    def __init__(self, session: Session, promise: ModelContract, artifact: Artifact) -> None:
        self._session, self.promise, self._artifact = session, promise, artifact

    def tensor(self, image: NDArray[np.uint8]) -> NDArray[Any]:
        """Return what enters the artifact for (height, width, channel) uint8, little-endian."""
        pixels = np.ascontiguousarray(to_pixels(image, self.promise.pixels))
        return pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)

    def answer(self, image: NDArray[np.uint8]) -> Answer:
        """Return head name to (width,) float32."""
        found = self._session.predict(self.tensor(image)[None])
        answers = {name: np.asarray(values[0], dtype=np.float32) for name, values in found.items()}
        if not all(np.isfinite(values).all() for values in answers.values()):
            raise JudgedAndFailed("answers are no numbers", where=self._artifact.path, expected="finite values")
        return answers


def _tensor_name(one: GoldenImage) -> str:
    return f"{one.name.split('.')[0]}.bin"


def _entry(one: GoldenImage, asked: _Asked, tolerances: dict[str, float]) -> dict[str, Any]:
    answer, tensor = asked.answer(one.image), asked.tensor(one.image)
    return {
        "file": one.name,
        "sha256": sha256(one.encoded).hexdigest(),
        "source": one.source,
        "label": one.label,
        "height": one.image.shape[0],
        "width": one.image.shape[1],
        "input": _tensor_name(one),
        "input_shape": [1, *tensor.shape],
        "input_sha256": sha256(tensor.tobytes()).hexdigest(),
        "expected": _plain(answer),
        "reference": None if one.reference is None else _plain(one.reference),
        "tolerance": tolerances,
        "top": {head.name: _top(head, answer[head.name], tolerances) for head in asked.promise.heads},
    }


def _jpeg_entry(
    chosen: list[GoldenImage], contract: ModelContract, asked: _Asked, tolerances: dict[str, float]
) -> tuple[GoldenImage, dict[str, Any]]:
    """Return the first image as a JPEG whose most probable label no decoder changes, else simply the first."""
    entries = []
    for one in chosen:
        jpeg = as_jpeg(one, contract, f"{len(chosen)}.jpg")
        measured = jpeg_tolerances(jpeg.encoded, jpeg.image, asked.answer, asked.promise.heads, tolerances)
        entry = _entry(jpeg, asked, measured.tolerances) | {"decoders": measured.to_json()}
        entries.append((jpeg, entry))
        clear = [entry["top"][head.name] for head in asked.promise.heads if head.kind == "classification"]
        if None not in clear:
            return jpeg, entry
    return entries[0]


def _top(head: Head, values: NDArray[np.float32], tolerances: dict[str, float]) -> str | None:
    """Return the most probable label, if no answer within the tolerance could have another; else None."""
    if head.kind != "classification":
        return None
    second, first = np.sort(values)[-2:]
    return head.labels[int(values.argmax())] if first - second > 2 * tolerances[head.name] else None


def _plain(answer: Answer) -> dict[str, list[float]]:
    return {name: [float(value) for value in values] for name, values in answer.items()}


def _head(contract: ModelContract, artifact: Artifact, promise: ModelContract, runtime: str) -> dict[str, Any]:
    pixels = promise.pixels
    largest = max(abs(bound) for bound in pixels.value_range)
    in_graph = pixels.preprocessing == "in_graph"
    return {
        "modelport_golden": GOLDEN_VERSION,
        "run_id": contract.provenance.run_id,
        "model_sha256": contract.provenance.model_sha256,
        "artifact": {name: getattr(artifact, name) for name in ("path", "format", "recipe", "sha256")},
        "runtime": runtime,
        "input": {
            "dtype": pixels.dtype,
            "layout": pixels.layout,
            "byte_order": "little",
            "value_range": list(pixels.value_range),
            "preprocessing": pixels.preprocessing,
            "tolerance": 0.0 if in_graph else INPUT_STEPS * 2.0**-23 * largest,
            "tolerance_because": "bytes of the picture"
            if in_graph
            else f"{INPUT_STEPS} steps of float32 (2^-23) at the larger end of the value range: resizing and scaling "
            "round some ten times, half a step each, and other programs in another order",
        },
        "heads": [head_to_json(head) for head in promise.heads],
    }
