"""The memory limit of the container that this process runs in: control groups, version 1 and 2."""

from collections.abc import Iterator
from pathlib import Path

#: Version 1 writes "no limit" as the largest multiple of a page below 2^63.
_NO_LIMIT = 1 << 60


def cgroup_limit_bytes(proc: str | Path = "/proc/self/cgroup", mount: str | Path = "/sys/fs/cgroup") -> int | None:
    """Return the lowest limit of this process's group and of the groups around it; None: no limit, or no such system.

    References:
        https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files (memory.max),
        https://docs.kernel.org/admin-guide/cgroup-v1/memory.html (memory.limit_in_bytes), read 2026-11-21.
    """
    try:
        lines = Path(proc).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    limits = [limit for line in lines for file in _files(line, Path(mount)) if (limit := _read(file)) is not None]
    return min(limits, default=None)


def _files(line: str, mount: Path) -> Iterator[Path]:
    """Yield the files that may hold a limit, for one line `number:controllers:path`."""
    number, controllers, path = [*line.split(":", 2), "", ""][:3]
    if number == "0":
        root, name = mount, "memory.max"
    elif "memory" in controllers.split(","):
        root, name = mount / "memory", "memory.limit_in_bytes"
    else:
        return
    group = root / path.lstrip("/")
    # In a container the path may be the host's, and the group is mounted at the root.
    yield from (folder / name for folder in (group, *group.parents) if folder == root or root in folder.parents)


def _read(file: Path) -> int | None:
    try:
        text = file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() and int(text) < _NO_LIMIT else None
