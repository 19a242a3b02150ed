"""Legacy Keras HDF5 (model.h5), which Keras 2 and tf-keras load: for clients that were never brought to Keras 3."""

import json
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ...contract.errors import InputError, MissingExtraError
from ...runtimes.embedded_contract.h5_contract import CONTRACT_DATASET
from ..options.export_options import H5Options
from ..source.source import Source

DEFAULTS = H5Options()

#: Layer to arguments that tf-keras 2.21 writes and other readers refuse, with the value that their absence means.
#: InputLayer: TensorFlow 2.15.1 (found by loading a file there). BatchNormalization: before TensorFlow 2.12, whose
#: release notes bring it. DepthwiseConv2D: Keras 3.15.1.
_REFUSED: dict[str, dict[str, object]] = {
    "InputLayer": {"optional": False},
    "BatchNormalization": {"synchronized": False},
    "DepthwiseConv2D": {"groups": 1},
}

#: Largest difference between the answers of the two, on noise. Both compute in float32, with the same kernels.
_TOLERANCE = 1e-4


def write_h5(source: Source, destination: Path, options: H5Options = DEFAULTS) -> None:
    """Write an .h5 file without an optimizer, with the contract in the data set "modelport_contract".

    Input: "image" (batch, height, width, channel) float32 in the contract's range. Outputs in the order of the heads.

    Raises:
        InputError: a layer that Keras 2 does not have, or that answers otherwise there.
        MissingExtraError: tf-keras is not installed.
    """
    try:
        from .keras2_twin import keras2_twin
    except ImportError as error:
        raise MissingExtraError("tf-keras", needed_for="writing .h5 files", extra="tensorflow") from error
    heads = [head.name for head in source.contract.heads]
    twin = keras2_twin(source.model, source.contract.pixels.shape, heads, _scaling(source))
    _check_answers(twin, source)
    saved = source.scratch / "saved.h5"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "HDF5 is considered legacy": that is why it is asked for
        twin.save(saved, save_format="h5", include_optimizer=False)
    with h5py.File(saved) as made, h5py.File(destination, "w") as file:  # anew: what is replaced in place stays inside
        for name, value in made.attrs.items():
            if name != "model_config":
                file.attrs[name] = value
        file.attrs["model_config"] = json.dumps(_for_all_readers(json.loads(made.attrs["model_config"]))).encode()
        made.copy("model_weights", file)
        file.create_dataset(CONTRACT_DATASET, data=json.dumps(source.promise))


def _scaling(source: Source) -> tuple[float, float] | None:
    """Return scale and offset from what the file takes to what the model was trained on; None: they are the same."""
    (low, high), (black, white) = source.taken.value_range, source.contract.pixels.value_range
    if (low, high) == (black, white):
        return None
    scale = (white - black) / (high - low)
    return scale, black - low * scale


def _for_all_readers(config: dict[str, Any]) -> dict[str, Any]:
    """Return the model's configuration without arguments that some readers refuse and that change nothing."""
    layers = [
        layer
        | {
            "config": {
                k: v for k, v in layer["config"].items() if _REFUSED.get(layer["class_name"], {}).get(k, ...) != v
            }
        }
        for layer in config["config"]["layers"]
    ]
    return config | {"config": config["config"] | {"layers": layers}}


def _check_answers(twin: Any, source: Source) -> None:
    """Raise InputError if the twin answers otherwise: a layer of the same name may compute something else."""
    low, high = source.taken.value_range
    pixels = np.random.default_rng(0).uniform(low, high, (2, *source.taken.shape)).astype(np.float32)
    expected, received = list(source.answer(pixels).values()), twin(pixels, training=False)
    listed = received if isinstance(received, list | tuple) else [received]
    worst = max(
        float(np.max(np.abs(np.asarray(one) - np.asarray(other)))) for one, other in zip(expected, listed, strict=True)
    )
    if not worst <= _TOLERANCE:
        raise InputError(
            "the model answers otherwise in Keras 2",
            where=source.model.name,
            expected=f"a difference of at most {_TOLERANCE:g}",
            received=f"{worst:.3g}",
            fix="choose another format: modelport convert RUN --to saved_model",
        )
