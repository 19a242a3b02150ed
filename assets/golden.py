"""Golden vectors: a few test images, the exact tensor that enters the model, and what it must answer on any device."""

import io
import json
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..contract.artifacts import Artifact
from ..contract.decode import decode_image, read_image, sha256_of_pixels, to_pixels
from ..contract.errors import JudgedAndFailed
from ..contract.hashing import sha256_of_file
from ..contract.heads import Head, head_to_json
from ..contract.labelled_images import find_labelled_images
from ..contract.model_contract import ModelContract
from ..contract.narration import Narrator, Silent
from ..contract.reference import Reference, read_reference
from ..contract.run_folder import RunFolder
from ..contract.stratified_choice import choose_stratified
from ..runtimes.session import Session, open_artifact
from ..runtimes.temporary_log import temporary_log
from ..validate.budgets import default_budgets
from .golden_tolerance import INPUT_STEPS, answer_tolerances, jpeg_tolerances

GOLDEN = "golden.json"
GOLDEN_VERSION = 1

#: Of a test image's file. Golden vectors travel inside an app; larger ones are taken only where there are no others.
_LARGEST_FILE = 65_536

Answer = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenImage:
    """One image.

    Attributes:
        name: of its file, such as "3.png".
        source: of the test image, relative to its data set.
        label: of the first classification head: the truth.
        encoded: the file's bytes.
        image: (height, width, channel) uint8, decoded as the contract says.
        reference: head name to what the Keras model answered; None for the JPEG, which it was never asked.
    """

    name: str
    source: str
    label: str
    encoded: bytes
    image: NDArray[np.uint8]
    reference: Answer | None


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
    chosen = _choose(run, contract, count, data)
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


def _choose(run: RunFolder, contract: ModelContract, count: int, data: Path | None) -> list[GoldenImage]:
    found = find_labelled_images(contract, data)
    reference = read_reference(run.reference) if run.reference.is_file() else None
    by_size = sorted(range(len(found.images)), key=lambda at: (found.images[at].path.stat().st_size, found.names[at]))
    small = [at for at in by_size if found.images[at].path.stat().st_size <= _LARGEST_FILE]
    held = sorted(small if len(small) >= count else by_size[:count])
    digests = [sha256_of_file(found.images[at].path) for at in held]
    rows = reference.row_of_file() if reference else {}
    known = [place for place, digest in enumerate(digests) if digest in rows] or list(range(len(held)))
    first: dict[str, int] = {}
    for place in known:  # one content once
        first.setdefault(digests[place], place)
    places = list(first.values())
    labels = [found.images[held[place]].label for place in places]
    chosen = choose_stratified(labels, [digests[place] for place in places], count)
    images = []
    for number, place in enumerate(places[index] for index in chosen):
        at = held[place]
        image = read_image(found.images[at].path, contract.pixels)
        images.append(
            GoldenImage(
                name=f"{number}.png",
                source=found.names[at],
                label=contract.first_classification.labels[found.images[at].label],
                encoded=_png(image),
                image=image,
                reference=_reference_of(reference, rows.get(digests[place]), image),
            )
        )
    return images


def _reference_of(reference: Reference | None, row: int | None, image: NDArray[np.uint8]) -> Answer | None:
    """Return what the Keras model answered to these pixels; None where it was not asked about them."""
    if reference is None or row is None or reference.pixels_sha256[row] != sha256_of_pixels(image):
        return None
    return {name: values[row] for name, values in reference.predictions.items()}


def _png(image: NDArray[np.uint8]) -> bytes:
    written = io.BytesIO()
    _picture(image).save(written, "PNG", compress_level=9)
    return written.getvalue()


def _as_jpeg(one: GoldenImage, contract: ModelContract, name: str) -> GoldenImage:
    """Return the same picture as a plain JPEG like a phone's: quality 90, chroma halved in both directions."""
    written = io.BytesIO()
    _picture(one.image).save(written, "JPEG", quality=90, subsampling="4:2:0")
    encoded = written.getvalue()
    image = decode_image(encoded, contract.pixels, where=name)
    return replace(one, name=name, encoded=encoded, image=image, reference=None)


def _picture(image: NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)


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
        jpeg = _as_jpeg(one, contract, f"{len(chosen)}.jpg")
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
