"""`modelport validate`."""

import json
from pathlib import Path
from typing import Any

import click

from ...validate.budgets.keys import BUDGET_KEYS
from ...validate.judge_options import JudgeOptions
from ..options.comma_list import parse_only
from ..options.judging_options import judging_options, read_judging
from ..options.option_of import click_option
from ..options.report_options import read_reporting, report_options


@click.command()
@click.argument("run_or_pack", type=click.Path(path_type=Path))
@click_option(JudgeOptions, "data")
@click_option(JudgeOptions, "only", multiple=True)
@click_option(JudgeOptions, "artifacts")
@click_option(JudgeOptions, "runtime", type=str)
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
    help=f"A budget for every artifact; beats the file. Keys: {', '.join(BUDGET_KEYS)}.",
)
@click_option(JudgeOptions, "strict")
@judging_options
@click_option(JudgeOptions, "report")
@report_options
@click.option("--json", "as_json", is_flag=True, help="Print report.json to stdout instead of the table.")
@click.pass_context
def validate(
    context: click.Context,
    /,
    run_or_pack: Path,
    data: Path | None,
    only: tuple[str, ...],
    artifacts: tuple[Path, ...],
    runtime: str | None,
    budgets_file: Path | None,
    budget_options: tuple[str, ...],
    strict: bool,
    report: Path | None,
    as_json: bool,
    annotations: str | None,
    **others: Any,
) -> None:
    """Judge artifacts against a run's reference and their budgets: pass, fail, undecided or not judged.

    A run folder is judged whole. A gate pack (modelport pack) has images, labels and reference, and judges any file.

    \b
    Exit codes: 0 none failed, 1 one failed or could not be judged, 2 usage or input.

    \b
    Example:
      modelport validate run --only tflite,onnx --budget min_top1=0.9 --budget max_bytes=4MB
      modelport validate gate.zip --artifact build/model.tflite --baseline accepted/report.json
      modelport validate run --only tflite --runtime tflite-runtime==2.14.0
    """
    from ...validate.budgets.file import budgets_of
    from ...validate.budgets.project_file import read_project
    from ...validate.judge import judge_run
    from ...validate.subject import report_folder
    from ...validate.write_report import write_report
    from ..narration import Terminal
    from ..text.verdict_table import print_report
    from ..text.workflow_commands import workflow_commands

    with workflow_commands(annotations == "github", to_stderr=as_json) as tell:
        narrator, folder = Terminal(), report or report_folder(run_or_pack)
        project = read_project(budgets_file)
        wanted = read_reporting(others, project, folder)
        names, book = parse_only(only), budgets_of(project, budget_options)
        narrator.say(f"budgets: {book.file or 'the defaults'}" + (", and --budget" if book.options else ""))
        options = JudgeOptions(
            data=data,
            only=names,
            artifacts=artifacts,
            budgets=book,
            strict=strict,
            runtime=runtime,
            report=folder,
            **read_judging(others),
        )
        result = wanted.compared(judge_run(run_or_pack, options, narrator=narrator))
        page = write_report(result, folder, **wanted.files)
        if as_json:
            click.echo(json.dumps(result.to_json(), indent=2, ensure_ascii=False))
        else:
            print_report(result, page)
        tell(result)
    context.exit(result.exit_code)
