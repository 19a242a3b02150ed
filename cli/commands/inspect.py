"""`modelport inspect`."""

import json
from pathlib import Path

import click


@click.command()
@click.argument("path", metavar="FILE_OR_FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--limit-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    help="Time that reading the file, and then running it once, may take.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.pass_context
def inspect(context: click.Context, path: Path, limit_seconds: float, as_json: bool) -> None:
    """Say what a model is, what it promises, and what will go wrong with it, where.

    FILE_OR_FOLDER is any model: .tflite, .onnx, .keras, .h5, .pb, a SavedModel or a TensorFlow.js model; it is read,
    and a .tflite or .onnx run once, in a process of its own. A run folder is checked against its lock.

    \b
    Exit codes: 0 inspected, and the run folder whole; 1 the run folder is not as it was recorded, or reading the file
    crashed or hung; 2 no model, a damaged one, or usage.

    \b
    Example:
      modelport inspect run/model.tflite
      modelport inspect run --json
    """
    from ...runtimes.inspect.inspect_artifact import inspect_artifact
    from ...runtimes.inspect.inspect_run import inspect_run, is_run_folder
    from ..text.inspection_lines import inspection_lines, run_lines

    if is_run_folder(path):
        run = inspect_run(path)
        value, lines, code = run.to_json(), run_lines(run), run.exit_code
    else:
        inspection = inspect_artifact(path, timeout_s=limit_seconds)
        value, lines, code = inspection.to_json(), inspection_lines(inspection), 0
    click.echo(json.dumps(value, indent=2, ensure_ascii=False) if as_json else "\n".join(lines))
    context.exit(code)
