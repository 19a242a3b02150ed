"""Mistakes of an artifact that takes uint8 pixels of any size, in resizing and scaling, made on purpose.

| what is fed                     | what it is held against                               | what it clears     |
| ------------------------------- | ----------------------------------------------------- | ------------------ |
| images resized before           | the reference                                         | all but the resize |
| images resized in another way   | its own answers to whole images                       | names the resize   |
| images of the model's own size  | another artifact of the run, given changed pixels     | names the scaling  |
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...contract.errors import ModelportError
from ...contract.image.resize import resize_bilinear
from ...contract.run.artifacts import Artifact
from ..answers.bench import Answers
from ..answers.image_stream import Rows
from .difference import LARGE_FACTOR, Difference, difference
from .inputs import InputMistake
from .pixels import KINDS, pixel_mistakes
from .resize import resizes
from .sample import Asked, Candidate, choose_rows
from .stages import Image, Made, Network, Stage, nearest

#: Images with another size than the model's, at least: of the others, a resize says nothing.
_FEWEST = 4

#: Pixels are rounded to 8 bits after a resize of ours, so less of the difference goes away.
_BASE_LEFT = 1 / 3

#: The runner-up among the ways to resize must be this much farther from the artifact's own answers.
_CLEARLY = 1.5

#: Formats of artifacts whose runtimes cost no TensorFlow.
_CHEAP = ("onnx", "tflite")


def in_graph_candidates(asked: Asked) -> Iterator[Candidate]:
    """Yield what is wrong with the resize, or with what comes between it and the network."""
    if asked.door != "pixels" or asked.pixels.preprocessing != "in_graph":
        return
    rows = choose_rows(asked)
    images = {row: asked.decoded(row) for row in rows.tolist()}
    size = (asked.pixels.height, asked.pixels.width)
    resized = np.array([row for row in rows.tolist() if images[row].shape[:2] != size], dtype=np.intp)
    if resized.size >= _FEWEST:
        yield from _resize_candidates(asked, resized, images)
    yield from _scaling_candidates(asked, rows, [resize_bilinear(images[row], *size) for row in rows.tolist()])


def _resize_candidates(asked: Asked, rows: Rows, images: dict[int, Image]) -> Iterator[Candidate]:
    """Yield the way to resize that gives the artifact's own answers; or that the resize is at fault, if none does."""
    own, expected, size = asked.answers(rows), asked.expected(rows), (asked.pixels.height, asked.pixels.width)
    before = difference(own, expected, asked.heads)
    asked.note_tried("resize")
    tried: list[tuple[str, Difference, Answers]] = []
    for way in resizes():
        made = _given(asked, [way.make(images[row], *size) for row in rows.tolist()])
        found = difference(made, own, asked.heads)
        if found is not None:
            tried.append((way.words, found, made))
    if before is None or not tried or tried[0][0]:
        return
    base = difference(tried[0][2], expected, asked.heads)
    if base is None or base.mean > before.mean * _BASE_LEFT or base.agreement < before.agreement:
        return
    words, nearest_one, _ = min(tried, key=lambda one: one[1].mean)
    others = [found.mean for text, found, _ in tried if text != words]
    is_clear = words and all(mean >= nearest_one.mean * _CLEARLY for mean in others)
    if is_clear and nearest_one.mean <= before.mean * _BASE_LEFT:
        proof = "given images of the model's own size, it answers as the reference; given images resized so, as it does"
        left = max(base, nearest_one, key=lambda one: one.mean)  # of both halves of the proof
        yield Candidate(words=words, before=before, after=left, proof=proof, is_proven=True)
    elif words or nearest_one.mean > before.mean * _BASE_LEFT:
        words = "the resize step is at fault: images of the model's own size are answered right, others are not"
        yield Candidate(words=words, before=before, after=base, proof="resized before it is asked", is_proven=True)


def _scaling_candidates(asked: Asked, rows: Rows, resized: list[Made]) -> Iterator[Candidate]:
    """Yield the mistake that makes another artifact's network answer as this one does to images of its own size."""
    start = difference(asked.answers(rows), asked.expected(rows), asked.heads)
    if start is None:
        return
    for sibling in _siblings(asked):
        found = None
        with suppress(ModelportError):  # what cannot be opened here, or answers wrong itself, tells nothing
            found = _told_by(sibling, asked, rows, resized, start)
        if found is not None:
            asked.note_tried(*KINDS)
            if found.words and found.left is not None:
                proof = f"{found.proof} to the pixels of {sibling.path}"
                yield Candidate(words=found.words, before=start, after=found.left, proof=proof, is_proven=True)
            return


def _told_by(sibling: Artifact, asked: Asked, rows: Rows, resized: list[Made], start: Difference) -> Stage | None:
    """Return what a sound artifact that takes float pixels tells; None where it is not sound."""
    bench, log = asked.bench, asked.bench.logs / "diagnosis.log"
    path, contract = bench.root / sibling.path, bench.contract_of(sibling)
    with bench.open_artifact(path, sibling.format, contract, log=log) as session:
        network = Network(asked=Asked(session, "pixels", sibling, asked.budgets, bench))
        base = difference(network.answers(resized), asked.expected(rows), asked.heads)
        if base is None or base.mean > start.mean / LARGE_FACTOR:
            return None
        small = [np.round(image) for image in resized]
        changes = [InputMistake("", lambda x: x), *pixel_mistakes(contract.pixels)]
        made = [(change.words, network.answers(small, change)) for change in changes]
    return nearest(asked, _given(asked, resized), made, start) or Stage(words="", proof="")


def _siblings(asked: Asked) -> list[Artifact]:
    """Return what may be asked instead, first those of the same recipe; the run's own model last, as it costs most."""
    own, bench = asked.artifact, asked.bench
    found = [other for other in bench.siblings if other.format in _CHEAP and other.preprocessing == "none"]
    found.sort(key=lambda other: (other.recipe != own.recipe, _CHEAP.index(other.format)))
    keras = Artifact(path="model.keras", format="keras", recipe="float32", size_bytes=0, sha256="", parent_sha256="")
    return [other for other in (*found, keras) if (bench.root / other.path).is_file()]


def _given(asked: Asked, resized: list[Made]) -> Answers:
    """Ask for images of the model's own size, float32 in [0, 255], as 8 bits."""
    return asked.given([_laid_out(np.round(image).astype(np.uint8), asked) for image in resized])


def _laid_out(image: NDArray[Any], asked: Asked) -> NDArray[Any]:
    return np.ascontiguousarray(image.transpose(2, 0, 1)) if asked.pixels.layout == "NCHW" else image
