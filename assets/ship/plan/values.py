"""What the keys of modelport.toml may hold, and how a value is checked."""

import re
from collections.abc import Callable
from typing import Any

from .keys import Key

#: Largest number of anything, so that a slip of the keyboard is not taken for a wish.
_MOST = 2**31 - 1


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


def _is_points(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value)) and len(set(value)) == len(value)


#: Kind to (whether a value is of it, what is expected). The reader looks for "path" and "weights" on disk, too.
KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "count": (_is_count, "a whole number, 1 or more"),
    "seed": (lambda value: _is_count(value) or (value == 0 and type(value) is int), "a whole number, 0 or more"),
    "number": (_is_number, "a number above 0"),
    "points": (_is_points, "a number in [0, 100]"),
    "switch": (lambda value: isinstance(value, bool), "true or false"),
    "text": (_is_text, "a text that is not empty"),
    "path": (_is_text, "the path of a file or folder, in quotes"),
    "weights": (_is_text, "imagenet, none, or the path of a file, in quotes"),
    "texts": (_is_texts, "a list of texts, each once"),
    "size": (
        lambda value: isinstance(value, list) and len(value) == 2 and all(map(_is_count, value)),
        "[height, width], whole numbers",
    ),
    "version": (
        lambda value: isinstance(value, str) and bool(re.fullmatch(r"\d+(\.\d+){1,2}", value)),
        'such as "2.12.0"',
    ),
    "table": (
        lambda value: isinstance(value, dict) and all(map(_is_text, value.values())),
        'a table of texts, such as { del = "delete" }',
    ),
}


def problem_of(key: Key, value: object) -> str | None:
    """Return what is wrong with a value: "expected ...; received ..."; None if nothing is."""
    fits, expected = KINDS[key.kind]
    if key.choices:
        expected = f"{'some' if key.kind == 'texts' else 'one'} of {', '.join(key.choices)}"
    values = value if isinstance(value, list) else [value]
    if fits(value) and (not key.choices or all(one in key.choices for one in values)):
        return None
    return f"expected {expected}; received {_short(value)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
