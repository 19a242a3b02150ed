"""`modelport prepare IMAGES DATASET`."""

import json
from typing import Any

import click

from ...training.prepare.options import PrepareOptions, parse_ratios
from ..narration import Terminal
from ..options.older_spellings import source_and_destination
from ..options.option_of import click_option


@click.command()
@click.argument("words", nargs=-1, metavar="IMAGES DATASET")
@click_option(PrepareOptions, "ratios")
@click_option(PrepareOptions, "seed")
@click_option(PrepareOptions, "groups")
@click_option(PrepareOptions, "group_by")
@click_option(PrepareOptions, "copy")
@click_option(PrepareOptions, "overwrite")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.option("--input_dir", hidden=True, help="Older spelling of IMAGES.")
@click.option("--output_dir", hidden=True, help="Older spelling of DATASET.")
def prepare(ratios: str | None, as_json: bool, **given: Any) -> None:
    """Split IMAGES, a folder of class folders, into train, val and test below DATASET.

    Every file is decoded; what cannot be is left out and listed in DATASET/dataset.json. Identical files, and the
    images of one group, always land in one split. IMAGES that has train, val and test already keeps them.

    \b
    Example:
      modelport prepare photos dataset
      modelport prepare photos dataset --group-by '(signer[0-9]+)_' --overwrite
    """
    source, destination = source_and_destination(given, "IMAGES")
    chosen = PrepareOptions(ratios=parse_ratios(ratios) if ratios else None, **given)
    from ...training.prepare.prepare import prepare as run_stage

    summary = run_stage(source, destination, chosen, Terminal())
    click.echo(json.dumps(summary.to_json(), indent=2) if as_json else summary.to_text())
