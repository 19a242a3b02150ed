"""Mistakes in decoding and resizing inside an artifact, which cannot be undone: each is made on purpose.

It is made before a door that takes pixels of the model's own size, to see whether the artifact then answers as it does
to the files themselves.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.pixels import PixelContract
from ..contract.resize import resize_bilinear
from .bench import Answers
from .diagnose_resize import resizes, turned_upright
from .difference import Difference, difference
from .image_stream import Rows
from .sample import Asked, Candidate, choose_rows

Made = NDArray[np.float32]

#: Images with another size than the model's, at least: of the others, a resize says nothing.
_FEWEST = 4

#: Pixels of an in-graph artifact are rounded to 8 bits after a resize of ours, so less of the difference goes away.
_BASE_LEFT = 1 / 3

#: The runner-up among the ways to resize must be this much farther from the artifact's own answers.
_CLEARLY = 1.5


def preprocessing_candidates(asked: Asked) -> Iterator[Candidate]:
    """Yield the mistakes in decoding, resizing and scaling that the artifact may have made inside."""
    if asked.door == "pixels" and asked.pixels.preprocessing != "in_graph":
        return
    if asked.door == "encoded" and "pixels" not in asked.session.description.doors:
        return
    rows = choose_rows(asked)
    images = {row: asked.decoded(row) for row in rows.tolist()}
    size = (asked.pixels.height, asked.pixels.width)
    resized = np.array([row for row in rows.tolist() if images[row].shape[:2] != size], dtype=np.intp)
    if resized.size >= _FEWEST:
        yield from _resize_candidates(asked, resized, images)
    if asked.door == "encoded":
        yield from _pixel_candidates(asked, rows, images)


def _resize_candidates(asked: Asked, rows: Rows, images: dict[int, NDArray[np.uint8]]) -> Iterator[Candidate]:
    """Yield the way to resize that gives the artifact's own answers; or that the resize is at fault, if none does."""
    own, expected, size = asked.answers(rows), asked.expected(rows), (asked.pixels.height, asked.pixels.width)
    before = difference(own, expected, asked.heads)
    tried: list[tuple[str, Difference, Answers]] = []
    for way in resizes():
        made = _answers_to(asked, [way.make(images[row], *size) for row in rows.tolist()])
        found = difference(made, own, asked.heads)
        if found is not None:
            tried.append((way.words, found, made))
    if before is None or not tried or tried[0][0]:
        return
    base = difference(tried[0][2], expected, asked.heads)
    if base is None or base.mean > before.mean * _BASE_LEFT or base.agreement < before.agreement:
        return
    words, nearest, _ = min(tried, key=lambda one: one[1].mean)
    others = [found.mean for text, found, _ in tried if text != words]
    is_clear = words and all(mean >= nearest.mean * _CLEARLY for mean in others)
    if is_clear and nearest.mean <= before.mean * _BASE_LEFT:
        proof = "given images of the model's own size, it answers as the reference; given images resized so, as it does"
        yield Candidate(words=words, before=before, after=_left(base, nearest), proof=proof, is_proven=True)
    elif words or nearest.mean > before.mean * _BASE_LEFT:
        words = "the resize step is at fault: images of the model's own size are answered right, others are not"
        yield Candidate(words=words, before=before, after=base, proof="resized before it is asked", is_proven=True)


def _left(base: Difference, nearest: Difference) -> Difference:
    """Return the larger of what is left in both halves of a proof."""
    return base if base.mean >= nearest.mean else nearest


def _pixel_candidates(asked: Asked, rows: Rows, images: dict[int, NDArray[np.uint8]]) -> Iterator[Candidate]:
    """Yield what the encoded door does to pixels behind the resize, told by the door that takes them."""
    own, expected = asked.answers(rows), asked.expected(rows)
    before, size = difference(own, expected, asked.heads), (asked.pixels.height, asked.pixels.width)
    scaled = [_in_range(resize_bilinear(images[row], *size), asked.pixels) for row in rows.tolist()]
    base = difference(_answers_to_pixels(asked, scaled), expected, asked.heads)
    if before is None or base is None or base.mean > before.mean / 4:
        return
    for words, make in _FORWARD.items():
        found = difference(_answers_to_pixels(asked, [make(image) for image in scaled]), own, asked.heads)
        if found is not None:
            yield Candidate(words=words, before=before, after=_left(base, found), proof="done to pixels on purpose")
    yield from _turned(asked, rows, size, before)


def _turned(asked: Asked, rows: Rows, size: tuple[int, int], before: Difference) -> Iterator[Candidate]:
    """Yield that files are turned upright inside, or are not, if some ask for it."""
    stream, channels = asked.bench.stream, asked.pixels.channels
    upright = {row: turned_upright(stream.encoded(np.array([row]))[0], channels) for row in rows.tolist()}
    turned = np.array([row for row in rows.tolist() if upright[row] is not None], dtype=np.intp)
    if turned.size < _FEWEST or asked.bench.contract.pixels.exif != "ignored":
        return
    made = [resize_bilinear(image, *size) for row in turned.tolist() if (image := upright[row]) is not None]
    found = difference(_answers_to(asked, made), asked.answers(turned), asked.heads)
    start = difference(asked.answers(turned), asked.expected(turned), asked.heads)
    if found is not None and start is not None:
        words = "images are turned by their EXIF orientation, which the contract says is ignored"
        yield Candidate(words=words, before=start, after=found, proof="turned on purpose")


_TWICE = "input is scaled twice: files are decoded to the contract's range, and"
_FORWARD: dict[str, Callable[[Made], Made]] = {
    "colour channels are swapped: files are decoded to BGR, and the contract says RGB": lambda x: x[..., ::-1],
    f"{_TWICE} divided by 255 again": lambda x: x / np.float32(255),
    f"{_TWICE} doubled, less 1": lambda x: x * 2 - 1,
    f"{_TWICE} divided by 127.5, less 1": lambda x: x / np.float32(127.5) - 1,
    "input is not scaled: files are decoded to [0, 255]": lambda x: x * 255,
    "height and width are exchanged: images lie on their side": lambda x: x.transpose(1, 0, 2),
    "images are decoded to grey": lambda x: np.broadcast_to(x.mean(axis=-1, keepdims=True), x.shape),
}


def _answers_to(asked: Asked, resized: list[Made]) -> Answers:
    """Ask for images of the model's own size, float32 in [0, 255]."""
    if asked.door == "pixels":  # in the graph: 8 bits
        return asked.given([_laid_out(np.round(image).astype(np.uint8), asked.pixels) for image in resized])
    return _answers_to_pixels(asked, [_in_range(image, asked.pixels) for image in resized])


def _answers_to_pixels(asked: Asked, images: list[Made]) -> Answers:
    fit = [_laid_out(np.asarray(image, dtype=np.float32), asked.pixels) for image in images]
    return asked.given([np.ascontiguousarray(image) for image in fit])


def _in_range(image: Made, pixels: PixelContract) -> Made:
    low, high = pixels.value_range
    return image * np.float32((high - low) / 255) + np.float32(low)


def _laid_out(image: NDArray[Any], pixels: PixelContract) -> NDArray[Any]:
    return np.ascontiguousarray(image.transpose(2, 0, 1)) if pixels.layout == "NCHW" else image
