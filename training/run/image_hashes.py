"""The sha256 of every image of a data set: is it what `prepare` wrote, is it what the training began with."""

import hashlib
from dataclasses import dataclass

from ...contract.dataset.prepared_dataset import MANIFEST, Dataset
from ...contract.errors import InputError
from ...contract.files.hashing import sha256_of_file
from ...contract.files.json_file import read_json
from ...contract.narration import Narrator


@dataclass(frozen=True, slots=True)
class ImageHashes:
    """What the files of a data set hold.

    Attributes:
        lines: (split, label, path relative to the data set, sha256) of every image.
    """

    lines: tuple[tuple[str, str, str, str], ...]

    def of_split(self, split: str) -> list[str]:
        """Return the sha256 of each image of a split."""
        return [digest for name, _, _, digest in self.lines if name == split]

    @property
    def data_sha256(self) -> str:
        """One hash of all: the same for the same images, labels and splits, whatever the names of the files."""
        lines = sorted(f"{split}\n{label}\n{digest}\n" for split, label, _, digest in self.lines)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def hash_images(dataset: Dataset, narrator: Narrator) -> ImageHashes:
    """Read every file once."""
    every = [(split, image) for split, images in dataset.splits.items() for image in images]
    return ImageHashes(
        tuple(
            (
                split,
                dataset.labels[image.label],
                image.path.relative_to(dataset.root).as_posix(),
                sha256_of_file(image.path),
            )
            for split, image in narrator.track(every, len(every), "hashing images")
        )
    )


def is_as_prepared(dataset: Dataset, hashes: ImageHashes) -> bool:
    """Whether dataset.json lists exactly these files, so that each was decoded by `modelport prepare` already."""
    if not dataset.is_prepared:
        return False
    try:
        listed = {(item["path"], item["sha256"]) for item in read_json(dataset.root / MANIFEST)["images"]}
    except (InputError, KeyError, TypeError):
        return False
    return listed == {(path, digest) for _, _, path, digest in hashes.lines}
