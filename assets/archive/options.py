"""What `modelport deliver archive` can be told. No heavy import, so that `--help` can show it."""

from dataclasses import dataclass
from typing import Annotated

from ...contract.options.option import Option, check_options
from .profiles import PROFILES, RELEASE


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveOptions:
    """How a bundle is made; what each option is stands beside it.

    Attributes:
        profile: None: a release bundle, every artifact under its own name.
        include: empty: all.
        license: a file goes in as LICENSE; None: not stated.
        data_license: None: not stated.
        with_failed: what failed, was not judged, or must not ship undecided.
        min_tflite, preprocessing: of model.tflite, as choose_tflite takes them.

    Raises:
        UsageError: an option is out of range.
    """

    profile: Annotated[
        str | None,
        Option(
            "names of the files",
            choices=tuple(PROFILES),
            example="asl",
            more="; ".join(f"{name}: {profile.says}" for name, profile in PROFILES.items())
            + f". Without one: {RELEASE.says}.",
        ),
    ] = None
    name: Annotated[
        str | None, Option("of the model, in the card", metavar="TEXT", unset="the run's id", example="Signs")
    ] = None
    include: Annotated[
        tuple[str, ...],
        Option(
            "formats, recipes or paths",
            metavar="NAMES",
            example=("tflite", "onnx"),
            unset="all",
            more="Separated by commas. Without a profile only these go in; with one, these too.",
        ),
    ] = ()
    license: Annotated[
        str | None, Option("of the model: a file, or a text", metavar="TEXT|FILE", example="Apache-2.0")
    ] = None
    data_license: Annotated[
        str | None, Option("of the images that it was trained on", metavar="TEXT", example="CC BY 4.0")
    ] = None
    with_failed: Annotated[bool, Option("put in what did not pass, too", more="The card says so.")] = False
    min_tflite: str | None = None
    preprocessing: str = "none"
    overwrite: Annotated[bool, Option("replace a file there that holds something else")] = False

    def __post_init__(self) -> None:
        check_options(self)
