"""How many cores this process may use: threads beyond them only wait for each other."""

import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def cores(root: Path = Path("/")) -> int:
    """Return how many cores this process may use, at least one.

    A container is mostly limited by its share of the processors' time, which its affinity does not show. A part of a
    core counts as one, as in the Java virtual machine and in Go 1.25.

    Args:
        root: what holds `proc` and `sys`, whose control groups (Linux) say the share.
    """
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([here, *(math.ceil(share) for share in _shares(root))])


def _shares(root: Path) -> Iterator[float]:
    """Yield the limits of this process's control groups and those above them, in cores; of both versions."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if "cpu" not in (controllers or "cpu").split(","):
            continue
        mount = root / "sys/fs/cgroup" / ("cpu" if controllers else "")
        files = ("cpu.cfs_quota_us", "cpu.cfs_period_us") if controllers else ("cpu.max",)
        group = PurePosixPath(path.lstrip("/"))  # a container may see the machine's path, and only its own folder
        for folder in (group, *group.parents):
            limit = [word for file in files for word in _read(mount / folder / file).split()]
            if len(limit) == 2 and limit[0].isdecimal() and limit[1].isdecimal():  # "max" and -1 are no limit
                yield int(limit[0]) / int(limit[1])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
