"""What the user may ask of `modelport prepare`. Nothing heavy is imported, so that `--help` can show the defaults."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ...contract.errors import UsageError

#: Shares of train, val and test.
Ratios = tuple[Fraction, Fraction, Fraction]

DEFAULT_RATIOS = "70/15/15"
DEFAULT_SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareOptions:
    """Options of `modelport prepare`.

    Attributes:
        ratios: shares of train, val and test, adding up to 1; None: DEFAULT_RATIOS, or the split that the source has.
        seed: another seed gives another split of the same files; None: DEFAULT_SEED, or the split that the source has.
        group_by: regular expression, searched in each path relative to the source, with forward slashes. Its first
            capture group, or the whole match, names the group of images that must stay in one split.
        groups: CSV file with the columns path and group, in the place of `group_by`.
        copy: copy plain files in the place of linking them.
        overwrite: replace the data set that the destination holds, whole.

    Raises:
        UsageError: both ways of grouping, a regular expression that cannot be compiled, or ratios that cannot be used.
    """

    ratios: Ratios | None = None
    seed: int | None = None
    group_by: str | None = None
    groups: Path | None = None
    copy: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
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
