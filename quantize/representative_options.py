"""Which images full_int8 measures ranges on. No heavy import, so that `--help` can show it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from ..contract.options.option import MOST_SEED, Option, check_options

#: Images for calibration: the lower end of what TensorFlow's guide names, "around ~100-500 samples"
#: (its g3doc post_training_quantization.md as of PiperOrigin-RevId 346460622, read on 2026-11-21).
REPRESENTATIVE_IMAGES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RepresentativeOptions:
    """Which images full_int8 measures ranges on; what each option is stands beside it.

    Attributes:
        data: its train split is taken; None: where training found it.
        representative_data: in the place of a train split.

    Raises:
        UsageError: an option is out of range.
    """

    data: Annotated[Path | None, Option("the prepared data set, if it is not where training found it")] = None
    representative_images: Annotated[
        int, Option("train images on which full_int8 measures ranges, as many of each class", low=1)
    ] = REPRESENTATIVE_IMAGES
    representative_data: Annotated[
        Path | None,
        Option(
            "labelled images to take instead, none of which is judged on",
            metavar="DIR",
            example="other_photos",
            more="Class folders, or files Label_anything.jpg.",
        ),
    ] = None
    seed: Annotated[int, Option("of their choice", low=0, high=MOST_SEED)] = 0

    def __post_init__(self) -> None:
        check_options(self)
