"""The kinds of values that options have, and how a value of each is told, whether Python or a TOML file holds it."""

import math
import os
from collections.abc import Callable
from typing import Any, NamedTuple

from ..model_contract.tflite_release import is_release

#: Largest whole number where an option names none, so that a slip of the keyboard is not taken for a wish.
MOST = 2**31 - 1


class Kind(NamedTuple):
    """Whether a value is of the kind, and what is expected of one."""

    fits: Callable[[Any], bool]
    expected: str


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def _is_path(value: Any) -> bool:
    return isinstance(value, os.PathLike) or _is_text(value)


def _is_size(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_whole, value))


def _is_list_of(one: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list | tuple) and all(map(one, value))


def _is_texts(value: Any) -> bool:
    return _is_list_of(_is_text)(value) and len(set(value)) == len(value)


def in_range(value: Any, low: float | None, above: float | None, high: float | None, *, is_whole: bool) -> bool:
    """Return whether a number lies in a range; without an upper end, that of a whole one is MOST."""
    most = high if high is not None else MOST if is_whole else math.inf
    return bool((low is None or value >= low) and (above is None or value > above) and value <= most)


def reach(low: float | None, above: float | None, high: float | None) -> str:
    """Return a range in words, to be put behind "a number"; empty if there are no ends.

    Example:
        >>> reach(13, None, 18), reach(1, None, None), reach(None, 0, 86400)
        (', 13 to 18', ', 1 or more', ' above 0, at most 86400')
    """
    if low is not None:
        return f", {low} or more" if high is None else f", {low} to {high}"
    return (f" above {above}" if above is not None else "") + (f", at most {high}" if high is not None else "")


KINDS = {
    "switch": Kind(lambda value: isinstance(value, bool), "true or false"),
    "whole": Kind(_is_whole, "a whole number"),
    "number": Kind(_is_number, "a finite number"),
    "text": Kind(_is_text, "a text that is not empty"),
    "texts": Kind(_is_texts, "a list of texts, each once"),
    "path": Kind(_is_path, "the path of a file or folder"),
    "paths": Kind(_is_list_of(_is_path), "paths of files or folders"),
    "weights": Kind(_is_text, "imagenet, none, or the path of a file"),
    "size": Kind(_is_size, "[height, width], whole numbers"),
    "version": Kind(lambda value: isinstance(value, str) and is_release(value), 'numbers such as "2.12.0"'),
    "table": Kind(
        lambda value: isinstance(value, dict) and all(map(_is_text, value.values())),
        'a table of texts, such as { del = "delete" }',
    ),
    "spelt": Kind(_is_text, "a text that is not empty"),  # in Python something else, which the class itself checks
}
