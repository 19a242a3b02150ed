"""How the value of a budget is written, by the kind of its key. Numpy-free: the command line shows these words."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ...contract.model_contract.tflite_release import is_release

Value = float | int | str

#: Decimal units, and the binary ones of IEC 80000-13.
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value of one kind is.

    Attributes:
        expected: in words, with its unit.
        read: returns a value as TOML gives it in its own type; None where it is none.
    """

    expected: str
    read: Callable[[object], Value | None]


def _bytes_of(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value > 0 else None
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?i?b)\s*", value.lower()) if isinstance(value, str) else None
    if match is None or match[2] not in _UNITS:
        return None
    return round(float(match[1]) * _UNITS[match[2]]) or None


def _up_to(largest: float) -> Callable[[object], float | None]:
    """Return a reader of numbers in [0, largest]; infinity is none."""

    def read(value: object) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if 0 <= value <= largest and value != float("inf") else None

    return read


def _above_zero(value: object) -> float | None:
    return _up_to(float("inf"))(value) or None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _switch(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _version(value: object) -> str | None:
    return value if isinstance(value, str) and is_release(value) else None


KINDS = {
    "size": Kind('a whole number of bytes, or text such as "4 MB", "4 MiB" or "800 kB"', _bytes_of),
    "points": Kind("a number in [0, 100]", _up_to(100)),
    "fraction": Kind("a number in [0, 1]", _up_to(1)),
    "amount": Kind("a number, 0 or more, in the head's unit", _up_to(float("inf"))),
    "milliseconds": Kind("a number of milliseconds above 0", _above_zero),
    "ratio": Kind("a number above 0: 1 is as fast as float32, 0.5 takes half its time", _above_zero),
    "megabytes": Kind("a number of MB (10^6 bytes) above 0", _above_zero),
    "count": Kind("a whole number, 0 or more", _count),
    "switch": Kind("true or false", _switch),
    "version": Kind('text such as "2.12.0"', _version),
}
