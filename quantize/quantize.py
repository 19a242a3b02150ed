"""`modelport quantize`: smaller versions of a run's model, each recorded in the lock."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..contract.files.hashing import sha256_of_file
from ..contract.image.pixels import InputForm
from ..contract.narration import Narrator, Silent
from ..contract.recipes import RECIPES
from ..contract.run.artifacts import Artifact
from ..contract.run.run_folder import RunFolder
from ..convert.options.export_options import TfliteOptions
from ..convert.options.formats import variant_path
from ..convert.write_artifacts import Job, write_artifacts
from .dynamic_int8 import write_dynamic_int8
from .float16 import write_float16
from .full_int8 import write_full_int8
from .recipes import PATHS
from .representative import find_representative
from .representative_options import REPRESENTATIVE_IMAGES, RepresentativeOptions

#: Each takes the Source, the path to write to, and what a .tflite can be told.
WRITERS: dict[str, Callable[..., None]] = {
    "float16": write_float16,
    "dynamic_int8": write_dynamic_int8,
    "full_int8": write_full_int8,
}


def quantize(
    run: str | Path,
    recipes: Sequence[str] = tuple(PATHS),
    *,
    data: str | Path | None = None,
    representative_data: str | Path | None = None,
    representative_images: int = REPRESENTATIVE_IMAGES,
    seed: int = 0,
    form: InputForm | None = None,
    tflite: TfliteOptions | None = None,
    overwrite: bool = False,
    narrator: Narrator | None = None,
) -> list[Artifact]:
    """Write the quantized artifacts of a run.

    Args:
        run: the run folder.
        recipes: keys of recipes.PATHS.
        data: the prepared data set, whose train split full_int8 measures ranges on; None: where training found it.
        representative_data: labelled images apart from those that artifacts are judged on, in the place of `data`.
        representative_images: number of images that full_int8 measures ranges on.
        seed: of their choice.
        form: in which the artifacts take their images; None: as the contract says.
        tflite: what each file is told; None: nothing.
        overwrite: write anew what is there already.
        narrator: told about each artifact.

    Raises:
        InputError: no run, no representative images, or a model that cannot be converted.
        UsageError: an option is out of range, something is in the way that the lock does not know, or both kinds of
            data are given.
    """
    folder = RunFolder(Path(run))
    wanted = RepresentativeOptions(
        data=None if data is None else Path(data),
        representative_data=None if representative_data is None else Path(representative_data),
        representative_images=representative_images,
        seed=seed,
    )
    form, tflite, jobs = form or InputForm(), tflite or TfliteOptions(), []
    for recipe in recipes:
        images, said = _on_images(folder, wanted) if RECIPES[recipe].on_images else ({}, {})
        write = partial(WRITERS[recipe], options=tflite, **images)
        path, options = variant_path(PATHS[recipe], preprocessing=form.preprocessing), said | tflite.recorded()
        jobs.append(Job(path=path, format="tflite", recipe=recipe, write=write, form=form, options=options))
    return write_artifacts(folder, jobs, overwrite=overwrite, narrator=narrator or Silent())


def _on_images(folder: RunFolder, options: RepresentativeOptions) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a writer is given of the representative images, and what the lock says of them."""
    root, images = find_representative(folder, folder.read_contract(), options)
    listed = [
        {"path": image.path.relative_to(root).as_posix(), "sha256": sha256_of_file(image.path)} for image in images
    ]
    said = {"representative_seed": options.seed, "representative_images": listed}
    return {"images": [image.path for image in images]}, said
