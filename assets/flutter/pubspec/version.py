"""The oldest release that a version constraint of pub lets in."""

import re

_NUMBERS = r"(\d+)\.(\d+)\.(\d+)(?:[-+][0-9A-Za-z.+-]*)?"
#: https://dart.dev/tools/pub/dependencies#version-constraints: "^1.2.3", "1.2.3", or bounds such as ">=1.2.3 <2.0.0".
_EXACT_OR_CARET = re.compile(rf"\^?{_NUMBERS}")
_LOWER_BOUND = re.compile(rf">=? *{_NUMBERS}")

Release = tuple[int, int, int]


def oldest_allowed(constraint: str) -> Release | None:
    """Return the oldest release that a constraint lets in; None where it has no lower bound, as "any" has none.

    Example:
        >>> oldest_allowed("^0.11.0"), oldest_allowed(">=4.2.0 <5.0.0"), oldest_allowed("<5.0.0")
        ((0, 11, 0), (4, 2, 0), None)
    """
    text = constraint.strip()
    found = [_EXACT_OR_CARET.fullmatch(text)] if text[:1] not in ("<", ">") else _LOWER_BOUND.finditer(text)
    bounds = [_release(match) for match in found if match]
    return max(bounds, default=None)


def release_of(text: str) -> Release:
    """Return "^0.12.1" or "0.12.1" as (0, 12, 1)."""
    match = _EXACT_OR_CARET.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return _release(match)


def _release(match: re.Match[str]) -> Release:
    major, minor, patch = (int(part) for part in match.groups())
    return major, minor, patch
