"""What `validate` may take while it judges: cores, time, memory, and answers of the last time."""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click

from ...contract.files.cache_folder import cache_folder
from ...runtimes.process.limits import LEAST_MEMORY_MB, MOST_MEMORY_MB, MOST_SECONDS

_OPTIONS = (
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        metavar="N",
        help="How many artifacts run at once.  [default: as many as there are cores, 4 at most]",
    ),
    click.option(
        "--threads",
        type=click.IntRange(min=1),
        metavar="N",
        help="Threads of each runtime.  [default: its share of the cores; all of them while time is measured]",
    ),
    click.option(
        "--latency",
        is_flag=True,
        help="Measure the time and memory of every artifact, alone, after all answers. Without it only where a budget "
        "asks for them.",
    ),
    click.option(
        "--no-cache",
        is_flag=True,
        help="Ask every artifact again, and keep no answers. Kept ones are taken only if the bytes of artifact, images "
        "and reference, the contract, and all versions are the same.",
    ),
    click.option(
        "--limit-seconds",
        type=click.FloatRange(min=0, min_open=True, max=MOST_SECONDS),
        default=120.0,
        show_default=True,
        help="Time that opening an artifact, and each call, may take.",
    ),
    click.option(
        "--limit-memory-mb",
        type=click.IntRange(min=LEAST_MEMORY_MB, max=MOST_MEMORY_MB),
        default=4096,
        show_default=True,
        help="MiB of private memory that a runtime may take, its libraries included. Held on Linux.",
    ),
)

Command = Callable[..., Any]


def judging_options(command: Command) -> Command:
    """Add the options; `read_judging` takes them."""
    return reduce(lambda made, option: option(made), reversed(_OPTIONS), command)


def read_judging(given: dict[str, Any]) -> dict[str, Any]:
    """Return fields of JudgeOptions; `given` holds the values of `judging_options`."""
    from ...runtimes.process.limits import Limits

    return {
        "limits": Limits(seconds=given["limit_seconds"], memory_mb=given["limit_memory_mb"], threads=given["threads"]),
        "workers": given["workers"],
        "latency": given["latency"],
        "cache": None if given["no_cache"] else answers_folder(),
    }


def answers_folder() -> Path:
    """Return where answers are kept for the next judgement."""
    return cache_folder() / "answers"
