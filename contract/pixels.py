"""The input half of a contract: what pixels a model takes. Types only; `decode.py` and `resize.py` do the work."""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from .errors import InputError
from .field_types import check_field_types

#: Largest input: 2048 x 2048, of which a batch of 16 in float32 is 0.8 GB. Contracts come from others, too.
MAX_INPUT_PIXELS = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelContract:
    """What an image must become before it enters the model.

    Attributes:
        height, width: pixels.
        channels: 3 (RGB, in this order) or 1 (grey).
        value_range: the values that black and white become.
        dtype: of the model's input tensor.
        layout: order of the axes of a batch.
        resize, antialias, pixel_centres: how an image of another size is brought to (height, width).
        aspect: "stretch": both sides are resized independently.
        exif: "ignored": the file's pixels as stored; "applied": turned upright by the EXIF orientation first.
    """

    height: int = 200
    width: int = 200
    channels: int = 3
    value_range: tuple[float, float] = (0.0, 1.0)
    dtype: str = "float32"
    layout: str = "NHWC"
    resize: str = "bilinear"
    antialias: bool = False
    pixel_centres: str = "half"
    aspect: str = "stretch"
    exif: str = "ignored"

    def __post_init__(self) -> None:
        check_field_types(self, "contract, input", height=int, width=int, channels=int)
        try:
            object.__setattr__(self, "value_range", tuple(float(v) for v in self.value_range))
        except OverflowError as error:  # JSON has integers of any size
            raise InputError("contract: value range has no finite numbers", received=error) from error
        for name, allowed in _ALLOWED.items():
            if getattr(self, name) not in allowed:
                raise InputError(
                    f"contract: {name} is not supported",
                    expected=" or ".join(map(repr, allowed)),
                    received=repr(getattr(self, name)),
                )
        if (
            min(self.height, self.width) < 1
            or len(self.value_range) != 2
            or not -math.inf < self.value_range[0] < self.value_range[1] < math.inf
        ):
            raise InputError("contract: size or value range is empty", received=asdict(self))
        if self.height * self.width > MAX_INPUT_PIXELS:
            received = f"{self.height:,} x {self.width:,}"
            raise InputError("contract: input is too large", expected=f"{MAX_INPUT_PIXELS:,} pixels", received=received)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channel) of one image."""
        return self.height, self.width, self.channels

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        return asdict(self) | {"value_range": list(self.value_range)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "PixelContract":
        """Read what `to_json` wrote; raises InputError on unknown or missing keys."""
        names = {field.name for field in fields(cls)}
        if set(value) != names:
            raise InputError("contract: input keys differ", expected=sorted(names), received=sorted(value))
        return cls(**value)


_ALLOWED: dict[str, tuple[object, ...]] = {
    "channels": (3, 1),
    "dtype": ("float32",),
    "layout": ("NHWC",),
    "resize": ("bilinear",),
    "antialias": (False,),
    "pixel_centres": ("half",),
    "aspect": ("stretch",),
    "exif": ("ignored", "applied"),
}
