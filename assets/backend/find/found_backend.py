"""What the service of a backend really loads, told by the files that lie there and by the names in its code."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ....contract.errors import InputError, UsageError
from ....contract.formats import FORMATS
from ....contract.labels.labels_file import read_labels
from ..store.backend_record import name_in_backend
from .code_names import NamedFile, names_in_code


class Place(NamedTuple):
    """Where services look for a model."""

    path: str
    format: str
    labels: str


#: In the order in which services look. The incumbent of DESIGN.md section 1 prefers models/model.keras and
#: models/training_set_labels.txt, where they exist, over the graph in its root. retrained_* is what the codelab of
#: TensorFlow 1 named its files, output_* the defaults of its retrain.py (hub/examples/image_retraining/retrain.py).
PLACES = (
    Place("models/model.keras", "keras", "training_set_labels.txt"),
    Place("models/model.h5", "h5", "training_set_labels.txt"),
    Place("models/saved_model", "saved_model", "training_set_labels.txt"),
    Place("models/trained_model_graph.pb", "frozen_graph", "training_set_labels.txt"),
    Place("model.keras", "keras", "training_set_labels.txt"),
    Place("model.h5", "h5", "training_set_labels.txt"),
    Place("saved_model", "saved_model", "training_set_labels.txt"),
    Place("trained_model_graph.pb", "frozen_graph", "training_set_labels.txt"),
    Place("retrained_graph.pb", "frozen_graph", "retrained_labels.txt"),
    Place("output_graph.pb", "frozen_graph", "output_labels.txt"),
)

#: What a backend gets that has no model yet: format to place.
FIRST_PLACES = {
    "frozen_graph": "trained_model_graph.pb",
    "saved_model": "saved_model",
    "keras": "models/model.keras",
    "h5": "models/model.h5",
}

_SUFFIXES = {suffix: name for name in FIRST_PLACES for suffix in FORMATS[name].suffixes}
#: The labels that services prefer, whatever model they load.
_PREFERRED_LABELS = "models/training_set_labels.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBackend:
    """What is there.

    Attributes:
        root: the backend's folder.
        model: path of what the service loads, relative to `root`, with forward slashes; it may not be there yet.
        format: of it, a key of FIRST_PLACES.
        labels: path of the labels file that the service reads, relative to `root`; None: none is there.
        passed_over: models that lie there, and that the service does not open while `model` is there.
        named: file names in the code that this delivery does not touch.
    """

    root: Path
    model: str
    format: str
    labels: str | None
    passed_over: tuple[str, ...] = ()
    named: tuple[NamedFile, ...] = ()

    @property
    def path(self) -> Path:
        """Of the model."""
        return self.root / self.model

    @property
    def is_new(self) -> bool:
        """Whether no model lies there yet."""
        return not self.path.exists()


def find_backend(
    root: Path, *, format: str | None = None, model: str | None = None, labels: Path | None = None
) -> FoundBackend:
    """Find what the service loads.

    Args:
        root: its folder.
        format: what is to be delivered; None: in what it loads now.
        model: the file that it loads, relative to `root`, where it is known better.
        labels: the labels file that it reads, wherever it lies, where it is known better.

    Raises:
        InputError: no folder; a model of that format would not be loaded; the code names another one; labels files that
            differ.
        UsageError: `model` is of another format than `format`, or is not in the backend; a run folder.
    """
    if not root.is_dir():
        raise InputError("no such folder", where=root, expected="the folder of the backend")
    if all((root / name).is_file() for name in ("contract.json", "artifacts.json")):
        raise UsageError(
            "this is a run folder, and no backend", where=root, fix="modelport deliver backend RUN BACKEND_DIR"
        )
    named = names_in_code(root)
    there = [place for place in PLACES if (root / place.path).exists()]
    place = _stated(root, model, format) if model else _first(root, there, format, named)
    found = _labels_of(root, place, named) if labels is None else _inside(root, labels)
    touched = {Path(place.path).name, Path(found).name if found else place.labels}
    return FoundBackend(
        root=root,
        model=place.path,
        format=place.format,
        labels=found,
        passed_over=tuple(other.path for other in there if other.path != place.path),
        named=tuple(name for name in named if name.name not in touched),
    )


def _stated(root: Path, model: str, format: str | None) -> Place:
    path = Path(name_in_backend(root, model))
    kind = "saved_model" if (root / path).is_dir() else _SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise UsageError(
            "not a model that is swapped", where="--model-file", expected=", ".join(_SUFFIXES), received=model
        )
    if format not in (None, kind):
        raise UsageError("--format and --model-file differ", expected=kind, received=format, fix="drop --format")
    known = {place.path: place.labels for place in PLACES}
    return Place(path.as_posix(), kind, known.get(path.as_posix(), "training_set_labels.txt"))


def _first(root: Path, there: list[Place], format: str | None, named: tuple[NamedFile, ...]) -> Place:
    models = [name for name in named if name.is_model and name.is_there]
    if models and not {Path(place.path).name for place in there} & {name.name for name in models}:
        raise InputError(
            "the service's code names a model that modelport does not know",
            where=root / models[0].code,
            expected=", ".join(dict.fromkeys(Path(place.path).name for place in PLACES)),
            received=", ".join(name.name for name in models),
            fix=f"--model-file {models[0].name}, its path in the backend, if the service loads that",
        )
    if not there:
        kind = format or "frozen_graph"
        return Place(FIRST_PLACES[kind], kind, "training_set_labels.txt")
    first = there[0]
    if models and Path(first.path).name not in {name.name for name in models}:
        known = {Path(place.path).name for place in there}
        one = next(name for name in models if name.name in known)
        raise InputError(
            f"{one.code} names {one.name}, and {first.path} lies there, too, where services look first",
            where=root,
            expected="one model, or code that names what it loads",
            fix=f"--model-file {one.path}, if the service loads that; or --model-file {first.path}",
        )
    if format in (None, first.format):
        return first
    mine = next((place.path for place in there if place.format == format), FIRST_PLACES[str(format)])
    what = "the graph" if format == "frozen_graph" else "that"
    raise InputError(
        f"the service prefers {first.path} over {mine}: swapping {what} alone changes nothing",
        where=root,
        expected=f"--format {first.format}, or none",
        received=f"--format {format}",
        fix=f"drop --format, and {first.path} is swapped; or, if the service opens it all the same, "
        f"--model-file {mine}",
    )


def _labels_of(root: Path, place: Place, named: tuple[NamedFile, ...]) -> str | None:
    """Return the labels file that the service reads beside a model, which are one if their content is."""
    beside = (Path(place.path).parent / place.labels).as_posix()
    names = dict.fromkeys([_PREFERRED_LABELS, beside, place.labels, *(other.labels for other in PLACES)])
    found = [name for name in names if (root / name).is_file()]
    if not found:
        return None
    said = read_labels(root / found[0])
    in_code = {one.path: one for one in named if one.path is not None and not one.is_model}
    others = [name for name in dict.fromkeys([*found[1:], *in_code]) if _says(root / name) not in (None, said)]
    if not others:
        return found[0]
    other = others[0]
    stated = other if other in in_code and found[0] not in in_code else found[0]
    names_it = f"{in_code[other].code} names {other}, and not {found[0]}" if stated == other else None
    orders = {name: _says(root / name) or () for name in (found[0], other)}
    raise InputError(
        f"{names_it or f'the service prefers {found[0]} over {other}'}, and they differ",
        where=root,
        expected="one labels file, or several that say the same",
        received="\n".join(f"{name}: {', '.join(order[:8])} ..." for name, order in orders.items()),
        fix=f"--like-labels {root / stated}, the one that the service reads with {place.path}",
    )


def _says(path: Path) -> tuple[str, ...] | None:
    """Return what a labels file says; None where it is none, and no service reads it as one."""
    try:
        return read_labels(path)
    except InputError:
        return None


def _inside(root: Path, labels: Path) -> str | None:
    """Return a labels file's path in the backend; None where it lies elsewhere."""
    absolute, folder = labels.absolute(), root.absolute()
    return absolute.relative_to(folder).as_posix() if absolute.is_relative_to(folder) else None
