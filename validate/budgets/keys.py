"""What a budget may be about, and how its value is written. Numpy-free: the command line shows these names."""

import difflib
import re
import reprlib

from ...contract.errors import UsageError

Value = float | int | str

#: Key to the kind of its value. Another key is an error, so that a misspelt budget never counts as kept.
KEYS = {
    "max_bytes": "size",
    "max_compressed_bytes": "size",
    "max_drop_points": "points",
    "max_class_recall_drop_points": "points",
    "min_agreement": "fraction",
    "max_probability_difference": "fraction",
    "min_top1": "fraction",
    "min_top3": "fraction",
    "min_class_recall": "fraction",
    "max_mae": "amount",
    "max_mae_increase": "amount",
    "max_value_difference": "amount",
    "max_train_validation_gap": "points",
    "max_latency_ms": "milliseconds",
    "max_latency_ratio": "ratio",
    "max_peak_memory_mb": "megabytes",
    "max_delegate_partitions": "count",
    "max_float_operators": "count",
    "forbid_flex": "switch",
    "forbid_custom_operators": "switch",
    "min_tflite": "version",
}

#: Keys that are judged on each head of a kind, and may be set for one head alone, as heads.NAME.KEY.
CLASSIFICATION_KEYS = (
    "max_drop_points",
    "max_class_recall_drop_points",
    "min_agreement",
    "max_probability_difference",
    "min_top1",
    "min_top3",
    "min_class_recall",
)
REGRESSION_KEYS = ("max_mae", "max_mae_increase", "max_value_difference")

#: What the key of one head begins with.
HEADS = "heads."

_EXPECTED = {
    "size": 'a whole number of bytes, or text such as "4 MB", "4 MiB" or "800 kB"',
    "points": "a number in [0, 100]",
    "fraction": "a number in [0, 1]",
    "amount": "a number, 0 or more, in the head's unit",
    "milliseconds": "a number of milliseconds above 0",
    "ratio": "a number above 0: 1 is as fast as float32, 0.5 takes half its time",
    "megabytes": "a number of MB (10^6 bytes) above 0",
    "count": "a whole number, 0 or more",
    "switch": "true or false",
    "version": 'text such as "2.12.0"',
}
_LARGEST = {"points": 100.0, "fraction": 1.0}
_ABOVE_ZERO = ("milliseconds", "ratio", "megabytes")

#: Decimal units, and the binary ones of IEC 80000-13.
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def read_value(key: str, value: object, where: str) -> Value:
    """Return the value of a budget in its own type: bytes as int, numbers as float, versions as text.

    Args:
        key: one of KEYS.
        value: as TOML gives it.
        where: file and section, or option, for the message.

    Raises:
        UsageError: an unknown key (naming the nearest known one), or a value of another type or range.

    Example:
        >>> read_value("max_bytes", "4 MB", "modelport.toml [budgets]")
        4000000

    """
    check_known(key, tuple(KEYS), f"{where} {key}", "budget")
    kind = KEYS[key]
    if kind == "size":
        found: Value | None = _bytes_of(value)
    elif kind == "version":
        found = value if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+){1,2}", value) else None
    elif kind == "switch":
        found = value if isinstance(value, bool) else None
    elif kind == "count":
        found = value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
    else:
        found = _number(value, _LARGEST.get(kind, float("inf")))
        found = None if found == 0 and kind in _ABOVE_ZERO else found
    if found is None:
        raise UsageError(
            "budget has no such value", where=f"{where} {key}", expected=_EXPECTED[kind], received=reprlib.repr(value)
        )
    return found


def read_head_value(key: str, value: object, where: str) -> Value:
    """Return the value of a budget that is set for one head, like `read_value`; what no head has is refused."""
    check_known(key, CLASSIFICATION_KEYS + REGRESSION_KEYS, f"{where} {key}", "budget of a head")
    return read_value(key, value, where)


def read_option(text: str) -> tuple[str, Value]:
    """Read KEY=VALUE, or heads.NAME.KEY=VALUE, as on the command line; raises UsageError like `read_value`."""
    written, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise UsageError("budget is not KEY=VALUE", where=f"--budget {text}", expected="such as max_bytes=4MB")
    if not written.startswith(HEADS):
        return written, read_value(written, _typed(written, value), "--budget")
    head, _, key = written.removeprefix(HEADS).rpartition(".")
    return written, read_head_value(key, _typed(key, value), f"--budget {HEADS}{head}")


def _typed(key: str, text: str) -> object:
    """Return text of the command line as TOML would give it."""
    kind = KEYS.get(key)
    if kind == "version":
        return text
    if kind == "switch":
        return {"true": True, "false": False}.get(text.lower(), text)
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def check_known(name: str, known: tuple[str, ...], where: str, what: str, fix: str | None = None) -> None:
    """Raise UsageError if `name` is not in `known`, naming the nearest known one and all of them."""
    if name in known:
        return
    near = " or ".join(map(repr, difflib.get_close_matches(name, known, n=2, cutoff=0.6)))
    raise UsageError(
        f"unknown {what} {name!r}" + (f", did you mean {near}" if near else ""),
        where=where,
        expected="one of " + ", ".join(known),
        fix=fix,
    )


def _bytes_of(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value > 0 else None
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?i?b)\s*", value.lower()) if isinstance(value, str) else None
    if match is None or match[2] not in _UNITS:
        return None
    return round(float(match[1]) * _UNITS[match[2]]) or None


def _number(value: object, largest: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= largest and value != float("inf") else None
