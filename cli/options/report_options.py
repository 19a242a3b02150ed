"""What `validate` writes beside its table, and what it compares with."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...contract.errors import UsageError
from ...validate.judge_options import BASELINE, THUMBNAILS
from .option_of import option_like

if TYPE_CHECKING:
    from ...validate.budgets.project_file import ProjectFile
    from ...validate.report.baseline import Baseline, BaselineLimits
    from ...validate.report.report import Report

_OPTIONS = (
    option_like(BASELINE),
    click.option(
        "--baseline-max-growth", metavar="PERCENT", help="Of the bytes, such as 5%.  [default: 5%; needs --baseline]"
    ),
    click.option(
        "--baseline-max-drop-points",
        metavar="POINTS",
        help="Of top-1, and of the drop against the reference.  [default: 1; needs --baseline]",
    ),
    click.option(
        "--baseline-max-mae-growth",
        metavar="PERCENT",
        help="Of a regression head's mean absolute error.  [default: 5%; needs --baseline]",
    ),
    click.option(
        "--junit", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write JUnit XML, too."
    ),
    click.option(
        "--annotations",
        type=click.Choice(["github"]),
        help="Say what failed in GitHub's format (::error ...), and append report.md to $GITHUB_STEP_SUMMARY if set.",
    ),
    option_like(THUMBNAILS),
)

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """What the options say; the baseline was read."""

    baseline: "Baseline | None"
    limits: "BaselineLimits"
    files: dict[str, Any]

    def compared(self, report: "Report") -> "Report":
        """Return the report, held against the baseline if there is one."""
        from ...validate.baseline.compare import against_baseline

        return report if self.baseline is None else against_baseline(report, self.baseline, self.limits)


def report_options(command: Command) -> Command:
    """Add the options; `read_reporting` takes them."""
    return reduce(lambda made, option: option(made), reversed(_OPTIONS), command)


def read_reporting(given: dict[str, Any], project: "ProjectFile | None", folder: Path) -> Reporting:
    """Return what the command line asks for; the baseline is read now, before minutes of judging.

    Args:
        given: the values of `report_options`.
        project: the file of the budgets, which may have a table [baseline].
        folder: of the report, which must not replace the baseline: nothing would be accepted that way, all would.

    Raises:
        InputError: the baseline is no report.
        UsageError: a limit without a baseline, or with a value that it cannot have; the report would replace the
            baseline.
    """
    from ...validate.baseline.file import read_baseline
    from ...validate.baseline.limits import KEYS, limits_of
    from ...validate.report.baseline import BaselineLimits

    options = {key: given[f"baseline_{key}"] for key in KEYS}
    files = {"junit": given["junit"], "thumbnails": given["thumbnails"]}
    if given["baseline"] is None:
        alone = [f"--baseline-{key.replace('_', '-')}" for key, text in options.items() if text is not None]
        if alone:
            raise UsageError(
                "limit of a comparison without one", where=alone[0], fix="pass --baseline REPORT.JSON, too, or drop it"
            )
        return Reporting(baseline=None, limits=BaselineLimits(), files=files)
    if given["baseline"].resolve() == (folder / "report.json").resolve():
        raise UsageError(
            "the report would replace the baseline",
            where=given["baseline"],
            fix="keep the accepted report elsewhere, or pass --report DIR",
        )
    limits = limits_of(project, options)
    return Reporting(baseline=read_baseline(given["baseline"]), limits=limits, files=files)
