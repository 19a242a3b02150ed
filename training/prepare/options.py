"""What the user may ask of `modelport prepare`. Nothing heavy is imported, so that `--help` can show the defaults."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from ...contract.errors import UsageError
from ...contract.options.option import MOST_SEED, Option, check_options

#: Shares of train, val and test.
Ratios = tuple[Fraction, Fraction, Fraction]

DEFAULT_RATIOS = "70/15/15"
DEFAULT_SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareOptions:
    """Options of `modelport prepare`; what each is stands beside it.

    Attributes:
        ratios: adding up to 1; None: DEFAULT_RATIOS, or the split that the source has.
        seed: None: DEFAULT_SEED, or the split that the source has.
        group_by: searched in each path relative to the source, with forward slashes. Its first capture group, or the
            whole match, names the group of images that must stay in one split.
        groups: in the place of `group_by`.

    Raises:
        UsageError: an option is out of range, both ways of grouping, a regular expression that cannot be compiled, or
            ratios that cannot be used.
    """

    ratios: Annotated[
        Ratios | None,
        Option(
            "shares of train, val and test",
            kind="spelt",
            metavar="T/V/T",
            unset=DEFAULT_RATIOS,
            example=DEFAULT_RATIOS,
        ),
    ] = None
    seed: Annotated[
        int | None,
        Option(
            "another seed gives another split",
            low=0,
            high=MOST_SEED,
            unset=str(DEFAULT_SEED),
            example=DEFAULT_SEED,
        ),
    ] = None
    groups: Annotated[
        Path | None,
        Option(
            "columns path,group: what belongs together stays in one split", metavar="FILE.csv", example="people.csv"
        ),
    ] = None
    group_by: Annotated[
        str | None,
        Option(
            "the same by a regular expression on the path",
            metavar="REGEX",
            example="(signer[0-9]+)_",
            more="Images belong together whose first capture group is the same.",
        ),
    ] = None
    copy: Annotated[bool, Option("copy the images, in the place of hard links")] = False
    overwrite: Annotated[bool, Option("replace the data set that DATASET holds, whole")] = False

    def __post_init__(self) -> None:
        check_options(self)
        if self.group_by is not None and self.groups is not None:
            raise UsageError("two ways of grouping", received="--group-by and --groups", fix="drop one of the two")
        if self.ratios is not None:
            _check_ratios(self.ratios, "/".join(map(str, self.ratios)))
        if self.group_by is not None:
            _check_regex(self.group_by)

    @property
    def split_seed(self) -> int:
        """The seed of a split that is made here."""
        return DEFAULT_SEED if self.seed is None else self.seed

    @property
    def needs_own_split(self) -> tuple[str, ...]:
        """The flags in use that make no sense for a source which is split already."""
        flags = {"--ratios": self.ratios, "--seed": self.seed, "--group-by": self.group_by, "--groups": self.groups}
        return tuple(flag for flag, value in flags.items() if value is not None)


def parse_ratios(text: str) -> Ratios:
    """Read shares of train, val and test, as percentages or as fractions.

    Raises:
        UsageError: not three positive numbers that add up to 100 or to 1.

    Example:
        >>> [float(share) for share in parse_ratios("70/15/15")]
        [0.7, 0.15, 0.15]
    """
    try:
        shares = [Fraction(part.strip()) for part in re.split("[/,]", text)]
    except (ValueError, ZeroDivisionError):
        shares = []
    if sum(shares) == 100:
        shares = [share / 100 for share in shares]
    _check_ratios(tuple(shares), text)
    return shares[0], shares[1], shares[2]


def _check_ratios(shares: tuple[Fraction, ...], text: str) -> None:
    if len(shares) != 3 or sum(shares) != 1 or min(shares) <= 0:
        raise UsageError(
            "ratios cannot be used",
            where="--ratios",
            expected=f"three positive numbers that add up to 100 or to 1, such as {DEFAULT_RATIOS}",
            received=text,
        )


def _check_regex(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise UsageError(
            "not a regular expression",
            where="--group-by",
            received=f"{pattern}  ({error})",
            fix="--group-by '(signer[0-9]+)_' keeps all images of one signer together",
        ) from error
