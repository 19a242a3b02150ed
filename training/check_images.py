"""Decode every image of a data set that `modelport prepare` did not make, before an epoch trips over one."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..contract.dataset import Dataset
from ..contract.decode import open_image
from ..contract.errors import InputError
from ..contract.narration import Narrator

TRAINABLE = ("JPEG", "PNG")


def check_images(dataset: Dataset, narrator: Narrator) -> None:
    """Raise InputError unless every image decodes and is a JPEG or PNG that all decoders read alike."""
    paths = [image.path for images in dataset.splits.values() for image in images]
    with ThreadPoolExecutor() as pool:
        found = [
            problem for problem in narrator.track(pool.map(_problem, paths), len(paths), "checking images") if problem
        ]
    if found:
        raise InputError(
            f"{len(found)} images cannot be trained on",
            where=dataset.root,
            expected="JPEG or PNG files, RGB or grey, that decode",
            received="\n".join(found[:10]) + (f"\nand {len(found) - 10} more" if len(found) > 10 else ""),
            fix=f"modelport prepare {dataset.root} DATASET, which sets them aside or re-encodes them",
        )


def _problem(path: Path) -> str | None:
    try:
        image = open_image(path.read_bytes(), path)
    except (InputError, OSError) as error:
        return f"{path}: {getattr(error, 'what', error)}"
    if image.format not in TRAINABLE or image.mode not in ("RGB", "L"):
        return f"{path}: {image.format} with mode {image.mode}"
    return None
