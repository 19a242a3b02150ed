"""How much memory a worker process holds, and the most that it ever held."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from .tasks import task

#: Fields of /proc/self/status, in kB of 1,024 bytes: https://docs.kernel.org/filesystems/proc.html, read 2026-11-21.
_FIELDS = {"VmRSS": "resident_bytes", "VmHWM": "peak_resident_bytes"}


@task
def memory_use(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the resident bytes of this process now and at their peak: a task of a worker.

    With arguments["forget_peak"] the peak begins anew, on Linux (proc(5), clear_refs).
    Where there is no /proc, "resident_bytes" is the peak until now (ru_maxrss), which is at least what is resident; on
    Windows nothing is returned.
    """
    status = Path("/proc/self/status")
    if arguments.get("forget_peak"):
        with suppress(OSError):  # no such file, or a system that lets nobody write there
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    if status.is_file():
        lines = (line.split() for line in status.read_text(encoding="ascii", errors="replace").splitlines())
        found = {_FIELDS[words[0][:-1]]: int(words[1]) << 10 for words in lines if words and words[0][:-1] in _FIELDS}
        return found if len(found) == len(_FIELDS) else {}
    if sys.platform == "win32":
        return {}
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << (0 if sys.platform == "darwin" else 10)
    return {"resident_bytes": peak, "peak_resident_bytes": peak}
