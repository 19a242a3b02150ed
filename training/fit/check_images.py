"""Decode every image of a data set that `modelport prepare` did not make, before an epoch trips over one."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ...contract.dataset.prepared_dataset import Dataset
from ...contract.errors import InputError
from ...contract.image.decode import open_image
from ...contract.labels.class_names import check_class_names
from ...contract.narration import Narrator
from ..prepare.upright_png import why_not_plain


def check_images(dataset: Dataset, narrator: Narrator) -> None:
    """Raise InputError unless every image decodes and is a JPEG or PNG that all decoders read alike.

    The names of the classes are checked first, as `modelport prepare` would have done.
    """
    check_class_names(dataset.labels, dataset.root)
    paths = [image.path for images in dataset.splits.values() for image in images]
    with ThreadPoolExecutor() as pool:
        found = [
            problem for problem in narrator.track(pool.map(_problem, paths), len(paths), "checking images") if problem
        ]
    if found:
        raise InputError(
            "an image cannot be trained on" if len(found) == 1 else f"{len(found)} images cannot be trained on",
            where=dataset.root,
            expected="upright JPEG or PNG files, RGB or grey, 8 bits",
            received="\n".join(found[:10]) + (f"\nand {len(found) - 10} more" if len(found) > 10 else ""),
            fix=f"modelport prepare {dataset.root} DATASET, which sets them aside or re-encodes them",
        )


def _problem(path: Path) -> str | None:
    try:
        data = path.read_bytes()
        reason = why_not_plain(open_image(data, path), data)
    except InputError as error:
        reason = error.what if error.received is None else f"{error.what}: {error.received}"
    except OSError as error:
        reason = str(error)
    return f"{path}: {reason}" if reason else None
