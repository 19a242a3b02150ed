"""What `validate` may take while it judges: cores, time, memory, and answers of the last time."""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click

from ...contract.files.cache_folder import cache_folder
from ...runtimes.process.limits import Limits
from ...validate.judge_options import JudgeOptions
from .option_of import click_option

_OPTIONS = (
    click_option(JudgeOptions, "workers"),
    click_option(Limits, "threads"),
    click_option(JudgeOptions, "latency"),
    click.option(
        "--no-cache",
        is_flag=True,
        help="Ask every artifact again, and keep no answers. Kept ones are taken only if the bytes of artifact, images "
        "and reference, the contract, and all versions are the same.",
    ),
    click_option(Limits, "seconds"),
    click_option(Limits, "memory_mb"),
)

Command = Callable[..., Any]


def judging_options(command: Command) -> Command:
    """Add the options; `read_judging` takes them."""
    return reduce(lambda made, option: option(made), reversed(_OPTIONS), command)


def read_judging(given: dict[str, Any]) -> dict[str, Any]:
    """Return fields of JudgeOptions; `given` holds the values of `judging_options`."""
    return {
        "limits": Limits(**{name: given[name] for name in ("seconds", "memory_mb", "threads")}),
        "workers": given["workers"],
        "latency": given["latency"],
        "cache": None if given["no_cache"] else answers_folder(),
    }


def answers_folder() -> Path:
    """Return where answers are kept for the next judgement."""
    return cache_folder() / "answers"
