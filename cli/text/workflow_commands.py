"""What `validate --annotations github` tells the runner: annotations on stdout, and the summary of the step."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...contract.errors import ModelportError, UsageError

if TYPE_CHECKING:
    from ...validate.report.report import Report

#: GitHub drops a summary above it, whole.
_MOST_SUMMARY_BYTES = 2**20


@contextmanager
def workflow_commands(asked: bool, *, to_stderr: bool) -> Iterator[Callable[["Report"], None]]:
    """Yield a function to tell the report to; on leaving, annotations are printed, also for an error of ours.

    Until then the runner is told to take no commands: a label or a file's name that reads like one stays text.
    """
    if not asked:
        yield lambda report: None
        return
    from ...validate.report.annotations import annotations, error_annotation

    lines: list[str] = []
    token = secrets.token_hex(16)
    click.echo(f"::stop-commands::{token}", err=to_stderr)

    def tell(report: "Report") -> None:
        lines.extend(annotations(report))
        _append_summary(report)

    try:
        yield tell
    except ModelportError as error:
        lines = [error_annotation(error)]
        raise
    finally:
        for line in (f"::{token}::", *lines):
            click.echo(line, err=to_stderr)


def _append_summary(report: "Report") -> None:
    """Append report.md to the summary of the step; one that would become too large is left as it is."""
    if not (name := os.environ.get("GITHUB_STEP_SUMMARY")):
        return
    from ...validate.report.markdown import to_markdown

    path, data = Path(name), to_markdown(report).encode("utf-8", "backslashreplace")
    try:
        if (path.stat().st_size if path.exists() else 0) + len(data) + 1 <= _MOST_SUMMARY_BYTES:
            with path.open("ab") as file:
                file.write(data + b"\n")
    except OSError as error:
        raise UsageError("summary cannot be written", where="GITHUB_STEP_SUMMARY", received=error.strerror) from error
