"""`modelport doctor`."""

import json

import click

from ..narration import Terminal


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look at this machine: versions, GPU, memory, disk; say what will not work here, why, and what to paste.

    \b
    Exit codes: 0 nothing that is installed is broken (a missing extra is a note), 1 something is.

    \b
    Example:
      modelport doctor --json > doctor.json
    """
    from ...runtimes.doctor.examine import examine
    from ...runtimes.doctor.finding import exit_code_of
    from ..text.finding_lines import to_text

    findings = examine(Terminal())
    code = exit_code_of(findings)
    if as_json:
        document = {"exit_code": code, "findings": [finding.to_json() for finding in findings]}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        click.echo(to_text(findings))
    context.exit(code)
