"""The input half of a contract: what pixels a model takes. Types only; `decode.py` and `resize.py` do the work."""

import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ..errors import InputError
from ..files.field_types import check_field_types

#: Largest input: 2048 x 2048, of which a batch of 16 in float32 is 0.8 GB. Contracts come from others, too.
MAX_INPUT_PIXELS = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class InputForm:
    """The form in which an artifact takes the images that its run's contract describes.

    Attributes:
        value_range: the values that black and white become; None: as the contract says.
        preprocessing: "none", or "in_graph": uint8 images of any size, which it resizes and scales itself.
        layout: order of the axes of a batch.
    """

    value_range: tuple[float, float] | None = None
    preprocessing: str = "none"
    layout: str = "NHWC"


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelContract:
    """What an image must become before it enters the model.

    Attributes:
        height, width: pixels.
        channels: 3 (RGB, in this order) or 1 (grey).
        value_range: the values that black and white become.
        dtype: of the input tensor: "float32", or "uint8" where `preprocessing` is "in_graph".
        layout: order of the axes of a batch: "NHWC" or "NCHW".
        resize, antialias, pixel_centres: how an image of another size is brought to (height, width).
        aspect: "stretch": both sides are resized independently.
        exif: "ignored": the file's pixels as stored; "applied": turned upright by the EXIF orientation first.
        preprocessing: "none": whoever calls resizes and scales; "in_graph": the artifact takes uint8 images of any size
            and does both itself, so that `value_range` is (0, 255), and height and width are what it resizes to.
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
    preprocessing: str = "none"

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
        in_graph = self.preprocessing == "in_graph"
        if in_graph != (self.dtype == "uint8") or (in_graph and self.value_range != (0, 255)):
            expected = "uint8 in 0..255 with preprocessing in_graph, float32 without"
            received = f"{self.dtype} in {self.value_range}, preprocessing {self.preprocessing}"
            raise InputError("contract: data type does not fit", expected=expected, received=received)
        if self.height * self.width > MAX_INPUT_PIXELS:
            received = f"{self.height:,} x {self.width:,}"
            raise InputError("contract: input is too large", expected=f"{MAX_INPUT_PIXELS:,} pixels", received=received)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channel) of one image."""
        return self.height, self.width, self.channels

    @property
    def axes(self) -> tuple[int | None, ...]:
        """The sizes of one image in the order of `layout`; None: any."""
        height, width = (None, None) if self.preprocessing == "in_graph" else (self.height, self.width)
        return (self.channels, height, width) if self.layout == "NCHW" else (height, width, self.channels)

    def taken_as(self, form: InputForm) -> "PixelContract":
        """Return the contract of an artifact that takes the same images in another form."""
        if form.preprocessing == "in_graph":
            return replace(self, value_range=(0.0, 255.0), dtype="uint8", layout=form.layout, preprocessing="in_graph")
        value_range = self.value_range if form.value_range is None else form.value_range
        return replace(self, value_range=value_range, layout=form.layout, preprocessing=form.preprocessing)

    def to_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        return asdict(self) | {"value_range": list(self.value_range)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "PixelContract":
        """Read what `to_json` wrote, now or before there was `preprocessing`; raises InputError on other keys."""
        names = {field.name for field in fields(cls)}
        if set(value) | {"preprocessing"} != names:
            raise InputError("contract: input keys differ", expected=sorted(names), received=sorted(value))
        return cls(**value)


_ALLOWED: dict[str, tuple[object, ...]] = {
    "channels": (3, 1),
    "dtype": ("float32", "uint8"),
    "layout": ("NHWC", "NCHW"),
    "resize": ("bilinear",),
    "antialias": (False,),
    "pixel_centres": ("half",),
    "aspect": ("stretch",),
    "exif": ("ignored", "applied"),
    "preprocessing": ("none", "in_graph"),
}
