"""The formats by name. No heavy import, so that `--help` can list them."""

from pathlib import PurePosixPath

from ...contract.formats import FORMATS

#: Format to the name of its float32 artifact in the run folder, in the order in which they are written.
PATHS = {name: row.path for name, row in FORMATS.items() if row.path is not None}

#: What is written if nobody says what.
DEFAULT_FORMATS = tuple(name for name, row in FORMATS.items() if row.is_default)

#: What an artifact may take: pixels as the run's contract says, or in one of these ranges.
VALUE_RANGES = {"0..1": (0.0, 1.0), "0..255": (0.0, 255.0), "-1..1": (-1.0, 1.0)}


def variant_path(path: str, *, recipe: str = "float32", preprocessing: str = "none", layout: str = "NHWC") -> str:
    """Return the name of an artifact of another recipe, or one that takes its images in another form.

    Example:
        >>> variant_path("model.float32.tflite", preprocessing="in_graph")
        'model.float32.in_graph.tflite'
    """
    parts = (
        [recipe] * (recipe != "float32")
        + [layout.lower()] * (layout != "NHWC")
        + [preprocessing] * (preprocessing != "none")
    )
    suffix = PurePosixPath(path).suffix
    return "".join([path.removesuffix(suffix), *(f".{part}" for part in parts), suffix])
