"""Inspect a .keras file or a Keras HDF5 file: its configuration, read without Keras; nothing of it is rebuilt."""

import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..embedded_contract.h5_contract import read_h5_contract
from ..facts.description import Operator
from ..facts.inspection import InspectedTensor, Inspection, Problem
from .config import KerasConfig, read_config
from .stored_object import unlisted_sentence
from .weights import WeightCount, count_in_archive, count_in_h5, data_from_outside, outside_sentence

#: Layers that are models themselves: their layers are counted instead.
_MODELS = ("Functional", "Sequential", "Model")


def inspect_keras(path: Path) -> Inspection:
    """Return what the configuration inside a .keras file says.

    Raises:
        InputError: not a .keras file, a damaged one, or one whose parts are too large to read.
    """
    config = read_config(path)
    inspection = _of_config(path, config, f"Keras archive, written by Keras {config.keras_version or '(unknown)'}")
    weights = count_in_archive(path)
    return inspection if weights is None else _with_weights(inspection, weights, path)


def inspect_keras_h5(path: Path) -> Inspection:
    """Return what a Keras HDF5 file says: a whole model (model_config), or weights only.

    Raises:
        InputError: a damaged HDF5 file, or one that holds no Keras weights.
        MissingExtraError: h5py is not installed.
    """
    whole, weights = count_in_h5(path)
    if whole:
        config = read_config(path)
        inspection = _of_config(path, config, f"Keras HDF5, written by Keras {config.keras_version or '(unknown)'}")
        return replace(_with_weights(inspection, weights, path), contract=read_h5_contract(path))
    sentence = "weights without a model: the code that builds the network is needed to load them"
    problem = Problem(where=("adopt", "convert", "Python backend"), sentence=sentence)
    variant, size = "Keras weights only, HDF5", path.stat().st_size
    found = Inspection(path=str(path), format="keras_weights", variant=variant, size_bytes=size, problems=(problem,))
    return _with_weights(found, weights, path)


def _of_config(path: Path, config: KerasConfig, variant: str) -> Inspection:
    layers = list(_layers(config.config))
    counts = Counter(str(layer["class_name"]) for layer in layers)
    code = tuple(dict.fromkeys(str(item) for item in config.objects if item.is_code or item.is_unlisted))
    custom = tuple(dict.fromkeys(str(item) for item in config.objects if item.is_custom))
    policies = sorted({policy for layer in layers if (policy := _policy(layer))})
    inspection = Inspection(
        path=str(path),
        format="keras" if zipfile.is_zipfile(path) else "keras_h5",
        variant=variant,
        size_bytes=path.stat().st_size,
        inputs=tuple(_inputs(config.config, layers)),
        outputs=tuple(_outputs(config.config, layers)),
        operators=tuple(Operator(name=name, version=0, count=n) for name, n in sorted(counts.items())),
        custom_operators=custom,
        code_operators=code,
        metadata={"model": str(config.config["class_name"]), "dtype_policy": ", ".join(policies)},
    )
    return inspection.with_problems(*_problems(config, custom, policies, layers))


def _with_weights(inspection: Inspection, weights: WeightCount, path: Path) -> Inspection:
    outside = data_from_outside(path)
    if outside:
        where = ("adopt", "convert", "Python backend")
        problem = Problem(where=where, sentence=f"weights are not inside the file: {outside_sentence(outside)}")
        inspection = inspection.with_problems(problem)
    return replace(inspection, parameters=weights.parameters, weight_bytes=weights.size_bytes)


def _layers(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the layers of a Functional or Sequential model, and those of the models inside it."""
    inner = config.get("config")
    listed = inner.get("layers", []) if isinstance(inner, dict) else inner
    for layer in listed if isinstance(listed, list) else []:
        if not isinstance(layer, dict) or not isinstance(layer.get("class_name"), str):
            continue
        if layer["class_name"] in _MODELS:
            yield from _layers(layer)
        else:
            yield layer


def _policy(layer: dict[str, Any]) -> str | None:
    dtype = _config_of(layer).get("dtype")
    if isinstance(dtype, dict):
        dtype = dtype.get("config", {}).get("name") if isinstance(dtype.get("config"), dict) else None
    return dtype if isinstance(dtype, str) else None


def _config_of(layer: dict[str, Any]) -> dict[str, Any]:
    config = layer.get("config")
    return config if isinstance(config, dict) else {}


def _inputs(config: dict[str, Any], layers: list[dict[str, Any]]) -> Iterator[InspectedTensor]:
    own = config.get("config")
    names = set(_references(own.get("input_layers"))) if isinstance(own, dict) else set()
    starts = [layer for layer in layers if layer["class_name"] == "InputLayer"]
    chosen = [layer for layer in starts if _config_of(layer).get("name") in names] or starts[:1] or layers[:1]
    for layer in chosen:
        inner = _config_of(layer)
        shape = inner.get("batch_shape") or inner.get("batch_input_shape")
        sizes = tuple(size if isinstance(size, int) else None for size in shape) if isinstance(shape, list) else None
        yield InspectedTensor(name=str(inner.get("name")), dtype=_policy(layer) or "float32", shape=sizes)


def _outputs(config: dict[str, Any], layers: list[dict[str, Any]]) -> Iterator[InspectedTensor]:
    """Yield the outputs; only a dense layer's width can be told without rebuilding the model."""
    own = config.get("config")
    names = _references(own.get("output_layers")) if isinstance(own, dict) else []
    by_name = {_config_of(layer).get("name"): layer for layer in layers}
    chosen = [by_name[name] for name in names if name in by_name] or layers[-1:]
    for layer in chosen:
        inner, units = _config_of(layer), _config_of(layer).get("units")
        shape = (None, units) if isinstance(units, int) else None
        policy = _policy(layer) or "float32"
        dtype = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}.get(policy, policy)
        yield InspectedTensor(name=str(inner.get("name")), dtype=dtype, shape=shape)


def _references(value: Any) -> list[str]:
    """Return the layer names in [["name", 0, 0], ...], ["name", 0, 0] or {"key": ["name", 0, 0]}."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list) or not value:
        return []
    if isinstance(value[0], str):
        return [value[0]]
    return [name for item in value for name in _references(item)]


def _problems(
    config: KerasConfig,
    custom: tuple[str, ...],
    policies: list[str],
    layers: list[dict[str, Any]],
) -> Iterator[Problem]:
    authors = list(dict.fromkeys(str(item) for item in config.objects if item.is_code))
    if authors:
        sentence = f"holds code that would run when it is loaded: {', '.join(authors[:5])}"
        yield Problem(where=("adopt", "convert", "Python backend"), sentence=sentence)
    unlisted = unlisted_sentence(config.objects)
    if unlisted:
        yield Problem(where=("adopt",), sentence=unlisted)
    if custom:
        sentence = f"needs classes that are not Keras' own: {', '.join(custom[:5])}"
        yield Problem(where=("adopt", "convert", "Python backend"), sentence=sentence)
    half = [policy for policy in policies if "16" in policy]
    if half:
        sentence = f"trained under {', '.join(half)}: exported as it is, it computes and may answer in 16 bits"
        yield Problem(where=("convert", "Flutter app"), sentence=sentence)
    if config.keras_version and config.keras_version.startswith(("1.", "2.")):
        sentence = f"written by Keras {config.keras_version}: Keras 3 may not rebuild it, tf-keras does"
        yield Problem(where=("adopt", "Python backend"), sentence=sentence)
    last = _config_of(layers[-1]) if layers else {}
    if last.get("activation") == "linear" and isinstance(last.get("units"), int):
        sentence = f"the last layer {str(last.get('name'))!r} has no softmax or sigmoid: raw scores (logits)"
        yield Problem(where=("Flutter app", "Python backend", "adopt"), sentence=sentence)
