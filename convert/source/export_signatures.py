"""Write a SavedModel from functions: every weight once."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras

#: Signature to its function of one batch, and the TensorSpec of that batch.
Signatures = Mapping[str, tuple[Callable[[Any], dict[str, Any]], Any]]


def export_signatures(destination: Path, signatures: Signatures) -> None:
    """Write a SavedModel folder whose functions close over a Keras model.

    keras.export.ExportArchive finds the variables that the functions use, which a tf.Module around a Keras 3 model does
    not: a converter then writes a file without weights that answers NaN (DESIGN.md, fact 11).

    The model itself is not handed to the archive's `track`, as Model.export does. A Keras variable is a trackable that
    wraps a tf.Variable, which is one, too; `track` lists the wrappers (`variables`), each function the wrapped
    (`_all_variables`), and both write the same values: 24.1 MB of checkpoint for 12.0 MB of weights (keras 3.15.1,
    MobileNetV3Large). What `track` would add besides, lookup tables, no image model has; an export that misses one is
    refused by TensorFlow.
    """
    archive = keras.export.ExportArchive()
    for name, (function, spec) in signatures.items():
        archive.add_endpoint(name, function, [spec])
    archive.write_out(str(destination), verbose=False)
