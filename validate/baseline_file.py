"""Read the report that a judgement is compared with. It may come from anywhere: nothing in it is believed unseen."""

import json
import math
from pathlib import Path
from typing import Any, NoReturn

from ..contract.errors import InputError
from .baseline import Accepted, AcceptedHead, Baseline
from .report_version import REPORT_VERSION

#: A report of 100 artifacts with 60 flips at 2 doors each takes 4 MB.
MOST_BYTES = 64 * 2**20

_FIX = "name a report.json that modelport validate wrote, the last that was accepted"


def read_baseline(path: str | Path) -> Baseline:
    """Read report.json.

    Raises:
        InputError: missing, too large, broken, of another version, or with other types or numbers than a report has.

    """
    value = _read(Path(path))
    version = value.get("modelport_report") if isinstance(value, dict) else None
    if version != REPORT_VERSION or isinstance(version, bool):
        raise InputError(
            "not a report of this version",
            where=path,
            expected=f'"modelport_report": {REPORT_VERSION}',
            received="no report" if version is None else f"{version!r}"[:80],
            fix=_FIX,
        )
    read = _Reader(path)
    artifacts = [read.artifact(item, at) for at, item in enumerate(read.get(value, "artifacts", list, "report"))]
    paths = [artifact.path for artifact in artifacts]
    if len(set(paths)) < len(paths):
        twice = next(name for name in paths if paths.count(name) > 1)
        raise InputError("report holds an artifact twice", where=path, received=twice[:200], fix=_FIX)
    return Baseline(
        file=str(path),
        **{name: read.get(value, name, str, "report") for name in ("run_id", "created", "images")},
        n=read.count(value, "n", "report"),
        images_sha256=read.get(value, "images_sha256", str, "report") if "images_sha256" in value else "",
        exit_code=read.count(value, "exit_code", "report"),
        artifacts={artifact.path: artifact for artifact in artifacts},
    )


def _read(path: Path) -> Any:
    try:
        if not path.is_file():
            raise InputError(
                "baseline is missing" if not path.exists() else "baseline is no file", where=path, fix=_FIX
            )
        if (size := path.stat().st_size) > MOST_BYTES:
            raise InputError(
                "baseline is too large", where=path, expected=f"at most {MOST_BYTES:,} bytes", received=f"{size:,}"
            )
        return json.loads(path.read_bytes(), parse_constant=_refuse_constant)
    except (OSError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, no JSON, NaN, 5,000 digits, a NUL
        received = str(error) or type(error).__name__
        raise InputError("baseline cannot be read", where=path, received=received, fix=_FIX) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name}, which is no JSON")


class _Reader:
    """Takes typed values out of JSON, or says which is not of its type."""

    def __init__(self, path: str | Path) -> None:
        self.path = path

    def get(self, value: Any, key: str, kind: type, where: str) -> Any:
        found = value.get(key) if isinstance(value, dict) else None
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            self._refuse(f"{where}: {key}", f"a {_NAMES[kind]}", found)
        return found

    def count(self, value: Any, key: str, where: str) -> int:
        found = self.get(value, key, int, where)
        assert isinstance(found, int)
        if not 0 <= found <= 2**53:
            self._refuse(f"{where}: {key}", "a whole number, 0 or more", found)
        return found

    def number(self, value: Any, key: str, where: str, low: float, high: float) -> float | None:
        """Return a number in [low, high]; None where it is null or not there."""
        found = value.get(key) if isinstance(value, dict) else None
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or not low <= found <= high:
            self._refuse(f"{where}: {key}", f"a number in [{low:g}, {high:g}]", found)
        return float(found)

    def artifact(self, item: Any, at: int) -> Accepted:
        where = f"artifact {at + 1}"
        doors = self.get(item, "doors", dict, where)
        return Accepted(
            **{name: self.get(item, name, str, where) for name in ("path", "format", "recipe")},
            size_bytes=self.count(item, "size_bytes", where),
            doors={door: self._heads(doors, door, where) for door in doors},
        )

    def _heads(self, doors: Any, door: str, where: str) -> dict[str, AcceptedHead]:
        heads = {}
        for item in self.get(doors, door, list, where):
            name = self.get(item, "head", str, where)
            inner = f"{where}: head {name[:80]}"
            parity = self._section(item, "parity", inner)
            heads[name] = AcceptedHead(
                top1_fraction=self.number(self._section(item, "accuracy", inner), "top1_fraction", inner, 0, 1),
                drop_points=self.number(self._section(parity, "drop", inner), "points", inner, -100, 100),
                mae=self.number(item, "mae", inner, 0, 1e300),
            )
        return heads

    def _section(self, value: Any, key: str, where: str) -> Any:
        return self.get(value, key, dict, where) if isinstance(value, dict) and value.get(key) is not None else {}

    def _refuse(self, where: str, expected: str, received: object) -> NoReturn:
        shown = "nothing" if received is None else _short(received)
        raise InputError(
            f"baseline is no report: {where}", where=self.path, expected=expected, received=shown, fix=_FIX
        )


_NAMES = {str: "text", int: "whole number", list: "list", dict: "table"}


def _short(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "a number beyond all bounds"
    if isinstance(value, int) and abs(value) > 10**18:  # its digits could take minutes, or be refused
        return "a number of many digits"
    text = repr(value) if isinstance(value, str | int | float) else f"a {_NAMES.get(type(value), type(value).__name__)}"
    return text if len(text) <= 80 else f"{text[:77]}..."
