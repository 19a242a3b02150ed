"""The drawing part of a contract: what training images of drawings look like.

For canvases only, which assets/web/page/drawing.js frames so. Image files, those of the data set and those that a user
opens, are never cropped, centred or inverted: they enter the model as `decode.py` and `resize.py` say.
"""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..errors import InputError
from ..files.field_types import check_field_types

INKS = ("light_on_dark", "dark_on_light")

#: Largest side of a framed drawing in pixels.
MAX_SIDE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What training images of drawings look like.

    Attributes:
        ink: "light_on_dark" or "dark_on_light": the polarity of the training images.
        margin: empty border around the ink's bounding box, whose centre is the image's; fraction of the side, in
            [0, 0.45].
        stroke: width of a line; fraction of the side, in (0, 0.5]. The page draws with it.
        grid: cells a side in which the training images hold ink: each is the mean of what it covers, one grey.
        side: pixels a side of the square image file that this makes; a multiple of `grid`, at most MAX_SIDE.
    """

    ink: str
    margin: float
    stroke: float
    grid: int
    side: int

    def __post_init__(self) -> None:
        check_field_types(self, "contract, drawing", ink=str, grid=int, side=int)
        for name in ("margin", "stroke"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise InputError(f"contract: {name} of drawings is no number", received=repr(value))
            object.__setattr__(self, name, float(value))
        sizes = 1 <= self.grid <= self.side <= MAX_SIDE and self.side % self.grid == 0
        if self.ink not in INKS or not 0 <= self.margin <= 0.45 or not 0 < self.stroke <= 0.5 or not sizes:
            raise InputError(
                "contract: drawing is not supported",
                expected=f"ink {' or '.join(INKS)}; margin 0 to 0.45; stroke above 0, to 0.5; "
                f"side, at most {MAX_SIDE}, a multiple of grid",
                received=asdict(self),
            )

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> "Drawing":
        """Read what `to_json` wrote; raises InputError on other keys or values."""
        names = {field.name for field in fields(cls)}
        if not isinstance(value, dict) or set(value) != names:
            raise InputError("contract: drawing keys differ", expected=sorted(names), received=value)
        return cls(**value)
