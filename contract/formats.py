"""The formats that an artifact may have: one row each, with what every floor may know.

Where a format's code is, two more rows say, as imports point down: RUNTIMES (runtimes/facts/format_runtimes.py) and
WRITERS (convert/convert.py). A test holds the three together.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format.

    Attributes:
        title: in words.
        path: name of its float32 artifact in the run folder; None: it is not exported.
        is_default: whether `convert` writes it where nobody says what: it is judged with what is installed.
        suffixes: of its files, in lower case; empty: it is a folder.
        mark: of a folder, the file that makes it one; None: it is a file.
        begins: what its files hold, and from which byte on; None: runtimes/detect looks closer.
        runs_in: where it is judged.
        written_by: modules that writing it needs beside TensorFlow and Keras.
        size: largest size of its float32 artifact, where that of the recipe does not fit: hundredths of a byte for each
            parameter, and bytes besides.
    """

    title: str
    path: str | None
    is_default: bool = False
    suffixes: tuple[str, ...] = ()
    mark: str | None = None
    begins: tuple[int, bytes] | None = None
    runs_in: Literal["python", "node"] = "python"
    written_by: tuple[str, ...] = ()
    size: tuple[int, int] | None = None


#: In the order in which they are written; "keras" is what all are made from and judged against.
FORMATS = {
    "keras": Format(title="Keras 3 archive", path=None, suffixes=(".keras",)),
    "saved_model": Format(
        title="TensorFlow SavedModel",
        path="saved_model",
        is_default=True,
        mark="saved_model.pb",
        size=(850, 2_000_000),  # the graph and a checkpoint lie beside the weights
    ),
    "frozen_graph": Format(
        title="TensorFlow GraphDef", path="trained_model_graph.pb", is_default=True, suffixes=(".pb",)
    ),
    "tflite": Format(
        title="TensorFlow Lite",
        path="model.float32.tflite",
        is_default=True,
        suffixes=(".tflite",),
        begins=(4, b"TFL3"),
    ),
    "onnx": Format(
        title="ONNX", path="model.onnx", is_default=True, suffixes=(".onnx",), written_by=("onnx", "tf2onnx")
    ),
    "tfjs": Format(title="TensorFlow.js", path="tfjs", mark="model.json", runs_in="node"),
    "h5": Format(title="Keras HDF5 model", path="model.h5", suffixes=(".h5", ".hdf5"), written_by=("h5py", "tf_keras")),
}

#: What the lock may hold.
EXPORTED = tuple(name for name, row in FORMATS.items() if row.path is not None)


def runs_in_node(format: str) -> bool:
    """Whether artifacts of this format are judged in Node.js; False for an unknown format."""
    return format in FORMATS and FORMATS[format].runs_in == "node"


def format_of_name(path: str | Path) -> str | None:
    """Return the format of a file by its suffix, whatever its case; None: it says none.

    Weights without a model, such as backbone.weights.h5, have none.

    Example:
        >>> format_of_name("run/Model.TFLITE"), format_of_name("labels.txt"), format_of_name("a.weights.h5")
        ('tflite', None, None)
    """
    name = Path(path).name.lower()
    if name.endswith(".weights.h5"):
        return None
    return next((key for key, row in FORMATS.items() if Path(name).suffix in row.suffixes), None)


def format_of_folder(path: str | Path) -> str | None:
    """Return the format of a folder by what is in it; None: it is none of them."""
    return next((key for key, row in FORMATS.items() if row.mark and Path(path, row.mark).is_file()), None)
