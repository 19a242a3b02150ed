"""The form in which artifacts take their images, as a command line or a file asks for it. No heavy import."""

from dataclasses import dataclass
from typing import Annotated

from ...contract.errors import UsageError
from ...contract.image.pixels import InputForm
from ...contract.options.option import Option, check_options
from .formats import VALUE_RANGES


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedForm:
    """What is asked for; `form` says the same in the words of a contract.

    Raises:
        UsageError: an option is out of range, or a range is asked of images that come as they are.
    """

    value_range: Annotated[
        str | None, Option("of the pixels taken", choices=tuple(VALUE_RANGES), unset="the run's", example="0..1")
    ] = None
    preprocessing: Annotated[
        str,
        Option(
            "in-graph: take uint8 images of any size",
            choices=("none", "in-graph"),
            more="The artifact resizes and scales them itself.",
        ),
    ] = "none"
    layout: Annotated[str, Option("axes of ONNX", choices=("nhwc", "nchw"))] = "nhwc"

    def __post_init__(self) -> None:
        check_options(self)
        if self.preprocessing == "in-graph" and self.value_range is not None:
            raise UsageError(
                "in-graph artifacts take no other range",
                where="--value-range",
                expected="images come as uint8, 0 to 255",
                received=f"--preprocessing in-graph and --value-range {self.value_range}",
                fix="drop one of them",
            )

    @property
    def form(self) -> InputForm:
        """The form; no range where the contract decides."""
        return InputForm(
            value_range=None if self.value_range is None else VALUE_RANGES[self.value_range],
            preprocessing=self.preprocessing.replace("-", "_"),
            layout=self.layout.upper(),
        )
