"""What `modelport deliver flutter` can be told. No heavy import, so that `--help` can show it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from ...contract.options.option import Option, check_options
from ..assembly.text_assembler import AssemblyOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class FlutterOptions:
    """What to deliver; what each option is stands beside it.

    Attributes:
        preprocessing: "none": the Dart resizes and scales; "in_graph": the model does.
        assembly: the words that can be assembled; other options are set in the app.

    Raises:
        UsageError: an option is out of range.
    """

    preprocessing: str = "none"
    assembly: AssemblyOptions = field(default_factory=AssemblyOptions)
    data: Annotated[
        Path | None, Option("labelled images for the golden vectors", unset="the test split of the training run")
    ] = None
    overwrite: Annotated[bool, Option("replace files there that are not as they were delivered")] = False

    def __post_init__(self) -> None:
        check_options(self)
