"""Take a report.json apart. It may come from anywhere: nothing in it is believed unseen."""

import json
import math
from pathlib import Path
from typing import Any, NoReturn

from ...contract.errors import InputError
from .version import REPORT_VERSION

#: A report of 100 artifacts with 60 flips at 2 doors each takes 4 MB.
MOST_BYTES = 64 * 2**20


class ReportReader:
    """Takes typed values out of a report, or says which is not of its type.

    Args:
        path: of report.json.
        what: what the file is to its reader: "baseline" or "report".
        fix: ends every message.
    """

    def __init__(self, path: str | Path, *, what: str, fix: str) -> None:
        self.path, self.what, self.fix = Path(path), what, fix

    def load(self) -> dict[str, Any]:
        """Return the whole of it.

        Raises:
            InputError: missing, too large, broken, or of another version.
        """
        value = self._parsed()
        version = value.get("modelport_report") if isinstance(value, dict) else None
        if not isinstance(value, dict) or version != REPORT_VERSION or isinstance(version, bool):
            raise InputError(
                "not a report of this version",
                where=self.path,
                expected=f'"modelport_report": {REPORT_VERSION}',
                received="no report" if version is None else f"{version!r}"[:80],
                fix=self.fix,
            )
        return value

    def get(self, value: Any, key: str, kind: type, where: str) -> Any:
        """Return `value[key]`, which must be of a kind; True is no int."""
        found = value.get(key) if isinstance(value, dict) else None
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            self.refuse(f"{where}: {key}", f"a {_NAMES[kind]}", found)
        return found

    def count(self, value: Any, key: str, where: str) -> int:
        """Return a whole number, 0 or more."""
        found = self.get(value, key, int, where)
        assert isinstance(found, int)
        if not 0 <= found <= 2**53:
            self.refuse(f"{where}: {key}", "a whole number, 0 or more", found)
        return found

    def number(self, value: Any, key: str, where: str, low: float, high: float) -> float | None:
        """Return a number in [low, high]; None where it is null or not there."""
        found = value.get(key) if isinstance(value, dict) else None
        return None if found is None else self._within(found, f"{where}: {key}", low, high)

    def interval(self, value: Any, key: str, where: str, low: float, high: float) -> tuple[float, float] | None:
        """Return two numbers in [low, high], in ascending order; None where it is null or not there."""
        found = value.get(key) if isinstance(value, dict) else None
        if found is None:
            return None
        if not isinstance(found, list) or len(found) != 2:
            self.refuse(f"{where}: {key}", "two numbers", found)
        first, second = (self._within(bound, f"{where}: {key}", low, high) for bound in found)
        if not first <= second:
            self.refuse(f"{where}: {key}", "two numbers in ascending order", found)
        return first, second

    def section(self, value: Any, key: str, where: str) -> Any:
        """Return a table; an empty one where it is null or not there."""
        return self.get(value, key, dict, where) if isinstance(value, dict) and value.get(key) is not None else {}

    def refuse(self, where: str, expected: str, received: object) -> NoReturn:
        """Raise InputError for one value."""
        shown = "nothing" if received is None else _short(received)
        raise InputError(
            f"{self.what} is no report: {where}", where=self.path, expected=expected, received=shown, fix=self.fix
        )

    def _within(self, found: Any, where: str, low: float, high: float) -> float:
        if isinstance(found, bool) or not isinstance(found, int | float) or not low <= found <= high:
            self.refuse(where, f"a number in [{low:g}, {high:g}]", found)
        return float(found)

    def _parsed(self) -> Any:
        path, what = self.path, self.what
        try:
            if not path.is_file():
                state = "missing" if not path.exists() else "no file"
                raise InputError(f"{what} is {state}", where=path, fix=self.fix)
            if (size := path.stat().st_size) > MOST_BYTES:
                raise InputError(
                    f"{what} is too large", where=path, expected=f"at most {MOST_BYTES:,} bytes", received=f"{size:,}"
                )
            return json.loads(path.read_bytes(), parse_constant=_refuse_constant)
        except (OSError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, no JSON, 5,000 digits, a NUL
            received = str(error) or type(error).__name__
            raise InputError(f"{what} cannot be read", where=path, received=received, fix=self.fix) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name}, which is no JSON")


_NAMES = {str: "text", int: "whole number", list: "list", dict: "table", bool: "truth value"}


def _short(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "a number beyond all bounds"
    if isinstance(value, int) and abs(value) > 10**18:  # its digits could take minutes, or be refused
        return "a number of many digits"
    text = repr(value) if isinstance(value, str | int | float) else f"a {_NAMES.get(type(value), type(value).__name__)}"
    return text if len(text) <= 80 else f"{text[:77]}..."
