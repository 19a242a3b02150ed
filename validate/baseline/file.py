"""Read the report that a judgement is compared with."""

from pathlib import Path
from typing import Any

from ...contract.errors import InputError
from ..report.baseline import Accepted, AcceptedHead, Baseline
from ..report.reader import MOST_BYTES, ReportReader

__all__ = ["MOST_BYTES", "read_baseline"]

_FIX = "name a report.json that modelport validate wrote, the last that was accepted"


def read_baseline(path: str | Path) -> Baseline:
    """Read report.json.

    Raises:
        InputError: missing, too large, broken, of another version, or with other types or numbers than a report has.

    """
    read = ReportReader(path, what="baseline", fix=_FIX)
    value = read.load()
    artifacts = [_artifact(read, item, at) for at, item in enumerate(read.get(value, "artifacts", list, "report"))]
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


def _artifact(read: ReportReader, item: Any, at: int) -> Accepted:
    where = f"artifact {at + 1}"
    doors = read.get(item, "doors", dict, where)
    return Accepted(
        **{name: read.get(item, name, str, where) for name in ("path", "format", "recipe")},
        size_bytes=read.count(item, "size_bytes", where),
        doors={door: _heads(read, doors, door, where) for door in doors},
    )


def _heads(read: ReportReader, doors: Any, door: str, where: str) -> dict[str, AcceptedHead]:
    heads = {}
    for item in read.get(doors, door, list, where):
        name = read.get(item, "head", str, where)
        inner = f"{where}: head {name[:80]}"
        parity = read.section(item, "parity", inner)
        heads[name] = AcceptedHead(
            top1_fraction=read.number(read.section(item, "accuracy", inner), "top1_fraction", inner, 0, 1),
            drop_points=read.number(read.section(parity, "drop", inner), "points", inner, -100, 100),
            mae=read.number(item, "mae", inner, 0, 1e300),
        )
    return heads
