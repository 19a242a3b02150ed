"""What `modelport adopt` can be told. No heavy import, so that the command line can refuse nonsense at once."""

import math
from dataclasses import dataclass
from typing import Annotated

from ...contract.errors import UsageError
from ...contract.model_contract.tflite_release import DEFAULT_MIN_TFLITE
from ...contract.options.option import Option, check_options
from ..train_options import DRAWING, MIN_TFLITE

Range = tuple[float, float]

#: What image classifiers are trained on: pixels divided by 255, pixels as they are, and keras.applications' "tf" mode.
CANDIDATES: tuple[Range, ...] = ((0.0, 1.0), (0.0, 255.0), (-1.0, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptOptions:
    """How to adopt; what each option is stands beside it.

    Attributes:
        source_range: (low, high); None: measured.
        image_size: (height, width); None: the model's.
        input_name, output_name: None: found, if there is only one.
        drawing: None: they are photos.

    Raises:
        UsageError: an option is out of range.
    """

    source_range: Annotated[
        Range | None,
        Option(
            "what black and white are to the model",
            kind="spelt",
            metavar="LOW..HIGH",
            unset="0..1, 0..255 or -1..1, as measured",
        ),
    ] = None
    softmax: Annotated[bool, Option("append a softmax to a model that answers logits")] = False
    image_size: Annotated[tuple[int, int] | None, Option("height and width, if the model takes any", low=1)] = None
    input_name: Annotated[
        str | None, Option("tensor of a .pb that takes pixels", metavar="NAME:0", unset="its only image")
    ] = None
    output_name: Annotated[
        str | None, Option("tensor of a .pb that answers", metavar="NAME:0", unset="its only end")
    ] = None
    allow_lambda: Annotated[
        bool, Option("run the Python code in the file's Lambda layers, once, in a process of its own")
    ] = False
    min_tflite: Annotated[str, MIN_TFLITE] = DEFAULT_MIN_TFLITE
    drawing: Annotated[str | None, DRAWING] = None
    overwrite: Annotated[bool, Option("replace the run that is in RUN")] = False

    def __post_init__(self) -> None:
        check_options(self)


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
