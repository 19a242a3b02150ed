"""`modelport runtimes`."""

import json
from pathlib import Path

import click

from ...validate.judge_options import JudgeOptions
from ..options.comma_list import parse_only
from ..options.option_of import click_option


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("runtimes", nargs=-1, required=True, metavar="RUNTIME...")
@click_option(JudgeOptions, "only", multiple=True)
@click_option(JudgeOptions, "data")
@click.option(
    "--budgets",
    "budgets_file",
    type=click.Path(path_type=Path),
    help="TOML file with a [budgets] table.  [default: ./modelport.toml if it exists]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.pass_context
def runtimes(
    context: click.Context,
    run: Path,
    runtimes: tuple[str, ...],
    only: tuple[str, ...],
    data: Path | None,
    budgets_file: Path | None,
    as_json: bool,
) -> None:
    """Run the artifacts of RUN in older runtimes, and record in artifacts.json the oldest that serves each.

    A RUNTIME is NAME==VERSION, of tflite-runtime, tensorflow, ai-edge-litert or onnxruntime. It is installed from the
    package index once, into an environment that is kept in modelport's cache folder (0.1 GB; TensorFlow 2 GB;
    MODELPORT_CACHE names another folder). Or it is a Python program or virtual environment. This Python's own come
    first. A runtime serves an artifact that loads there, and whose answers there are within its budgets. The report of
    each is in RUN/validation/runtimes.

    \b
    Exit codes: 0 each runtime serves all that it can open, 1 one does not, or could not be judged, 2 usage or input.

    \b
    Example:
      modelport runtimes run tflite-runtime==2.14.0 tensorflow==2.15.1 --only tflite
    """
    from ...assets.judged.try_runtimes import TryOptions, exit_code, try_runtimes
    from ...validate.budgets.file import read_budgets
    from ..narration import Terminal
    from ..text.runtime_table import print_tried

    options = TryOptions(runtimes=runtimes, only=parse_only(only), data=data, budgets=read_budgets(budgets_file))
    tried = try_runtimes(run, options, Terminal())
    if as_json:
        click.echo(json.dumps([one.to_json() for one in tried], indent=2))
    else:
        print_tried(tried)
    context.exit(exit_code(tried))
