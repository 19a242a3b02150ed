"""`modelport validate`."""

import json
from pathlib import Path

import click

from ..contract.errors import UsageError
from ..validate.budget_keys import KEYS


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Labelled images: a data set (its test split), class folders, or files Label_anything.jpg. "
    "Default: the test split of the training run.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAMES",
    help="Formats, recipes or paths to judge, such as tflite,onnx. Default: all.",
)
@click.option(
    "--budgets",
    "budgets_file",
    type=click.Path(path_type=Path),
    help="TOML file with a [budgets] table. Default: ./modelport.toml if it exists.",
)
@click.option(
    "--budget",
    "budget_options",
    multiple=True,
    metavar="KEY=VALUE",
    help=f"A budget for every artifact; beats the file. Keys: {', '.join(KEYS)}.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Fail what is undecided, and a judgement without min_top1 or on a test split that lost images.",
)
@click.option(
    "--limit-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    help="Time that opening an artifact, and each call, may take.",
)
@click.option("--report", type=click.Path(path_type=Path), help="Folder of the report. Default: RUN/validation.")
@click.option("--json", "as_json", is_flag=True, help="Print report.json to stdout instead of the table.")
@click.pass_context
def validate(
    context: click.Context,
    run: Path,
    data: Path | None,
    only: tuple[str, ...],
    budgets_file: Path | None,
    budget_options: tuple[str, ...],
    strict: bool,
    limit_seconds: float,
    report: Path | None,
    as_json: bool,
) -> None:
    """Judge every artifact of RUN against the reference and its budgets: pass, fail, undecided or not judged.

    \b
    Exit codes: 0 none failed, 1 one failed or could not be judged, 2 usage or input.

    \b
    Example:
      modelport validate run --only tflite,onnx --budget min_top1=0.9 --budget max_bytes=4MB
    """
    from ..runtimes.limits import Limits
    from ..validate.budget_file import read_budgets
    from ..validate.judge import JudgeOptions, judge_run
    from ..validate.report_files import write_report
    from .narration import Terminal
    from .verdict_table import print_report

    narrator = Terminal()
    names, book = _names(only), read_budgets(budgets_file, budget_options)
    narrator.say(f"budgets: {book.file or 'the defaults'}" + (", and --budget" if book.options else ""))
    folder = report or run / "validation"
    options = JudgeOptions(data=data, only=names, budgets=book, strict=strict, limits=Limits(seconds=limit_seconds), report=folder)
    result = judge_run(run, options, narrator=narrator)
    page = write_report(result, folder)
    if as_json:
        click.echo(json.dumps(result.to_json(), indent=2, ensure_ascii=False))
    else:
        print_report(result, page)
    context.exit(result.exit_code)


def _names(only: tuple[str, ...]) -> tuple[str, ...]:
    """Split at commas; what is given and names nothing, such as an empty variable of a script, is no wish for all."""
    found = [[name.strip() for name in text.split(",") if name.strip()] for text in only]
    if not all(found):
        raise UsageError("--only names nothing", expected="such as --only tflite,onnx", fix="drop --only to judge all")
    return tuple(name for names in found for name in names)
