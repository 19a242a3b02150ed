"""`modelport init`."""

from pathlib import Path

import click

from ...contract.errors import UsageError


@click.command()
@click.argument("file", default="modelport.toml", type=click.Path(path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace FILE.")
def init(file: Path, overwrite: bool) -> None:
    """Write FILE (default: modelport.toml), with every option of the way from photos to deliveries, commented.

    It is valid as it is: put your photos into the folder photos, beside it, and run modelport ship.

    \b
    Example:
      modelport init
      modelport ship modelport.toml --dry-run
    """
    from ...assets.ship.plan.template import template
    from ...contract.files.atomic_write import write_text

    if file.is_dir():
        raise UsageError("output is a folder", where=file, fix=f"modelport init {file / 'modelport.toml'}")
    if file.exists() and not overwrite:
        raise UsageError("output exists", where=file, fix="choose another name, or pass --overwrite")
    write_text(file, template())
    click.echo(f"wrote {file}. Next: photos/CLASS/*.jpg beside it, then modelport ship {file}")
