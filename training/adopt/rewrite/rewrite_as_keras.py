"""The task behind `modelport adopt`: a model from elsewhere, rewritten as one model.keras without foreign code."""

import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ....contract.errors import InputError, UsageError
from ....runtimes.process.tasks import task
from .check_float32 import check_float32
from .foreign_frozen_graph import open_frozen_graph
from .foreign_keras import only_value, open_keras
from .foreign_model import ForeignModel, image_shape, output_width
from .foreign_saved_model import open_saved_model
from .freeze_into_layer import freeze_into_layer
from .read_foreign_graph import looks_like_frozen_graph

_TAKEN = "a .keras file, a legacy .h5 file, a SavedModel folder, or a frozen graph (.pb)"


@task
def rewrite_as_keras(arguments: dict[str, Any]) -> dict[str, Any]:
    """Open a model, check that it classifies images, and write it as model.keras, float32.

    Args:
        arguments: "path" of the model and "destination"; "image_size", [height, width] or null; "softmax", whether to
            append one; "allow_lambda", whether to run the code in Lambda layers; "input_name" and "output_name" of a
            frozen graph's tensors, or null.

    Returns:
        "loader": what opened it; "shape": [height, width, channel]; "width": values per image; "parameters"; "layers":
        whether Keras' layers were kept (else it is one graph); "notes": sentences.

    Raises:
        InputError: a model that cannot be used, with the reason.
        UsageError: names of tensors that the graph has not, or for a model that is no frozen graph.
        MissingExtraError: tf-keras is needed and not installed.
    """
    keras.config.set_dtype_policy("float32")
    source = Path(arguments["path"])
    foreign = _open(source, arguments)
    shape, width = image_shape(foreign, arguments["image_size"]), output_width(foreign)
    model = _rebuild(foreign, shape, softmax=arguments["softmax"])
    _check_weights(model, source)
    model.save(arguments["destination"])
    return {
        "loader": foreign.loader,
        "shape": list(shape),
        "width": width,
        "parameters": model.count_params(),
        "layers": foreign.keras_model is not None,
        "notes": list(foreign.notes),
    }


def _open(source: Path, arguments: dict[str, Any]) -> ForeignModel:
    names = arguments["input_name"], arguments["output_name"]
    if looks_like_frozen_graph(source):
        return open_frozen_graph(source, *names, arguments["image_size"])
    if any(names):
        option = "--input-name" if names[0] else "--output-name"
        fix = f"drop {option}: the others say themselves what goes in and out"
        raise UsageError(f"{option} is for frozen graphs (.pb)", where=source, fix=fix)
    if (source / "saved_model.pb").is_file():
        return open_saved_model(source)
    if source.is_file() and (source.suffix in (".keras", ".h5", ".hdf5") or zipfile.is_zipfile(source)):
        return open_keras(source, allow_lambda=arguments["allow_lambda"])
    if not source.exists():
        raise InputError("model does not exist", where=source, expected=_TAKEN)
    if source.name == "saved_model.pb":
        raise InputError("this is part of a SavedModel", where=source, expected=_TAKEN, fix=f"adopt {source.parent}")
    received = "a folder without saved_model.pb" if source.is_dir() else f"a {source.suffix or 'nameless'} file"
    raise InputError(
        "adopt does not take this",
        where=source,
        expected=_TAKEN,
        received=received,
        fix="adopt the model that this was exported from: exports hold no layers that could be exported again",
    )


def _rebuild(foreign: ForeignModel, shape: tuple[int, int, int], *, softmax: bool) -> Any:
    """Return a functional model "image" (batch, *shape) -> (batch, width)."""
    own = foreign.keras_model
    taken = set() if own is None else {own.name}
    if own is not None and tuple(own.inputs[0].shape[1:]) == shape:
        taken = {part.name for part in _parts(own)}
        image, answer = own.inputs[0], own.outputs[0]
        if not softmax:
            return keras.Model(image, answer, name=own.name)
    else:
        image = keras.Input(shape, name=_free("image", taken), dtype="float32")
        answer = _apply(foreign, shape, image)
    if softmax:
        answer = keras.layers.Softmax(name=_free("probabilities", taken))(answer)
    return keras.Model(image, answer, name="adopted")


def _parts(model: Any) -> list[Any]:
    """Return the layers and bare operations of a functional or sequential model: no two may have one name."""
    return list(getattr(model, "operations", model.layers))


def _free(name: str, taken: set[str]) -> str:
    found, number = name, 0
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


def _apply(foreign: ForeignModel, shape: tuple[int, int, int], image: Any) -> Any:
    if foreign.keras_model is not None:
        return only_value(foreign.keras_model(image, training=False))
    layer, values = freeze_into_layer(foreign.run, shape, foreign.where)
    check_float32(layer.graph, foreign.where)
    answer = layer(image)
    layer.set_weights(values)
    return answer


def _check_weights(model: Any, source: Path) -> None:
    bad = []
    for weight in model.weights:
        values = np.asarray(weight.value)
        count = int((~np.isfinite(values)).sum()) if values.dtype.kind == "f" else 0
        if count:
            bad.append(f"{weight.path}: {count} of {values.size} values")
    if bad:
        raise InputError(
            f"NaN or infinity in {len(bad)} of {len(model.weights)} weights",
            where=source,
            expected="finite weights",
            received="\n".join(bad[:8]),
            fix="take an earlier checkpoint: the training diverged",
        )
