"""What modelport.toml says against itself, or against the disk: found before a training, not after it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ....contract.options.option import options_of
from ....contract.recipes import ON_IMAGES
from ....contract.run.artifacts import SHIPPED
from ....convert.options.export_options import FrozenGraphOptions
from ....convert.options.formats import PATHS, variant_path
from ....quantize.recipes import PATHS as RECIPE_PATHS
from ...archive.profiles import PROFILES
from .keys import PRODUCTS, TABLES

Values = dict[str, dict[str, Any]]

#: Keys of [deliver.backend] that its profile takes no notice of; `modelport deliver backend` refuses the same.
_NOT_OF_PROFILE = tuple(name for name in TABLES["deliver.backend"] if name not in ("target", "profile", "overwrite"))


def contradictions(values: Values, folder: Path) -> Iterator[str]:
    """Yield what two tables, or a table and the disk, say against each other; `folder` is that of the file."""
    yield from _of_stages(values)
    yield from _of_folders(values, folder)
    yield from _of_archive(values)
    yield from _of_profile(values)


def _of_stages(values: Values) -> Iterator[str]:
    formats, recipes = values["convert"]["formats"], values["quantize"]["recipes"]
    if not formats and not recipes:
        yield "[convert] formats: nothing is exported, neither here nor by [quantize] recipes"
    if values["quantize"]["representative_data"] is not None and not {*recipes} & {*ON_IMAGES}:
        yield f"[quantize] representative_data: counts for {' or '.join(ON_IMAGES)}, which is not among recipes"
    if "deliver.web" in values and "tfjs" not in formats:
        yield '[deliver.web]: a page needs a TensorFlow.js model: add "tfjs" to [convert] formats'
    if "deliver.flutter" in values and "tflite" not in formats and not recipes:
        yield '[deliver.flutter]: an app needs a .tflite: add "tflite" to [convert] formats, or [quantize] recipes'
    if "frozen_graph" not in formats:
        for name in options_of(FrozenGraphOptions):
            if values["convert"][name] is not None:
                yield f"[convert] {name}: counts for frozen_graph, which is not among formats"


def _of_folders(values: Values, folder: Path) -> Iterator[str]:
    """Yield places that cannot be what they are to be: resolved, so that a link hides nothing."""
    images, given = values["data"].get("images"), values["ship"]["work"]
    work = folder / given if isinstance(given, str) else folder
    above = next(path for path in (work, *work.absolute().parents) if path.exists())
    if not above.is_dir():
        yield f"[ship] work: expected a folder; received {above}, which is a file"
    if isinstance(images, Path) and images.exists():
        if not images.is_dir():
            yield f"[data] images: expected a folder; received {images}, which is a file"
        inner, outer = images.resolve(), (work / "dataset").resolve()
        if inner == outer or inner in outer.parents or outer in inner.parents:
            yield f"[ship] work: data set and images overlap: {work / 'dataset'} and {images}"
    named = [(name, values.get(f"deliver.{name}", {}).get("target")) for name in PRODUCTS]
    seen: dict[str, str] = {}
    for name, target in named:
        if isinstance(target, str):
            first = seen.setdefault(os.path.realpath(folder / target), name)
            if first != name:
                yield f"[deliver.{name}] target: {target} is that of [deliver.{first}]: each needs a place of its own"


def _of_archive(values: Values) -> Iterator[str]:
    given = values.get("deliver.archive", {})
    formats, recipes = values["convert"]["formats"], values["quantize"]["recipes"]
    profile = PROFILES.get(str(given.get("profile")))
    sources = profile.artifacts if profile else {}
    if SHIPPED in sources and "tflite" not in formats and not recipes:
        yield f'[deliver.archive] profile: {given["profile"]} needs a .tflite: add "tflite" to [convert] formats'
    if PATHS["frozen_graph"] in sources and "frozen_graph" not in formats:
        yield f'[deliver.archive] profile: {given["profile"]} needs a graph: add "frozen_graph" to [convert] formats'
    include = given.get("include")
    if isinstance(include, list):
        known = _names(values)
        for name in include:
            if isinstance(name, str) and name not in known:
                expected = ", ".join(sorted(name for name in known if name in {*formats, *recipes, "float32"}))
                yield f"[deliver.archive] include: {name} is nothing that is exported; expected some of {expected}"


def _names(values: Values) -> set[str]:
    """Return formats, recipes and paths of all that the file may come to."""
    convert, recipes = values["convert"], values["quantize"]["recipes"]
    made = [(PATHS[one], "float32") for one in convert["formats"] if one in PATHS]
    made += [(PATHS["tfjs"], one) for one in ("float16", "weight_int8") if "tfjs" in convert["formats"]]
    paths = [*(RECIPE_PATHS[one] for one in recipes if one in RECIPE_PATHS)]
    paths += [variant_path(path, recipe=recipe, layout=layout) for path, recipe in made for layout in ("NHWC", "NCHW")]
    in_graph = [variant_path(path, preprocessing="in_graph") for path in paths]
    kinds = {"float32"} | ({"float16", "weight_int8"} if "tfjs" in convert["formats"] else set())
    return {*convert["formats"], *recipes, *kinds, *paths, *in_graph}


def _of_profile(values: Values) -> Iterator[str]:
    given = values.get("deliver.backend", {})
    if not given.get("profile"):
        return
    for name in _NOT_OF_PROFILE:
        if given.get(name) is not None and given[name] is not False:
            yield f"[deliver.backend] {name}: counts without profile only"
    if "frozen_graph" not in values["convert"]["formats"]:
        yield f'[deliver.backend] profile: {given["profile"]} needs a graph: add "frozen_graph" to [convert] formats'
