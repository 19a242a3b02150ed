"""`modelport quantize`: smaller versions of a run's model, each recorded in the lock."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..contract.artifacts import Artifact
from ..contract.dataset import open_dataset
from ..contract.errors import InputError
from ..contract.hashing import sha256_of_file
from ..contract.narration import Narrator, Silent
from ..contract.run_folder import RunFolder
from ..convert.write_artifacts import Job, write_artifacts
from .dynamic_int8 import write_dynamic_int8
from .float16 import write_float16
from .full_int8 import write_full_int8
from .recipes import PATHS
from .representative import REPRESENTATIVE_IMAGES, choose_representative


def quantize(
    run: str | Path,
    recipes: Sequence[str] = tuple(PATHS),
    *,
    data: str | Path | None = None,
    representative_images: int = REPRESENTATIVE_IMAGES,
    seed: int = 0,
    overwrite: bool = False,
    narrator: Narrator | None = None,
) -> list[Artifact]:
    """Write the quantized artifacts of a run.

    Args:
        run: the run folder.
        recipes: keys of recipes.PATHS.
        data: the prepared data set; None: where training found it.
        representative_images: number of images that full_int8 measures ranges on.
        seed: of their choice.
        overwrite: write anew what is there already.
        narrator: told about each artifact.

    Raises:
        InputError: no run, no data set, or a model that cannot be converted.
        UsageError: something is in the way that the lock does not know.
    """
    folder = RunFolder(Path(run))
    jobs = []
    for recipe in recipes:
        write: Any = {"float16": write_float16, "dynamic_int8": write_dynamic_int8}.get(recipe)
        options: dict[str, Any] = {}
        if recipe == "full_int8":
            write, options = _full_int8(folder, data, representative_images, seed)
        jobs.append(Job(path=PATHS[recipe], format="tflite", recipe=recipe, write=write, options=options))
    return write_artifacts(folder, jobs, overwrite=overwrite, narrator=narrator or Silent())


def _full_int8(folder: RunFolder, data: str | Path | None, count: int, seed: int) -> tuple[Any, dict[str, Any]]:
    """Return the writer with its images, and what the lock says of them."""
    contract = folder.read_contract()
    root = data or contract.provenance.dataset
    if root is None or not Path(root).is_dir():
        raise InputError(
            "representative images cannot be found",
            where=root or "the run does not know its data set",
            fix=f"modelport quantize {folder.root} --data DATASET, or --recipes float16,dynamic_int8",
        )
    dataset = open_dataset(root)
    if dataset.labels != contract.first_classification.labels:
        raise InputError(
            "data set has other classes than the model",
            where=root,
            expected=" ".join(contract.first_classification.labels),
            received=" ".join(dataset.labels),
        )
    images = choose_representative(dataset, count, seed)
    listed = [
        {"path": image.path.relative_to(root).as_posix(), "sha256": sha256_of_file(image.path)} for image in images
    ]
    options = {"representative_seed": seed, "representative_images": listed}
    return partial(write_full_int8, images=[image.path for image in images]), options
