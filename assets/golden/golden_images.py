"""The images of golden vectors: which test images, as what files."""

import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...contract.dataset.labelled_images import find_labelled_images
from ...contract.files.hashing import sha256_of_file
from ...contract.image.decode import decode_image, read_image, sha256_of_pixels
from ...contract.model_contract.model_contract import ModelContract
from ...contract.run.reference import Reference, read_reference
from ...contract.run.run_folder import RunFolder
from ...contract.statistics.stratified_choice import choose_stratified

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


def choose_images(run: RunFolder, contract: ModelContract, count: int, data: Path | None) -> list[GoldenImage]:
    """Return test images, as many of each class as its share, which ones their hashes decide; small files first.

    Args:
        run: its reference says which images the Keras model was asked about: those are taken, if any is.
        contract: of the run.
        count: how many; all where there are not more.
        data: labelled images; None: the test split of the training run.
    """
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


def as_jpeg(one: GoldenImage, contract: ModelContract, name: str) -> GoldenImage:
    """Return the same picture as a plain JPEG like a phone's: quality 90, chroma halved in both directions."""
    written = io.BytesIO()
    _picture(one.image).save(written, "JPEG", quality=90, subsampling="4:2:0")
    encoded = written.getvalue()
    image = decode_image(encoded, contract.pixels, where=name)
    return replace(one, name=name, encoded=encoded, image=image, reference=None)


def _picture(image: NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)
