"""What `modelport adopt` can be told. No heavy import, so that the command line can refuse nonsense at once."""

import math
from dataclasses import dataclass

from ...contract.errors import UsageError
from ...contract.model_contract.tflite_release import DEFAULT_MIN_TFLITE, release_key

Range = tuple[float, float]

#: What image classifiers are trained on: pixels divided by 255, pixels as they are, and keras.applications' "tf" mode.
CANDIDATES: tuple[Range, ...] = ((0.0, 1.0), (0.0, 255.0), (-1.0, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptOptions:
    """How to adopt.

    Attributes:
        source_range: the values that black and white have for the model; None: measured.
        softmax: append one to a model that answers logits.
        image_size: (height, width), for a model that takes any.
        input_name: the tensor of a frozen graph that takes pixels; None: found, if there is one that does.
        output_name: the tensor of a frozen graph that answers; None: its only end.
        allow_lambda: run the Python code of Lambda layers, once, in a process of its own.
        min_tflite: the oldest TensorFlow Lite that must run the .tflite files.
        drawing: one of options.DRAWINGS where the images are drawings, whose framing is then measured.
        overwrite: replace the run that is there.
    """

    source_range: Range | None = None
    softmax: bool = False
    image_size: tuple[int, int] | None = None
    input_name: str | None = None
    output_name: str | None = None
    allow_lambda: bool = False
    min_tflite: str = DEFAULT_MIN_TFLITE
    drawing: str | None = None
    overwrite: bool = False

    def __post_init__(self) -> None:
        release_key(self.min_tflite)


def parse_range(text: str) -> Range:
    """Return the ends of "LOW..HIGH", such as "0..255"; raises UsageError for anything else."""
    low, dots, high = text.partition("..")
    try:
        found = float(low), float(high)
    except ValueError:
        found = math.nan, math.nan
    if not dots or not found[0] < found[1] or not all(map(math.isfinite, found)):
        expected = "LOW..HIGH, such as " + ", ".join(map(range_name, CANDIDATES))
        raise UsageError("value range is not understood", where="--source-range", expected=expected, received=text)
    return found


def range_name(value_range: Range) -> str:
    """Return "LOW..HIGH"."""
    return "..".join(f"{end:g}" for end in value_range)
