"""How much one worker process may take: time, memory, threads, and what it writes."""

import sys
from dataclasses import dataclass

from ...contract.errors import UsageError

#: TensorFlow's import and first operator took 477 MiB of private memory here (2.21.0, VmData).
LEAST_MEMORY_MB = 512

#: 16 TiB, more than a machine has that runs classifiers; in bytes it still fits what setrlimit(2) takes.
MOST_MEMORY_MB = 1 << 24

#: A day, in seconds.
MOST_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a worker process may take.

    Attributes:
        seconds: for opening an artifact, and for each call; a day at most.
        memory_mb: MiB of private memory, that of the runtime's libraries included. TensorFlow needs about 500 of it
            before it holds a model; 4,096 is a quarter of a common CI machine's.
        written_mb: MiB of any one file that it writes, the log of what its runtime prints above all.
        threads: that its runtime computes with; None: as many as the runtime takes by itself.
    """

    seconds: float = 120.0
    memory_mb: int = 4096
    written_mb: int = 64
    threads: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.seconds <= MOST_SECONDS:  # NaN is neither
            expected = f"above 0 and at most {MOST_SECONDS:,} s, a day"
            raise UsageError(
                "time limit cannot be kept", where="--limit-seconds", expected=expected, received=self.seconds
            )
        if not isinstance(self.memory_mb, int) or not LEAST_MEMORY_MB <= self.memory_mb <= MOST_MEMORY_MB:
            expected = (
                f"whole MiB, at least the {LEAST_MEMORY_MB:,} that a runtime needs before it holds a model,"
                f" at most {MOST_MEMORY_MB:,}"
            )
            raise UsageError(
                "memory limit cannot be kept", where="--limit-memory-mb", expected=expected, received=self.memory_mb
            )
        if self.threads is not None and self.threads < 1:
            raise UsageError("no runtime computes without a thread", where="--threads", received=self.threads)


def are_enforced() -> bool:
    """Whether this system keeps a process within its memory; elsewhere only the time limit holds.

    Linux counts all private writable memory against RLIMIT_DATA (since 4.7, setrlimit(2)). macOS takes the number and
    does not keep to it; Windows has no such call.
    """
    return sys.platform == "linux"


def limit_this_process(memory_mb: int, written_mb: int) -> None:
    """Set the limits on this process, which is a worker and has not loaded a runtime yet.

    What exceeds the memory fails to be allocated; what exceeds the size of a file is not written.
    """
    if sys.platform == "win32":
        return
    import resource

    for kind, size in ((resource.RLIMIT_DATA, memory_mb << 20), (resource.RLIMIT_FSIZE, written_mb << 20)):
        _, most = resource.getrlimit(kind)
        resource.setrlimit(kind, (size if most == resource.RLIM_INFINITY else min(size, most), most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
