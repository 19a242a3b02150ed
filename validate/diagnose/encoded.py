"""Mistakes of a door that takes files, in decoding, resizing and scaling: each stage is asked alone.

| what is fed                                    | which stages it needs      |
| ---------------------------------------------- | -------------------------- |
| pixels, at the other door of the same artifact | the network alone          |
| PNG files of the model's own size              | and what scales pixels     |
| PNG files of the decoded pixels                | and the resize             |
| the files themselves                           | and the decoding of a JPEG |
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image as Pillow

from ...contract.image.decode import decode_image
from ...contract.image.resize import resize_bilinear
from ..answers.bench import Answers
from ..answers.image_stream import Rows
from .difference import LARGE_FACTOR, Difference, difference
from .inputs import InputMistake
from .pixels import KINDS, pixel_mistakes
from .resize import Resize, resizes, rounding_resizes
from .sample import Asked, Candidate, choose_rows
from .stages import Image, Made, Network, Stage, nearest

#: Images with another size than the model's, at least: of the others, a resize says nothing.
_FEWEST = 4

_SOUND = InputMistake("", lambda x: x)
_PLAIN = Resize("", resize_bilinear)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Probe:
    """The images of one diagnosis, and the door that is asked.

    Attributes:
        asked: the door that takes files.
        network: the door that takes pixels.
        rows: of the images.
        images: (height, width, channel) uint8 each, as the contract decodes them.
        start: the difference to be explained.

    """

    asked: Asked
    network: Network
    rows: Rows
    images: list[Image]
    start: Difference

    def resized(self, way: Resize = _PLAIN) -> list[Made]:
        """Return the images in the model's size."""
        return [way.make(image, self.asked.pixels.height, self.asked.pixels.width) for image in self.images]

    def of_files(self, images: Sequence[Image]) -> Answers:
        """Return the answers to PNG files of these images."""
        return self.asked.given_files([_png(image) for image in images])


def encoded_candidates(asked: Asked) -> Iterator[Candidate]:
    """Yield what is wrong with the stages before the network, all of them in one sentence."""
    if asked.door != "encoded" or "pixels" not in asked.session.description.doors:
        return
    rows = choose_rows(asked)
    start = difference(asked.answers(rows), asked.expected(rows), asked.heads)
    if start is None:
        return
    images = [asked.decoded(row) for row in rows.tolist()]
    probe = _Probe(asked=asked, network=Network(asked=asked), rows=rows, images=images, start=start)
    base = difference(probe.network.answers(probe.resized()), asked.expected(rows), asked.heads)
    if base is None or base.mean > start.mean / LARGE_FACTOR:
        return
    asked.note_tried(*KINDS, "resize", "decoding")
    stages = list(_stages(probe))
    left = max((base, *(stage.left for stage in stages if stage.left)), key=lambda one: one.mean)
    wrong = [(stage.words, stage.proof) for stage in stages if stage.words]
    if wrong:
        words = "; and ".join(words for words, _ in wrong)
        proof = " and ".join(dict.fromkeys(proof for _, proof in wrong))
        yield Candidate(words=words, before=start, after=left, proof=proof, is_proven=True)


def _stages(probe: _Probe) -> Iterator[Stage]:
    """Yield what was found about each stage, the last before the network first; a resize is only told if that is."""
    small = [np.round(image) for image in probe.resized()]
    changes = [_SOUND, *pixel_mistakes(probe.asked.pixels, "reads")]
    made = [(change.words, probe.network.answers(small, change)) for change in changes]
    full = probe.of_files(probe.images)
    scaling = nearest(probe.asked, probe.of_files([image.astype(np.uint8) for image in small]), made, probe.start)
    if scaling is None:
        yield Stage(words=_UNKNOWN_SCALING, proof="given as pixels")
    else:
        yield scaling
        yield _resize(probe, full, changes[scaling.chosen])
    yield _decoding(probe, full)


def _resize(probe: _Probe, full: Answers, change: InputMistake) -> Stage:
    """Tell which resize gives the answers to PNG files of the whole images, with what comes after it done as well."""
    size = (probe.asked.pixels.height, probe.asked.pixels.width)
    if sum(image.shape[:2] != size for image in probe.images) < _FEWEST:
        return Stage(words="", proof="")
    ways = [*resizes(), *rounding_resizes()]
    made = [(way.words, probe.network.answers(probe.resized(way), change)) for way in ways]
    weaker = Stage(words=_UNKNOWN_RESIZE, proof="given PNG files of the model's own size")
    return nearest(probe.asked, full, made, probe.start) or weaker


def _decoding(probe: _Probe, full: Answers) -> Stage:
    """Tell whether files are answered as PNG files of the pixels that the contract decodes, or as turned ones."""
    contract, asked = probe.asked.bench.contract.pixels, probe.asked
    other = replace(contract, exif="applied" if contract.exif == "ignored" else "ignored")
    turned = [decode_image(file, other) for file in asked.bench.stream.encoded(probe.rows)]
    made = [("", full)]
    if any(one.shape != image.shape or (one != image).any() for one, image in zip(turned, probe.images, strict=True)):
        made.append((_TURNED[contract.exif], probe.of_files(turned)))
    weaker = Stage(words=_UNKNOWN_DECODING, proof="given PNG files of the same pixels")
    return nearest(asked, asked.answers(probe.rows), made, probe.start) or weaker


_UNKNOWN_SCALING = (
    "what it does to the pixels of a file is at fault, in none of the usual ways: PNG files of the model's own size, "
    "which need no resize and no JPEG decoder, are answered unlike their pixels"
)
_UNKNOWN_RESIZE = (
    "the resize step is at fault, in none of the usual ways: it shows in files of another size than the model's alone"
)
_UNKNOWN_DECODING = (
    "files are decoded in another way (a JPEG's DCT method, or how its colours are enlarged, say): PNG files of the "
    "same pixels are answered otherwise"
)
_TURNED = {
    "ignored": "images are turned by their EXIF orientation, which the contract says is ignored",
    "applied": "images are not turned by their EXIF orientation, which the contract says is applied",
}


def _png(image: Image) -> bytes:
    """Return a PNG file of the pixels, hardly packed: an artifact reads it once."""
    file = io.BytesIO()
    Pillow.fromarray(image[:, :, 0] if image.shape[2] == 1 else image).save(file, "PNG", compress_level=1)
    return file.getvalue()
