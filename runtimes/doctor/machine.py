"""Memory, disk, whether workers can be limited, and node."""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..process.memory_limit import cgroup_limit_bytes
from .finding import Finding
from .folders import working_folder

GROUP = "Machine"
#: What a run of MobileNetV3Large takes while it is made, and half as much again: the folder of `modelport demo`, looked
#: at each second on 2026-11-21, was never larger than 125 MB.
LEAST_DISK_BYTES = 190_000_000
#: Peak of resident memory of `modelport train` at its defaults (MobileNetV3Large, 32 images of 200 x 200, every layer)
#: on 500 photos and two cores, no GPU: GNU time on 2026-11-21. More images may be kept decoded, up to 1 GiB.
TRAINING_BYTES = 3_435_284 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """Space of the file system that holds a folder.

    Attributes:
        use: what the folder is for.
        folder: its path.
        free_bytes: that this user may fill; None: the folder cannot be looked into.
    """

    use: str
    folder: str
    free_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFacts:
    """What the machine has.

    Attributes:
        total_bytes: RAM; None where the system does not say.
        free_bytes: RAM that can be had without swapping; None where the system does not say.
        limit_bytes: of the container; None: no limit.
        disks: of the working folder and the temporary folder.
        limits_workers: whether a limit on a child's memory was obeyed.
        node: what `node --version` says; None: not installed.
    """

    total_bytes: int | None
    free_bytes: int | None
    limit_bytes: int | None
    disks: tuple[Disk, ...]
    limits_workers: bool
    node: str | None


def measure_machine() -> MachineFacts:
    """Ask the system."""
    total, free = _memory()
    folders = (("working folder", working_folder()), ("temporary folder", Path(tempfile.gettempdir())))
    return MachineFacts(
        total_bytes=total,
        free_bytes=free,
        limit_bytes=cgroup_limit_bytes(),
        disks=tuple(Disk(use=use, folder=str(folder), free_bytes=_free(folder)) for use, folder in folders),
        limits_workers=_limits_are_obeyed(),
        node=_node(),
    )


def judge_machine(facts: MachineFacts) -> list[Finding]:
    """Return what the facts mean."""
    return [_judge_memory(facts), *map(_judge_disk, facts.disks), _judge_limits(facts), _judge_node(facts)]


def _judge_memory(facts: MachineFacts) -> Finding:
    known = ((facts.total_bytes, ""), (facts.free_bytes, " free"))
    says = ", ".join(f"{_gib(size)}{word}" for size, word in known if size is not None) or "this system does not tell"
    if facts.limit_bytes is not None:
        says += f"; this container may use {_gib(facts.limit_bytes)}"
    sizes = [size for size in (facts.free_bytes or facts.total_bytes, facts.limit_bytes) if size is not None]
    if not sizes or min(sizes) >= TRAINING_BYTES:
        return Finding(group=GROUP, name="memory", state="ok", says=says)
    return Finding(
        group=GROUP,
        name="memory",
        state="note",
        says=f"{says}: training at the defaults, 32 images of 200 x 200 a step, took {_gib(TRAINING_BYTES)} on a CPU",
        stops="train at the default batch size",
        paste="modelport train DATASET RUN --batch-size 8",
    )


def _judge_disk(disk: Disk) -> Finding:
    if disk.free_bytes is None:
        says, paste = f"{disk.folder} cannot be looked into", "choose another folder"
        return Finding(group=GROUP, name=disk.use, state="problem", says=says, stops="every command", paste=paste)
    says = f"{_gib(disk.free_bytes)} free in {disk.folder}"
    if disk.free_bytes >= LEAST_DISK_BYTES:
        return Finding(group=GROUP, name=disk.use, state="ok", says=says)
    return Finding(
        group=GROUP,
        name=disk.use,
        state="problem",
        says=f"{says}: a run takes {LEAST_DISK_BYTES // 10**6} MB while it is made",
        stops="train, convert, quantize: the disk would be full",
        paste="make room, or work on another disk",
    )


def _judge_limits(facts: MachineFacts) -> Finding:
    if facts.limits_workers:
        return Finding(group=GROUP, name="limits", state="ok", says="this system limits the memory of a worker process")
    says = "this system does not limit the memory of a process: an artifact that asks for too much can slow all down"
    return Finding(group=GROUP, name="limits", state="note", says=says)


def _judge_node(facts: MachineFacts) -> Finding:
    if facts.node:
        return Finding(group=GROUP, name="node", state="ok", says=facts.node)
    says = "not installed; only TF.js artifacts, which come later, need it"
    return Finding(group=GROUP, name="node", state="note", says=says)


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:,.1f} GiB"


def _memory() -> tuple[int | None, int | None]:
    """Return RAM and free RAM in bytes, each None where the system does not say."""
    if sys.platform == "win32":
        return _windows_memory()
    with suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        sizes = {name: int(value.split()[0]) * 1024 for name, _, value in (line.partition(":") for line in lines)}
        return sizes.get("MemTotal"), sizes.get("MemAvailable")
    with suppress(OSError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), None
    return None, None


def _windows_memory() -> tuple[int | None, int | None]:
    """Ask GlobalMemoryStatusEx: https://learn.microsoft.com/windows/win32/api/sysinfoapi/ns-sysinfoapi-memorystatusex."""

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            ("total", ctypes.c_uint64),
            ("free", ctypes.c_uint64),
            ("others", ctypes.c_uint64 * 5),
        )

    status = Status(length=ctypes.sizeof(Status))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - only Windows has it
    if not kernel.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None, None
    return status.total, status.free


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _limits_are_obeyed() -> bool:
    """Limit a child to 256 MiB as workers are limited, and see whether it is refused 512 MiB."""
    code = (
        "import sys\n"
        "from modelport.runtimes.process.limits import limit_this_process\n"
        "limit_this_process(256, 64)\n"
        "try: bytearray(1 << 29)\n"
        "except MemoryError: sys.exit(7)\n"
    )
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, timeout=30, check=False)
        return done.returncode == 7
    return False


def _node() -> str | None:
    program = shutil.which("node")
    if program is None:
        return None
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, errors="replace", timeout=30, check=False
        )
        return done.stdout.strip() or None
    return None
