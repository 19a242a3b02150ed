"""`modelport ship`."""

import json
from pathlib import Path

import click

from ..narration import Terminal
from ..options.judging_options import answers_folder
from ..quiet import quiet
from ..require import require_extra


@click.command()
@click.argument("file", default="modelport.toml", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option(
    "--from",
    "start",
    metavar="STEP",
    help="Do this step again, and all that follow, also where nothing changed: prepare, train, convert, quantize, "
    "validate, choose, or deliver.flutter and so on. From train, the run is replaced.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
@click.pass_context
def ship(context: click.Context, file: Path, dry_run: bool, start: str | None, as_json: bool) -> None:
    """Go the whole way from photos to deliveries, as FILE says (default: modelport.toml; modelport init writes one).

    Only what changed is done: photos, options, files and versions are compared by their hashes. Stopped anywhere, the
    same command goes on, a training after its last whole epoch. What fails is not delivered.

    \b
    Exit codes: 0 all is done, 1 judged and failed, 2 usage or input.

    \b
    Example:
      modelport init
      modelport ship modelport.toml --dry-run
      modelport ship modelport.toml
    """
    from ...assets.ship.plan.read_file import read_ship_file

    plan = read_ship_file(file)
    require_extra("tensorflow", needed_for="modelport ship")
    narrator = Terminal()
    for note in plan.notes:
        narrator.say(note)
    with quiet(plan.run, "ship"):
        from ...assets.ship.ship import ship as go

        done = go(plan, start=start, dry_run=dry_run, narrator=narrator, cache=answers_folder())
    from ..text.ship_table import print_ship, ship_to_json

    if as_json:
        click.echo(json.dumps(ship_to_json(plan, done), indent=2, ensure_ascii=False))
    else:
        print_ship(plan, done)
    for error in done.errors:
        click.echo(f"Error: {error}", err=True)
    context.exit(done.exit_code)
