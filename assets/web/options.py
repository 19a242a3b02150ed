"""What `modelport deliver web` can be told. No heavy import, so that `--help` can show it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from ...contract.errors import UsageError
from ...contract.options.option import Option, check_options
from ..assembly.text_assembler import AssemblyOptions

LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """How to make a site; what each option is stands beside it.

    Attributes:
        assembly: how frames become text; a drawing that stays never counts twice, whatever `hold_ms` says.

    Raises:
        UsageError: an option is out of range, or a title that cannot be shown.
    """

    title: Annotated[
        str | None, Option("of the page", metavar="TEXT", unset="what kind of classifier it is", example="Which sign?")
    ] = None
    artifact: Annotated[
        str | None,
        Option(
            "a TensorFlow.js model of the run, such as tfjs or tfjs.float16",
            metavar="PATH",
            unset="the smallest that passed",
        ),
    ] = None
    tfjs: Annotated[
        Path | None,
        Option(
            "take TensorFlow.js from here: a node_modules folder, or one with the tarballs of npm pack",
            metavar="FOLDER",
            unset="MODELPORT_NODE_MODULES, else npm",
        ),
    ] = None
    assembly: AssemblyOptions = field(default_factory=AssemblyOptions)
    overwrite: Annotated[bool, Option("replace files there that are not as they were delivered")] = False

    def __post_init__(self) -> None:
        check_options(self)
        title = self.title
        if title is not None and not (len(title.strip()) <= LONGEST_TITLE and title.isprintable()):
            expected = f"1 to {LONGEST_TITLE} printable characters"
            raise UsageError("title cannot be shown", where="--title", expected=expected, received=repr(title[:200]))
