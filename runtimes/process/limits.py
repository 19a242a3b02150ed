"""How much one worker process may take: time, memory, threads, and what it writes."""

import sys
from dataclasses import dataclass
from typing import Annotated

from ...contract.options.option import Option, check_options

#: TensorFlow's import and first operator took 477 MiB of private memory here (2.21.0, VmData).
LEAST_MEMORY_MB = 512

#: 16 TiB, more than a machine has that runs classifiers; in bytes it still fits what setrlimit(2) takes.
MOST_MEMORY_MB = 1 << 24

#: A day, in seconds.
MOST_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a worker process may take; what each option is stands beside it.

    Attributes:
        memory_mb: TensorFlow needs about 500 of it before it holds a model; 4,096 is a quarter of a CI machine's.
        written_mb: MiB of any one file that it writes, the log of what its runtime prints above all.
        threads: None: as many as the runtime takes by itself.

    Raises:
        UsageError: an option is out of range.
    """

    seconds: Annotated[
        float,
        Option(
            "time that opening an artifact, and each call, may take",
            flag="--limit-seconds",
            above=0,
            high=MOST_SECONDS,
        ),
    ] = 120.0
    memory_mb: Annotated[
        int,
        Option(
            "MiB of private memory that a runtime may take, its libraries included",
            flag="--limit-memory-mb",
            low=LEAST_MEMORY_MB,
            high=MOST_MEMORY_MB,
            more="Held on Linux.",
        ),
    ] = 4096
    written_mb: int = 64
    threads: Annotated[
        int | None,
        Option(
            "threads of each runtime",
            low=1,
            metavar="N",
            unset="its share of the cores; all of them while time is measured",
        ),
    ] = None

    def __post_init__(self) -> None:
        check_options(self)


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
